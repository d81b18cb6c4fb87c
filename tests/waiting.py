"""Waiting for what other processes and threads do: until it has happened, with the patience of a
busy machine, never for so and so many seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

WITHIN_S = 60.0
LOOK_S = 0.05


def eventually(
    holds: Callable[[], object],
    what: Callable[[], object] | None = None,
    within_s: float = WITHIN_S,
    look_s: float = LOOK_S,
) -> None:
    """Wait for a condition, looked at every `look_s`. What it gave last, or `what` gives then, is
    told where it never holds."""
    until = time.monotonic() + within_s
    while not (found := holds()):
        assert time.monotonic() < until, what() if what else found
        time.sleep(look_s)
