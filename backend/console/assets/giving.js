// An order is given to a worker: dragged onto a row of the timeline, or chosen by keys. Either way a
// question comes first, which says why not where it cannot be.
(() => {
  const $ = (query, from = document) => from.querySelector(query);
  let carried = null;
  let missed = false; // news that came meanwhile

  // -- by drag -------------------------------------------------------------------------------

  // A press within marked text would carry that text, not the order under it.
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest?.("[data-ask]")) getSelection().removeAllRanges();
  });
  document.addEventListener("dragstart", (event) => {
    carried = event.target.closest?.("[data-ask]");
    if (!carried) return;
    event.dataTransfer.setData("text/plain", carried.textContent.trim());
    event.dataTransfer.effectAllowed = "move";
    document.body.dataset.carries = "";
    mark(carried);
  });
  document.addEventListener("dragend", () => {
    carried = null;
    delete document.body.dataset.carries;
    for (const lane of document.querySelectorAll(".lane.marked")) {
      lane.classList.remove("marked", "fits", "out-of-it");
      $(".why", lane).textContent = lane.dataset.said;
    }
    over(null);
    if (missed) htmx.trigger(document.body, "orders-changed");
    missed = false;
  });
  document.addEventListener("dragover", (event) => {
    const lane = carried && event.target.closest?.("[data-worker]");
    over(lane);
    if (lane) event.preventDefault(); // it may be dropped: where it does not fit, the reason is told
  });
  document.addEventListener("drop", (event) => {
    const lane = carried && event.target.closest?.("[data-worker]");
    if (!lane) return;
    event.preventDefault();
    const address = `${carried.dataset.ask}?worker=${lane.dataset.worker}`;
    htmx.ajax("GET", address, { target: "#giving", swap: "innerHTML" });
  });

  function over(lane) {
    for (const other of document.querySelectorAll(".lane.over")) if (other !== lane) other.classList.remove("over");
    lane?.classList.add("over");
  }

  async function mark(order) {
    const lanes = [...document.querySelectorAll("[data-worker]")];
    const asked = lanes.map((lane) => `worker=${lane.dataset.worker}`).join("&");
    const answer = await fetch(`${order.dataset.marks}?${asked}`).catch(() => null);
    if (!answer?.ok || carried !== order) return;
    const marks = await answer.json();
    for (const lane of lanes) {
      const known = marks[lane.dataset.worker];
      if (!known || carried !== order) continue;
      const why = $(".why", lane);
      lane.dataset.said = why.textContent;
      lane.classList.add("marked", known.fits ? "fits" : "out-of-it");
      why.textContent = `${known.fits ? "✓" : "✕"} ${known.said}`;
    }
  }

  // What is being carried must not be taken out of the hand by news, nor by an answer under way.
  for (const step of ["htmx:beforeRequest", "htmx:beforeSwap"])
    document.addEventListener(step, (event) => {
      if (!carried || event.target.id !== "lanes") return;
      missed = true;
      event.preventDefault();
    });

  // -- the question --------------------------------------------------------------------------

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "giving" && !event.target.open) event.target.showModal();
    if (event.target.id === "fits") $("button", event.target)?.focus();
  });
  document.addEventListener("given", () => $("#giving").close());
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-shut]")) event.target.closest("dialog").close();
  });
})();
