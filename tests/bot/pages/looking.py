"""A page in WeChat: as every page, and not wider than the phone."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from tests import browser

DESK: ViewportSize = {"width": 1366, "height": 768}
"""WeChat is on people's computers, too."""


def look(page: Page, folder: Path | None, name: str) -> None:
    """The whole page as it is seen on a phone and at a desk; see tests.browser."""
    on_phone = page.viewport_size
    assert on_phone is not None
    for size, end in ((on_phone, ""), (DESK, "-desk")):
        page.set_viewport_size(size)
        browser.look(page, folder, f"{name}{end}", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name}{end} is {wide} px too wide"
    page.set_viewport_size(on_phone)
