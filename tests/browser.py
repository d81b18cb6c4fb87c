"""Debian's Chromium for the stories that are seen, and what each page must stand: a look with
axe-core, and a picture where one is asked for."""

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
from playwright.sync_api import Browser, Error, Locator, Page, sync_playwright

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
def carried(page: Page, what: Locator, to: Locator) -> Iterator[None]:
    """`what` is held over `to`, and let go of there at the end.

    Told to the browser itself: Playwright's own drag looks for its beginning within one move of the
    mouse, and a row drawn anew in that moment makes it miss that, after which nothing ends it.
    """
    browser = page.context.new_cdp_session(page)
    began: list[object] = []
    browser.on("Input.dragIntercepted", lambda event: began.append(event["data"]))
    browser.send("Input.setInterceptDrags", {"enabled": True})
    what.hover()
    held = _middle(what) | {"button": "left", "buttons": 1, "clickCount": 1}
    browser.send("Input.dispatchMouseEvent", held | {"type": "mousePressed"})
    for step in range(1, 100):  # it takes some way before a press becomes a drag
        moved = {"type": "mouseMoved", "x": held["x"] + 4 * min(step, 5)}
        browser.send("Input.dispatchMouseEvent", held | moved)
        page.wait_for_timeout(50)
        if began:
            break
    to.scroll_into_view_if_needed()
    over = _middle(to) | {"data": began[0]}
    for kind in ("dragEnter", "dragOver"):
        browser.send("Input.dispatchDragEvent", over | {"type": kind})
    yield
    browser.send("Input.dispatchDragEvent", over | {"type": "drop"})
    browser.send("Input.dispatchMouseEvent", held | _middle(to) | {"type": "mouseReleased"})
    browser.send("Input.setInterceptDrags", {"enabled": False})
    browser.detach()


def _middle(of: Locator) -> dict[str, Any]:
    for _ in range(50):  # drawn anew in the very moment, it has no place
        of.wait_for()
        box = of.bounding_box()
        if box is not None:
            return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    raise AssertionError(f"it does not stay on the page: {of}")
