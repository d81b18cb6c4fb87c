"""Failing on command."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass

from tests.standin.wechat.refusal import Refused


@dataclass
class Fault:
    """What shall go wrong at ``path`` the next ``times`` calls."""

    path: str
    times: int = 1
    errcode: int | None = None
    http_status: int | None = None
    delay_s: float = 0.0
    """Waits, then goes on as usual (or with the errcode, the status)."""


class HttpFault(Exception):  # noqa: N818
    def __init__(self, status: int) -> None:
        self.status = status


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._limits: dict[str, int] = {}
        self.calls: Counter[str] = Counter()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
            self._limits.clear()

    def limit(self, path: str, calls: int) -> None:
        """Today's quota of ``path``: after this many further calls, 45009."""
        with self._lock:
            self._limits[path] = calls

    def strike(self, path: str) -> None:
        """Counts a call and lets its fault happen, if one waits for it."""
        with self._lock:
            self.calls[path] += 1
            if path in self._limits:
                self._limits[path] -= 1
                if self._limits[path] < 0:
                    raise Refused(45009)
            fault = next((f for f in self._faults if f.path == path and f.times > 0), None)
            if fault is None:
                return
            fault.times -= 1
        time.sleep(fault.delay_s)
        if fault.http_status is not None:
            raise HttpFault(fault.http_status)
        if fault.errcode is not None:
            raise Refused(fault.errcode)
