"""A page on somebody's phone: as every page, and not wider than the phone."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests import browser


def look(page: Page, folder: Path | None, name: str) -> None:
    """The whole page as it is seen; see tests.browser."""
    browser.look(page, folder, name, full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
