// What lives on a page: clocks of alarms, the line to the house, a ring that opens its file.
(() => {
  const $ = (query, from = document) => from.querySelector(query);
  const WITHIN_S = [60, 180]; // alarms are answered within these (telecare centres' own yardstick)
  const WORDS = ["60 秒内", "过了 60 秒", "过了 180 秒"];
  const title = document.title;
  let ahead = 0; // of the house's clock before this machine's, milliseconds
  let waited = 0;

  function readClock() {
    const strip = $("[data-now]");
    if (strip) ahead = Date.parse(strip.dataset.now) - Date.now();
  }

  function tick() {
    for (const clock of document.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.floor((Date.now() + ahead - Date.parse(clock.dataset.since)) / 1000));
      const phase = WITHIN_S.filter((limit) => seconds >= limit).length;
      const minutes = Math.floor(seconds / 60);
      clock.dataset.phase = phase;
      clock.textContent = `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
      clock.title = WORDS[phase];
    }
  }

  // -- the line ------------------------------------------------------------------------------

  function sayLine(up) {
    for (const line of document.querySelectorAll("[data-line]")) {
      line.textContent = up ? "实时" : "断线了，正在重连，每 20 秒自动刷新";
      line.dataset.up = up;
    }
    document.body.dataset.up = up;
  }
  document.addEventListener("htmx:sseOpen", (event) => {
    sayLine(true);
    const source = event.detail.source;
    if (source.heard) return; // the browser itself has come back on the same line
    source.heard = true;
    source.addEventListener("ring", (ring) => open(`/console/calls/${ring.data}/ringing`, "[data-busy], .ordering, [data-on]"));
    // Whoever picks up has her file, also when another call rang later; the others get nothing.
    source.addEventListener("picked", (call) => open(`/console/calls/${call.data}/mine`, "[data-busy], .ordering"));
  });
  document.addEventListener("htmx:sseError", () => sayLine(false));

  function open(path, unless) {
    // Whoever is in the midst of something is not torn away: the call waits in the list.
    const file = $("#file");
    if (file && !$(unless, file)) htmx.ajax("GET", path, { target: "#file" });
  }

  // What was asked for later stays, whichever comes first.
  let asked = 0;
  let drawn = 0;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target.id === "file") event.detail.xhr.asked = ++asked;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const mine = event.detail.xhr.asked;
    if (!mine || !event.detail.shouldSwap) return;
    if (mine < drawn) event.preventDefault();
    else drawn = mine;
  });

  // -- alarms --------------------------------------------------------------------------------

  function noticeAlarms() {
    const strip = $("[data-waiting]");
    const waiting = strip ? Number(strip.dataset.waiting) : 0;
    document.title = waiting ? `（${waiting}）警情 · ${title}` : title;
    if (waiting > waited) ring();
    waited = waiting;
  }

  function ring() {
    if (!navigator.userActivation?.hasBeenActive) return; // browsers allow no sound before
    const sound = new AudioContext();
    for (const [at, pitch] of [[0, 880], [0.25, 660], [0.5, 880]]) {
      const tone = sound.createOscillator();
      const loud = sound.createGain();
      tone.frequency.value = pitch;
      loud.gain.setValueAtTime(0.2, sound.currentTime + at);
      loud.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + at + 0.22);
      tone.connect(loud).connect(sound.destination);
      tone.start(sound.currentTime + at);
      tone.stop(sound.currentTime + at + 0.24);
    }
    setTimeout(() => sound.close(), 1500);
  }

  // -- the finger ----------------------------------------------------------------------------

  // News draws nothing anew while something is being pressed: the press would go nowhere.
  const LONGEST_PRESS_MS = 5000; // or nobody told us that it was let go
  const BY_ITSELF = '[hx-trigger*="sse:"], [hx-trigger*="from:body"]';
  const held = new Map(); // what is asked for anew once it is let go, and where
  let pressed;
  function letGo() {
    clearTimeout(pressed);
    pressed = undefined;
    for (const [part, path] of held) htmx.ajax("GET", path, { source: part });
    held.clear();
  }
  document.addEventListener("pointerdown", () => {
    clearTimeout(pressed);
    pressed = setTimeout(letGo, LONGEST_PRESS_MS);
  }, true);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(letGo), true); // after the click
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.requestConfig.elt;
    if (!pressed || !part.matches(BY_ITSELF)) return;
    event.preventDefault();
    held.set(part, event.detail.pathInfo.requestPath);
  });

  // -- troubles ------------------------------------------------------------------------------

  let hides;
  function toast(words) {
    const box = $("#toast");
    box.textContent = words;
    clearTimeout(hides);
    hides = setTimeout(() => (box.textContent = ""), 6000);
  }
  document.addEventListener("htmx:sendError", () => toast("网络断了，刚才那一步没有送出去，请再按一次。"));
  document.addEventListener("htmx:timeout", () => toast("等得太久了，请再按一次；做过的不会重复。"));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 400) toast("这一页放得太久了，请刷新再做。");
    else if (status === 403) toast("这一步不归您的岗位。");
    else toast("这一步没有成功，请再按一次。");
  });

  document.addEventListener("click", (event) => {
    const empties = event.target.closest("[data-empty]");
    if (empties) $(empties.dataset.empty).replaceChildren();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "incidents") {
      readClock();
      noticeAlarms();
      sayLine(document.body.dataset.up !== "false");
    }
    if (event.target.id === "file" && !event.target.contains(document.activeElement)) event.target.focus({ preventScroll: matchMedia("(min-width: 821px)").matches });
    if (event.target.id === "order") {
      const fits = event.target.offsetHeight < innerHeight;
      event.target.scrollIntoView({ block: fits ? "nearest" : "start" });
    }
    tick();
  });
  readClock();
  noticeAlarms();
  tick();
  setInterval(tick, 500);
})();
