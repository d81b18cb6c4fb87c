"""The live feed: what happens in the house, to every console that is open, at once.

PostgreSQL tells of each committed change (migrations 0005 and 0006, NOTIFY); one thread a process
listens and wakes the visitors' streams. A stream carries no facts, only what is to be asked for
anew, so nothing can be seen through it that its page would not show. After the thread or a stream
has been away, everything is to be asked for anew: a missed word is never a missed alarm.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import structlog

log = structlog.get_logger()

CHANNEL = "console"
BEAT_S = 10.0
"""A stream says at least so often that it is there, and notices that nobody reads it."""
LONGEST_S = 300.0
"""Then the browser comes again, through the door: who was let go, is gone."""
AGAIN_AFTER_S = 1.0
ANEW = ("incidents", "calls", "tickets", "orders")
"""The parts of the centre, and the board."""
UNHURRIED = frozenset({"orders"})
"""Told at most once in UNHURRIED_S: on a busy morning orders change many times a second, and a
board that is asked for anew each time helps nobody."""
UNHURRIED_S = 1.0


class Full(RuntimeError):
    """Every seat is taken, or the process is about to end. Streams hold a thread each; those that
    answer WeChat are not theirs."""


class Stream:
    """One visitor's: news that is not sent yet, each once."""

    def __init__(self) -> None:
        self._news: dict[str, str] = {}
        self._woken = False
        self._unhurried_from = 0.0
        self._there_is = threading.Condition()

    def put(self, news: dict[str, str]) -> None:
        with self._there_is:
            self._news.update(news)
            self._woken = self._woken or not news or not UNHURRIED.issuperset(news)
            self._there_is.notify()

    def take(self, wait_s: float) -> dict[str, str]:
        """What there is, waited for; empty when nothing came."""
        with self._there_is:
            until = time.monotonic() + wait_s
            while not self._is_due() and (now := time.monotonic()) < until:
                self._there_is.wait(self._next_look(until) - now)
            if not self._is_due():
                return {}
            news, self._news, self._woken = self._news, {}, False
            if not UNHURRIED.isdisjoint(news):
                self._unhurried_from = time.monotonic() + UNHURRIED_S
            return news

    def _is_due(self) -> bool:
        return self._woken or (bool(self._news) and time.monotonic() >= self._unhurried_from)

    def _next_look(self, until: float) -> float:
        return min(until, self._unhurried_from) if self._news else until


class Feed:
    """One for a process."""

    def __init__(self, database_url: str, seats: int) -> None:
        self._url = database_url
        self._seats = threading.BoundedSemaphore(seats)
        self._streams: set[Stream] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._reader: threading.Thread | None = None

    def events(self) -> Iterator[str]:
        """The text of a stream of server-sent events. Raises Full, before anything is sent."""
        if self._closed or not self._seats.acquire(blocking=False):
            raise Full
        return self._events()

    def _events(self) -> Iterator[str]:
        stream = Stream()
        stream.put(dict.fromkeys(ANEW, ""))
        began = time.monotonic()
        try:
            with self._lock:
                self._streams.add(stream)
                if self._reader is None:
                    self._reader = threading.Thread(target=self._read, name="feed", daemon=True)
                    self._reader.start()
            yield "retry: 1000\n\n"
            while not self._closed and time.monotonic() - began < LONGEST_S:
                news = stream.take(BEAT_S)
                said = "".join(f"event: {name}\ndata: {what}\n\n" for name, what in news.items())
                yield said or ": still here\n\n"
        finally:
            with self._lock:
                self._streams.discard(stream)
            self._seats.release()

    def close(self) -> None:
        """The process ends: so does every stream, and the browsers find another process."""
        self._closed = True
        self._tell({})

    def _tell(self, news: dict[str, str]) -> None:
        with self._lock:
            for stream in self._streams:
                stream.put(news)

    def _read(self) -> None:
        while True:
            try:
                with psycopg.connect(self._url, autocommit=True, connect_timeout=2) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._tell(dict.fromkeys(ANEW, ""))
                    while True:
                        for note in connection.notifies(timeout=BEAT_S, stop_after=1):
                            self._tell(news_of(note.payload))
                        connection.execute("SELECT 1")  # a line that died says nothing by itself
            except psycopg.Error as error:
                log.warning("feed_away", error=type(error).__name__)
                time.sleep(AGAIN_AFTER_S)
            except Exception:
                log.exception("feed_failed")
                time.sleep(AGAIN_AFTER_S)


def news_of(payload: str) -> dict[str, str]:
    """Event names, with what each is about, of a note such as `ring:34`."""
    what, _, number = payload.partition(":")
    match what:
        case "incident":
            return {"incidents": number, f"incident-{number}": number}
        case "order":
            return {"orders": number}
        case "ticket":
            return {"tickets": number}
        case "ring":
            return {"calls": number, "ring": number}
        case "call":
            return {"calls": number, f"call-{number}": number}
        case "picked":
            return {"calls": number, "picked": number}
        case "turn":
            return {f"call-{number}": number}
        case _:
            return {}
