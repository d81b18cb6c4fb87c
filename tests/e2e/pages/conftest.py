"""Stories that are seen in Chromium and talked about with a real Rasa."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import a_chromium


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Ended with the last of these stories: nobody else may have an event loop meanwhile."""
    yield from a_chromium()
