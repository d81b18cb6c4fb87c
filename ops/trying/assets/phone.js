// The telephone: rings, speaks, presses, and shows what is said on both sides.
import { ask } from "./ask.js";
import { allowSound, play } from "./loudspeaker.js";
import { openMicrophone } from "./microphone.js";

const words = document.getElementById("words-of").dataset;
const section = document.getElementById("phone");
const ringing = section?.querySelector(".ring");
const LOUD = 0.01;
const A_MOMENT_MS = 120;

let on = { call: 0, state: "idle" };
let since = 0;
let closeMicrophone = null;
let heardS = 0;

function show(text) { document.getElementById("call").textContent = text; }

function stand(state) {
  on.state = state;
  const talking = state === "talking";
  ringing.disabled = state === "talking" || state === "dialling";
  section.querySelector(".hang-up").disabled = !ringing.disabled;
  for (const one of section.querySelectorAll("[data-press], .typing button, .typing input, .ideas button, .more input")) one.disabled = !talking;
  section.querySelector("#hint").hidden = state !== "idle";
  section.dataset.state = state;
  if (!talking && closeMicrophone) microphone();
}

function said(one) {
  const item = document.createElement("li");
  item.className = one.by;
  const who = { you: words.typed, heard: words.heard, keys: words.keys, line: words.line }[one.by];
  const label = document.createElement("small");
  label.textContent = who;
  item.append(label, one.text);
  const list = document.getElementById("told");
  list.append(item);
  list.scrollTop = list.scrollHeight;
}

function level(loud, seconds) {
  document.getElementById("level").value = Math.min(1, loud * 6);
  if (loud > LOUD) heardS += seconds;
  section.dataset.heard = heardS.toFixed(1);
}

async function listen(call) {
  // A call that is long over is told of as well when the page is opened.
  await new Promise((go) => setTimeout(go, A_MOMENT_MS));
  if (on.call !== call || on.state !== "talking") return;
  heardS = 0;
  await play("/phone/sound", level);
}

export function happened(one) {
  if (!ringing) return;
  const told = document.getElementById("call").dataset;
  if (one.state === "dialling") {
    on = { call: one.call, state: "dialling" };
    document.getElementById("told").replaceChildren();
    show(told.dialling);
    stand("dialling");
  } else if (one.call !== on.call) {
    return; // of a call before
  } else if (one.state === "talking") {
    since = Date.now();
    stand("talking");
    show(told.talking);
    listen(one.call);
  } else if (one.state === "over") {
    stand("over");
    const why = document.getElementById("call").getAttribute(`data-why-${one.why}`);
    show(why ? `${told.over}，${why}` : told.over);
  } else if (one.state === "closed") {
    const outcome = document.getElementById("call").getAttribute(`data-outcome-${one.outcome}`);
    if (outcome) show(`${document.getElementById("call").textContent}：${outcome}`);
  } else if (one.by) {
    said(one);
  }
}

function speak(text) {
  const now = document.getElementById("now").checked ? "1" : "";
  return ask("/phone/say", { text, now });
}

async function microphone() {
  const button = section.querySelector(".microphone");
  if (closeMicrophone) {
    closeMicrophone();
    closeMicrophone = null;
    button.setAttribute("aria-pressed", "false");
    return;
  }
  let last = Promise.resolve();
  closeMicrophone = await openMicrophone((piece, rate) => {
    last = last.then(() => on.state === "talking" && ask(`/phone/microphone?rate=${rate}`, piece, true));
  });
  button.setAttribute("aria-pressed", String(closeMicrophone !== null));
}

if (ringing) {
  stand("idle");
  ringing.addEventListener("click", () => {
    allowSound();
    ringing.disabled = true;
    ask("/phone/ring", { number: document.getElementById("number").value }).then((done) => { if (!done) stand(on.state); });
  });
  section.querySelector(".hang-up").addEventListener("click", () => ask("/phone/hang-up"));
  section.querySelector(".microphone").addEventListener("click", microphone);
  section.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const input = event.target.elements.text;
    if (input.value.trim()) speak(input.value.trim());
    input.value = "";
  });
  section.querySelector(".ideas").addEventListener("click", (event) => {
    if (event.target.matches("button")) speak(event.target.textContent);
  });
  section.querySelector(".file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) await ask(`/phone/recording?name=${encodeURIComponent(file.name)}`, file);
  });
  section.querySelector(".keys").addEventListener("click", (event) => {
    const { press } = event.target.dataset;
    if (press) ask("/phone/press", { keys: press });
  });
  setInterval(() => {
    if (on.state !== "talking") return;
    const seconds = Math.round((Date.now() - since) / 1000);
    show(`${document.getElementById("call").dataset.talking} ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
  }, 1000);
}
