"""All that happened while the house is tried, in order, for the pages that are open."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import httpx
import structlog

from tests.standin.wechat.phone import Message, Phone

KEPT = 3000
"""So many of the last are there for a page that is opened later."""
LISTEN_S = 20.0
AGAIN_S = 1.0

log = structlog.get_logger()


@dataclass(frozen=True)
class One:
    """Something that happened. `what`: chat, phone."""

    no: int
    what: str
    data: dict[str, Any]


class News:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._all: list[One] = []
        self._came = threading.Condition()
        self._count = 0

    def tell(self, what: str, **data: Any) -> None:
        """Something happened."""
        with self._came:
            self._count += 1
            self._all.append(One(self._count, what, data))
            del self._all[:-KEPT]
            self._came.notify_all()

    def after(self, no: int, wait_s: float) -> list[One]:
        """What came after number `no`; waits for the first of it, at most so long."""

        def later() -> list[One]:
            return [one for one in self._all if one.no > no]

        with self._came:
            # A number that was not given yet is of a process before this one.
            no = no if no <= self._count else 0
            self._came.wait_for(later, wait_s)
            return later()


class Chats:
    """Follows every chat of the stand-in, and tells of each line."""

    def __init__(self, standin_url: str, news: News) -> None:
        self._standin_url, self._news = standin_url, news

    def start(self) -> None:
        """In a thread of its own, as long as the process lives."""
        threading.Thread(target=self._follow, name="chats", daemon=True).start()

    def _follow(self) -> None:
        after = 0
        while True:
            try:
                lines = Phone.everyone(self._standin_url, after=after, wait_s=LISTEN_S)
            except (httpx.HTTPError, ValueError) as error:
                log.info("standin_away", error=type(error).__name__)
                after = 0  # started anew it counts from the beginning, and has nothing old to tell
                time.sleep(AGAIN_S)
                continue
            for line in lines:
                after = line.seq
                self._news.tell("chat", **shown(line))


def shown(line: Message) -> dict[str, Any]:
    """A line of a chat as the page needs it."""
    return {key: value for key, value in asdict(line).items() if value not in (None, [], {})}


def stream(news: News, after: int, words_of: Callable[[One], str]) -> Iterator[str]:
    """Server-sent events, from the next after number `after`, without an end; a breath now and
    then keeps the way open and finds out who has left."""
    while True:
        fresh = news.after(after, LISTEN_S)
        if not fresh:
            yield ": \n\n"
        for one in fresh:
            after = one.no
            yield f"id: {one.no}\nevent: {one.what}\ndata: {words_of(one)}\n\n"
