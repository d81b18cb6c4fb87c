// The page's line to the house: what happened, in order, from the beginning.
import { forget, line } from "./chats.js";
import { happened } from "./phone.js";

const state = document.getElementById("line-state");
let last = 0;

if (document.querySelector(".chat")) {
  const news = new EventSource("/news");
  const told = (take) => (event) => {
    const no = Number(event.lastEventId);
    if (no <= last) forget(); // a house that was started anew counts from one
    last = no;
    take(JSON.parse(event.data));
  };
  news.addEventListener("chat", told(line));
  news.addEventListener("phone", told(happened));
  news.onopen = () => { state.textContent = state.dataset.up; state.className = "up"; };
  news.onerror = () => { state.textContent = state.dataset.down; state.className = "down"; };
} else {
  state.hidden = true;
}
