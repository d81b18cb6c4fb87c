// Chat windows: each is the WeChat of whoever is chosen in it.
import { ask } from "./ask.js";
import { record } from "./microphone.js";

const words = document.getElementById("words-of").dataset;
const pages = document.querySelector("meta[name=pages]").content;
const LINK = /<a href="([^"]+)">([^<]*)<\/a>/g;
const LONGEST_MS = 59000;
const lines = new Map();
const windows = [];

export function line(one) {
  if (!lines.has(one.openid)) lines.set(one.openid, []);
  lines.get(one.openid).push(one);
  for (const place of windows) if (place.who() === one.openid) place.add(one);
}

/** After a break everything is told again from where it stopped; a new house tells it all anew. */
export function forget() {
  lines.clear();
  for (const place of windows) place.show();
}

function link(openid, url, text) {
  const a = document.createElement("a");
  a.textContent = text;
  a.href = url.startsWith(pages) ? `/go?as=${encodeURIComponent(openid)}&to=${encodeURIComponent(url)}` : url;
  a.target = "_blank";
  a.rel = "noopener";
  return a;
}

function written(openid, text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    parts.push(text.slice(at, found.index), link(openid, found[1], found[2]));
    at = found.index + found[0].length;
  }
  parts.push(text.slice(at));
  return parts;
}

/** What somebody did that is no text: [voice], [menu ORDER], … */
function done(section, text) {
  const found = /^\[(\w+) ?(.*)\]$/s.exec(text);
  if (!found) return text;
  const [, what, which] = found;
  const name = [...section.querySelectorAll("[data-key], [data-view]")].find((one) => which && (one.dataset.key === which || one.dataset.view === which));
  return `${words[what] ?? what}${name ? `“${name.textContent}”` : ""}`;
}

class Chat {
  constructor(section) {
    this.section = section;
    this.list = section.querySelector(".lines");
    this.select = section.querySelector(".who");
    this.select.addEventListener("change", () => this.show());
    section.querySelector("form").addEventListener("submit", (event) => this.send(event));
    section.addEventListener("click", (event) => this.tap(event));
    section.querySelector(".file").addEventListener("change", (event) => this.file(event.target));
    section.querySelector(".record").addEventListener("click", (event) => this.record(event.currentTarget));
    this.show();
  }

  who() { return this.select.value; }

  ask(what, body, query = "") { return ask(`/chat/${encodeURIComponent(this.who())}/${what}${query}`, body); }

  show() {
    this.list.replaceChildren();
    for (const one of lines.get(this.who()) ?? []) this.add(one);
    if (!this.list.children.length) {
      const empty = document.createElement("li");
      empty.className = "nothing";
      empty.textContent = words.empty;
      this.list.append(empty);
    }
    const role = this.select.selectedOptions[0].dataset.role;
    this.section.querySelector(".ideas").replaceChildren(document.getElementById(`ideas-${role}`).content.cloneNode(true));
    for (const view of this.section.querySelectorAll("[data-view]")) {
      view.href = `/go?as=${encodeURIComponent(this.who())}&to=${encodeURIComponent(view.dataset.view)}`;
    }
  }

  add(one) {
    this.list.querySelector(".nothing")?.remove();
    const item = document.createElement("li");
    item.className = one.via;
    if (one.via === "sent") {
      item.append(done(this.section, one.text));
    } else if (one.choices) {
      const choices = one.choices.map((choice) => choice.content);
      item.append(one.text.split("\n").filter((row) => !choices.includes(row)).join("\n"));
      for (const choice of one.choices) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "choice";
        button.textContent = choice.content;
        button.addEventListener("click", () => this.ask("choose", { text: choice.content, id: choice.id }));
        item.append(button);
      }
    } else {
      if (one.via === "template") item.dataset.kind = words.template;
      item.append(...written(one.openid, one.text));
      if (one.url) item.append("\n", link(one.openid, one.url, words.detail));
    }
    this.list.append(item);
    this.list.scrollTop = this.list.scrollHeight;
  }

  async say(text) {
    const button = this.section.querySelector("form .main");
    button.disabled = true;
    await this.ask("say", { text });
    button.disabled = false;
  }

  send(event) {
    event.preventDefault();
    const input = event.target.elements.text;
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    this.say(text);
  }

  tap(event) {
    const button = event.target.closest("button, [data-view]");
    if (!button) return;
    if (button.parentElement.classList.contains("ideas")) this.say(button.textContent);
    else if (button.dataset.key) this.ask("tap", { key: button.dataset.key });
    else if (button.classList.contains("place")) this.ask("place");
    if (button.closest(".menu")) button.closest("details").open = false;
  }

  async file(input) {
    const [file] = input.files;
    input.value = "";
    if (file) await this.ask("voice", file);
  }

  async record(button) {
    if (this.stop) { this.stop(); return; }
    const finish = await record();
    if (!finish) return;
    button.setAttribute("aria-pressed", "true");
    const late = setTimeout(() => this.stop?.(), LONGEST_MS);
    this.stop = () => {
      clearTimeout(late);
      this.stop = null;
      button.setAttribute("aria-pressed", "false");
      const { sound, rate } = finish();
      if (sound.size) this.ask("voice", sound, `?rate=${rate}`);
    };
  }
}

for (const section of document.querySelectorAll(".chat")) windows.push(new Chat(section));
