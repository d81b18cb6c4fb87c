// Asks the house for something; what is wrong is said on the page.
const key = document.querySelector("meta[name=key]").content;
const place = document.getElementById("trouble");
let hiding = 0;

export function tell(why) {
  place.textContent = place.dataset[why] ?? place.dataset.other;
  place.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { place.hidden = true; }, 9000);
}

/** Whether it was done. `body`: a sound as it is, else an object. */
export async function ask(path, body = {}, quiet = false) {
  const sound = body instanceof ArrayBuffer || body instanceof Blob;
  const headers = { "X-Form-Key": key, "Content-Type": sound ? "application/octet-stream" : "application/json" };
  try {
    const answer = await fetch(path, { method: "POST", headers, body: sound ? body : JSON.stringify(body) });
    if (answer.ok) { place.hidden = true; return true; }
    if (!quiet) tell((await answer.json().catch(() => ({}))).trouble ?? "other");
  } catch {
    if (!quiet) tell("away");
  }
  return false;
}
