"""So many requests are worked on at a time, and the rest wait their turn.

A server thread is held by each open live feed, so there are more threads than requests that the
database and Rasa should see at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ARRIVED = "yinling.arrived"


def arrived_at(environ: Mapping[str, Any]) -> float:
    """When the request came (time.monotonic): whoever sent it counts its turn in the queue too."""
    came: float = environ.get(_ARRIVED, time.monotonic())
    return came


class AtOnce:
    """A WSGI application before another. `but` is the path of streams, which only wait."""

    def __init__(self, app: WSGIApplication, at_once: int, but: str) -> None:
        self._app = app
        self._turns = threading.BoundedSemaphore(at_once)
        self._but = but

    def __call__(self, environ: WSGIEnvironment, start: StartResponse, /) -> Iterable[bytes]:
        environ[_ARRIVED] = time.monotonic()
        if environ.get("PATH_INFO") == self._but:
            return self._app(environ, start)
        with self._turns:
            return self._app(environ, start)
