"""Debian's Chromium for the stories that are seen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from backend.console.showing import STATIC

ARGUMENTS = [
    "--no-sandbox",
    # A microphone that beeps, and a browser that asks nobody for it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


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
