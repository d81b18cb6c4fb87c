// Taps of the pages in WeChat. A tap is sent with a word of its own, so it may be sent again; one
// that a worker's bad network did not take is kept on the telephone and sent when there is a signal.
(() => {
  const KEPT = "yinling.unsent";
  const AGAIN_MS = 5000;
  const LONGEST_MS = 20000;
  const LONGEST_KEPT_MS = 12 * 3600 * 1000; // "I am here" of yesterday is no news and no proof
  const LONGEST_SIDE = 1280;
  const who = document.body.dataset.who;
  const unsent = document.getElementById("unsent");
  const said = document.getElementById("said");
  let sending = false;

  const kept = () => JSON.parse(localStorage.getItem(KEPT) || "[]");
  const keep = (taps) => {
    localStorage.setItem(KEPT, JSON.stringify(taps));
    const mine = taps.filter((tap) => tap.who === who).length;
    unsent.hidden = mine === 0;
    unsent.textContent = mine ? unsent.dataset.text.replace("#", mine) : "";
  };
  const say = (text) => { said.textContent = text; said.hidden = !text; };

  async function send(tap) {
    const body = new FormData();
    for (const [name, value] of tap.fields) {
      if (typeof value === "string") body.append(name, value);
      else body.append(name, new Blob([Uint8Array.from(atob(value.jpeg), (one) => one.charCodeAt(0))], { type: "image/jpeg" }), "photo.jpg");
    }
    body.set("form_key", document.body.dataset.key);
    const patience = new AbortController(); // AbortSignal.timeout is unknown to older telephones
    const bell = setTimeout(() => patience.abort(), LONGEST_MS);
    const answer = await fetch(tap.to, { method: "POST", body, headers: { "X-Tap": "1" }, signal: patience.signal }).finally(() => clearTimeout(bell));
    if (answer.status >= 500) throw new Error("later");
    const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    return { status: answer.status, ...told };
  }

  async function sendKept() {
    if (sending) return;
    sending = true;
    let last = null;
    const all = kept();
    const fresh = all.filter((tap) => Date.now() - tap.at < LONGEST_KEPT_MS);
    if (fresh.length < all.length) {
      keep(fresh);
      say(said.dataset.old);
    }
    try {
      for (let taps = kept(); taps.some((tap) => tap.who === who); taps = kept()) {
        const tap = taps.find((one) => one.who === who);
        last = await send(tap);
        if (last.status === 401) { location.reload(); return; }
        keep(kept().filter((one) => one.tap !== tap.tap));
      }
    } catch { /* still no signal: the next look sends it */ } finally { sending = false; }
    if (last && (last.said || last.status >= 400)) say(last.said || said.dataset.failed);
    else if (last?.go && !kept().length) location.assign(last.go);
  }

  function smaller(file) {
    return createImageBitmap(file).then((picture) => {
      const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      return { jpeg: canvas.toDataURL("image/jpeg", 0.8).split(",")[1] };
    });
  }

  function place(form) {
    return new Promise((done, failed) => {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => { form.elements.lat.value = coords.latitude; form.elements.lon.value = coords.longitude; form.elements.accuracy.value = coords.accuracy; done(); },
        failed,
        { enableHighAccuracy: true, timeout: 10000, maximumAge: 30000 },
      );
    });
  }

  async function fieldsOf(form) {
    const fields = [];
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string") fields.push([name, value]);
      else if (value.size) fields.push([name, await smaller(value)]);
    }
    return fields;
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-tap]")) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    say("");
    try {
      if (form.matches("[data-place]")) {
        try { await place(form); } catch { say(said.dataset.place); return; }
      }
      let fields;
      try { fields = await fieldsOf(form); } catch { say(said.dataset.photo); return; }
      const tap = { who, to: form.getAttribute("action") || location.pathname, tap: form.elements.tap.value, at: Date.now(), fields };
      try {
        const told = await send(tap);
        if (told.status === 401) location.reload();
        else if (told.said || told.status >= 400) say(told.said || said.dataset.failed);
        else location.assign(told.go);
      } catch {
        if (!form.matches("[data-keep]")) { say(said.dataset.again); return; }
        try { keep([...kept().filter((one) => one.tap !== tap.tap), tap]); } catch { say(said.dataset.again); } // no room left
      }
    } finally { button.disabled = false; }
  });

  addEventListener("online", sendKept);
  setInterval(() => { if (kept().some((tap) => tap.who === who)) sendKept(); }, AGAIN_MS);
  keep(kept());
  sendKept();
})();
