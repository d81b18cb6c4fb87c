"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 40.0
"""Longer than an agent's telephone is rung."""


def eventually(
    holds: Callable[[], bool],
    what: Callable[[], str] = lambda: "",
    patience_s: float = PATIENCE_S,
) -> None:
    """Wait for a condition; `what` tells more when it does not come."""
    last = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < last, what()
        time.sleep(0.1)
