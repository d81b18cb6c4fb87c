"""So many requests are worked on at a time, and the rest wait their turn.

A server thread is held by each open live feed, so there are more threads than requests that the
database and Rasa should see at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class AtOnce:
    """A WSGI application before another. `but` is the path of streams, which only wait."""

    def __init__(self, app: WSGIApplication, at_once: int, but: str) -> None:
        self._app = app
        self._turns = threading.BoundedSemaphore(at_once)
        self._but = but

    def __call__(self, environ: WSGIEnvironment, start: StartResponse, /) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == self._but:
            return self._app(environ, start)
        with self._turns:
            return self._app(environ, start)
