"""Calling out: takes the calls that are due, dials, and has those who answer talked with.

The book (rows, ivr/callbook.py) is the truth. A try is counted before it is dialled and leased
while it lasts; a line that dies at any moment leaves a lease that runs out, and the call is made
again by the rule of its reason. No more calls go out at once than callers coming in can spare.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import structlog

from backend.domain.callouts import Missed
from backend.services.ring_callout import LEASE, Leased
from ivr.sip.dialling import NotReached, WhyNot
from nlu.dialogue.turns import Reply
from nlu.prompts import say

AT_ONCE = 4
"""Calls out at a time."""
LOOK_EVERY_S = 2.0
KEEP_EVERY_S = LEASE.total_seconds() / 3
RETRY_S = 1.0
"""Between attempts to write down what became of a call while the database is away."""
TRIES = 30
"""So often; then the lease runs out by itself, and the try is taken for cut."""

_MISSED = {
    WhyNot.BUSY: Missed.BUSY,
    WhyNot.NO_ANSWER: Missed.NO_ANSWER,
    WhyNot.REFUSED: Missed.REFUSED,
    WhyNot.UNREACHABLE: Missed.UNREACHABLE,
    WhyNot.NOT_A_NUMBER: Missed.NOT_A_NUMBER,
}

log = structlog.get_logger()

Line = TypeVar("Line")
"""A call that was answered, as the endpoint has it."""
Got = TypeVar("Got")


@dataclass(frozen=True)
class Conversed:
    """What became of a call that was picked up: whether our first words were heard to their end,
    and whether they said or pressed anything."""

    heard: bool
    spoke: bool


class Book(Protocol):
    """Where calls to make are written (ivr/callbook.py). Blocks; any error means: try again."""

    def take(self, most: int) -> list[Leased]: ...
    def answered(self, leased: Leased) -> bool: ...
    def keep(self, leased: Leased) -> None: ...
    def told(self, leased: Leased, *, spoke: bool) -> None: ...
    def missed(self, leased: Leased, why: Missed) -> None: ...
    def give_back(self, leased: Leased) -> None: ...


Dial = Callable[[str], Awaitable[Line]]
"""Rings a number; the call once it is answered. Raises NotReached."""
Converse = Callable[[Line, int], Awaitable[Conversed]]
"""Says the first words of a callout (`Desk.begin_callout`, by its id) and talks until the call is
over."""
Excuse = Callable[[Line, Reply], Awaitable[None]]
"""Says one sentence and hangs up."""


class Calling(Generic[Line]):
    """Makes the calls of the book while it runs."""

    def __init__(
        self,
        book: Book,
        dial: Dial[Line],
        converse: Converse[Line],
        excuse: Excuse[Line],
        *,
        at_once: int = AT_ONCE,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._book, self._dial, self._converse, self._excuse = book, dial, converse, excuse
        self._at_once, self._look_every_s = at_once, look_every_s
        self._calls: set[asyncio.Task[None]] = set()

    async def run(self, closing: asyncio.Event) -> None:
        """Until `closing` is set; then no new call is begun, and those that are on finish.

        Cancelled, it breaks them off; their leases run out.
        """
        try:
            while not closing.is_set():
                await self._begin_due()
                await self._wait(closing)
            if self._calls:
                await asyncio.wait(self._calls)
        finally:
            for call in self._calls:
                call.cancel()

    async def _begin_due(self) -> None:
        free = self._at_once - len(self._calls)
        if free <= 0:
            return
        try:
            due = await asyncio.to_thread(self._book.take, free)
        except Exception as error:
            log.error("callouts_not_read", error=type(error).__name__)
            return
        for leased in due:
            task = asyncio.create_task(self._call(leased))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    async def _wait(self, closing: asyncio.Event) -> None:
        """Until it is time to look again, a call is over, or we close."""
        told = asyncio.create_task(closing.wait())
        await asyncio.wait(
            {told, *self._calls},
            timeout=self._look_every_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        told.cancel()

    async def _call(self, leased: Leased) -> None:
        keeping = asyncio.create_task(self._keep(leased))
        try:
            with structlog.contextvars.bound_contextvars(callout_id=leased.id):
                await self._ring(leased)
        except Exception:
            log.exception("callout_failed")
            await self._write(self._book.missed, leased, Missed.CUT)
        finally:
            keeping.cancel()

    async def _ring(self, leased: Leased) -> None:
        try:
            line = await self._dial(leased.number)
        except NotReached as missed:
            if missed.why is WhyNot.NO_LINE:
                await self._write(self._book.give_back, leased)
            else:
                log.info("callout_missed", why=missed.why.value)
                await self._write(self._book.missed, leased, _MISSED[missed.why])
            return
        try:
            stands = await asyncio.to_thread(self._book.answered, leased)
        except Exception as error:
            # They stand there with the receiver in hand: tell them, and try again later.
            log.error("callout_not_opened", error=type(error).__name__)
            await self._excuse(line, say("callout.trouble"))
            await self._write(self._book.missed, leased, Missed.CUT)
            return
        if not stands:
            await self._excuse(line, say("callout.nothing_more"))
            return
        over = await self._converse(line, leased.id)
        log.info("callout_over", why=leased.why.value, heard=over.heard, spoke=over.spoke)
        if over.heard:
            await self._write(self._book.told, leased, spoke=over.spoke)
        else:
            await self._write(self._book.missed, leased, Missed.REFUSED)

    async def _keep(self, leased: Leased) -> None:
        while True:
            await asyncio.sleep(KEEP_EVERY_S)
            try:
                await asyncio.to_thread(self._book.keep, leased)
            except Exception as error:
                log.error("callout_not_kept", error=type(error).__name__)

    async def _write(self, write: Callable[..., Any], *what: Any, **how: Any) -> None:
        """Write down what became of a call, also after the database was away for a while."""
        for _ in range(TRIES):
            try:
                await asyncio.to_thread(write, *what, **how)
                return
            except Exception as error:
                log.error("callout_not_written", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
