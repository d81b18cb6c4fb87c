"""Time that a test can move forward, so that 48 hours pass in an instant."""

from __future__ import annotations

import time


class Clock:
    """The stand-in's bookkeeping time: windows, tokens, media, duplicates.

    The timestamps of callbacks are always real time, or the bot would rightly call them stale.
    """

    def __init__(self) -> None:
        self._offset_s = 0.0

    def now(self) -> float:
        """Seconds since 1970, moved forward by what :meth:`advance` was given."""
        return time.time() + self._offset_s

    def advance(self, seconds: float) -> float:
        self._offset_s += seconds
        return self._offset_s
