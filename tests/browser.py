"""Debian's Chromium for the stories that are seen: windows that have patience, links that are
followed to their end, and what each page must stand: a look with axe-core, and a picture where one
is asked for."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import (
    Browser,
    CDPSession,
    Error,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from backend.console.showing import STATIC

ARGUMENTS = [
    "--no-sandbox",
    # A microphone that beeps, and a browser that asks nobody for it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
AXE = Path("backend/console/assets/node_modules/axe-core/axe.min.js")
COLOURS = 128
"""Of a picture: enough for pages without photographs, and a third of the bytes."""
PATIENCE_MS = 60_000
"""For whatever must happen; it ends as soon as it has."""
expect.set_options(timeout=PATIENCE_MS)

LIVE = """() => {
  const live = [...document.querySelectorAll('[hx-get][hx-trigger*="sse:"]')];
  const came = new Set(performance.getEntriesByType("resource").map((one) => one.name));
  return live.every((part) => came.has(new URL(part.getAttribute("hx-get"), location).href));
}"""
"""Whether each live part of a page has been asked for anew, as the line does once when it is up."""


def a_chromium() -> Iterator[Browser]:
    """A browser until the generator goes on; skipped, with the reason, where there is none.

    For a fixture of one package: while it runs, the thread has an event loop, and no other test may
    have one.
    """
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Debian's chromium is not installed here: make browser")
    if not (STATIC / "htmx.min.js").is_file():
        pytest.skip("what the pages need from npm is not here: make assets")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error as error:
            pytest.skip(f"chromium does not start here: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


def window(browser: Browser, size: ViewportSize, troubles: list[str], **more: Any) -> Page:
    """A page in a window of its own, of somebody in Dongguan; an error of its scripts or of the
    content security policy becomes one of `troubles`. `more` as of Playwright's `new_context`."""
    context = browser.new_context(
        viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", **more
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: (
            troubles.append(f"{page.url}: {said.text}") if "Content Security" in said.text else None
        ),
    )
    return page


def follow(link: Locator) -> None:
    """Click on what leads to another page, and wait until that one is there with its scripts: it is
    seen before they hear keys and taps."""
    with link.page.expect_navigation():
        link.click()


def at_rest(page: Page) -> None:
    """Wait until nothing is under way that draws a part of the page anew: whoever clicks on it
    before may have clicked on what is no longer there."""
    expect(page.locator(".htmx-request")).to_have_count(0)


def live(page: Page) -> Page:
    """The page, once its line to the house is up and what that asks for at first has been drawn."""
    expect(page.locator("[data-line]").first).to_contain_text("实时")
    page.wait_for_function(LIVE)
    at_rest(page)
    return page


def look(page: Page, folder: Path | None, name: str, full_page: bool = False) -> None:
    """A picture into `folder`, if there is one; always: nothing serious for axe-core."""
    page.wait_for_load_state("load")
    if folder is not None:
        shot = Image.open(
            io.BytesIO(page.screenshot(full_page=full_page, caret="initial"))
        ).convert("RGB")
        few = shot.quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(folder / f"{name}.png", optimize=True)
    if not AXE.is_file():
        pytest.skip("axe-core is not here: make assets")
    page.evaluate(AXE.read_text("utf-8"))  # past the content security policy, as a debugger may
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations"
        ".filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => [v.id, v.help, v.nodes.map(n => n.html).slice(0, 3)]))"
    )
    assert found == [], f"{name}: {json.dumps(found, ensure_ascii=False, indent=1)}"


@contextmanager
def carried(page: Page, what: Locator, to: Locator, taken: Locator) -> Iterator[None]:
    """`what` is held over `to`, where the page shows `taken`, and let go of there at the end.

    Told to the browser itself: Playwright's own drag looks for its beginning within one move of the
    mouse, and a row drawn anew in that moment makes it miss that, after which nothing ends it. And
    as a person does: who has taken hold of something else lets go of it and takes hold again.
    """
    browser = page.context.new_cdp_session(page)
    browser.send("Input.setInterceptDrags", {"enabled": True})
    what.hover()
    for _ in range(12):
        over = _in_hand(page, browser, what)
        if over is not None and _held_over(page, browser, over, to, taken):
            break
        browser.send("Input.dispatchMouseEvent", _NOWHERE | _LEFT | {"type": "mouseReleased"})
    else:
        raise AssertionError(f"it cannot be carried: {what} to {to}")
    yield
    browser.send("Input.dispatchDragEvent", over | _middle(to) | {"type": "drop"})
    browser.send("Input.dispatchMouseEvent", _middle(to) | _LEFT | {"type": "mouseReleased"})
    browser.send("Input.setInterceptDrags", {"enabled": False})
    browser.detach()


_LEFT = {"button": "left", "buttons": 1, "clickCount": 1}
_NOWHERE = {"x": 1, "y": 1}
"""On nothing that could be clicked."""


def _in_hand(page: Page, browser: CDPSession, what: Locator) -> dict[str, Any] | None:
    """It takes some way before a press becomes a drag; none where it was drawn anew under it."""
    began: list[object] = []
    browser.once("Input.dragIntercepted", lambda event: began.append(event["data"]))
    held = _middle(what) | _LEFT
    browser.send("Input.dispatchMouseEvent", held | {"type": "mousePressed"})
    for step in range(1, 100):
        moved = {"type": "mouseMoved", "x": held["x"] + 4 * min(step, 5)}
        browser.send("Input.dispatchMouseEvent", held | moved)
        page.wait_for_timeout(50)
        if began:
            return {"data": began[0]}
    return None


def _held_over(
    page: Page, browser: CDPSession, over: dict[str, Any], to: Locator, taken: Locator
) -> bool:
    """A browser says again and again that somebody holds it there; whether it would be taken."""
    for _ in range(50):
        to.scroll_into_view_if_needed()
        for kind in ("dragEnter", "dragOver"):  # it may still be scrolling into sight
            browser.send("Input.dispatchDragEvent", over | _middle(to) | {"type": kind})
        if taken.count():
            return True
        page.wait_for_timeout(100)
    browser.send("Input.dispatchDragEvent", over | _middle(to) | {"type": "dragCancel"})
    return False


def _middle(of: Locator) -> dict[str, Any]:
    for _ in range(50):  # drawn anew in the very moment, it has no place
        of.wait_for()
        box = of.bounding_box()
        if box is not None:
            return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    raise AssertionError(f"it does not stay on the page: {of}")
