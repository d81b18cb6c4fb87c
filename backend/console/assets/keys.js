// The keyboard. A key presses the first thing on the page that bears it (data-key). By its place on
// the keyboard, not by its letter: with a Chinese input method on, there is no letter.
(() => {
  const WRITES = "input:not([type=radio]):not([type=checkbox]), textarea, select";

  function shown(thing) {
    return !thing.disabled && thing.getClientRects().length > 0;
  }

  function press(thing) {
    if (thing.matches("input")) {
      thing.focus();
      if (thing.type === "radio") thing.checked = true;
    } else thing.click();
  }

  function step(by) {
    const items = [...document.querySelectorAll("[data-item] button.row, [data-item] button.open")].filter(shown);
    const at = items.indexOf(document.activeElement);
    items[Math.max(0, Math.min(items.length - 1, at + by))]?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const writes = event.target.matches(WRITES);
    if (event.code === "Escape" && writes) return event.target.blur();
    if (writes) {
      // Searching leads to a file beside what is open here, never away from the page.
      const leads = { ArrowDown: "focus", Enter: "click" }[event.code];
      if (leads && event.target.type === "search" && !event.isComposing) {
        event.preventDefault();
        document.querySelector("#found button")?.[leads]();
      }
      return;
    }
    const arrows = !event.target.matches("input, meter, [role=region]"); // which have their own use
    if (event.code === "KeyJ" || (arrows && event.code === "ArrowDown")) { event.preventDefault(); return step(1); }
    if (event.code === "KeyK" || (arrows && event.code === "ArrowUp")) { event.preventDefault(); return step(-1); }
    const bears = [...document.querySelectorAll(`[data-key="${CSS.escape(event.code)}"]`)].find(shown);
    if (!bears || event.repeat) return;
    event.preventDefault();
    press(bears);
  });
})();
