"""A part that many look at in the same moment is made once for all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable


class Shared:
    """Never stale: whoever asks gets what was begun after they asked. Of fifty who ask at once,
    one waits for their own making, and the rest share the next."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._made: dict[Hashable, tuple[float, str]] = {}

    def get(self, key: Hashable, make: Callable[[], str]) -> str:
        """What `make` makes, now or by somebody else since we asked."""
        asked = time.monotonic()
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            began, made = self._made.get(key, (-1.0, ""))
            if began < asked:
                began = time.monotonic()
                made = make()
                self._made[key] = began, made
            return made
