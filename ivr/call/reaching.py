"""Humans are rung for one caller, in rounds, until one of them has her or she has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Protocol

import structlog

from ivr.call.actions import ALARM
from ivr.sip.call import Call, CallEnded

ROUNDS = 5
"""So often the agents are rung for a caller who stays on; for an alarm, as long as she does."""
AGAIN_S = 15.0
"""After the last of them has not picked up."""

log = structlog.get_logger()


class Humans(Protocol):
    """Who can be rung for a caller (ivr.humans)."""

    async def bring(self, call: Call, why: str, joining: Callable[[str], None]) -> bool: ...


class Reaching:
    """For one call. `joined` is told when a human hears the caller from now on, and at which
    telephone; `handed` after each round whether one was reached, which is after they have
    talked."""

    def __init__(
        self,
        call: Call,
        humans: Humans,
        joined: Callable[[str], None],
        handed: Callable[[bool], None],
    ) -> None:
        self._call, self._humans = call, humans
        self._tell_joined, self._tell_handed = joined, handed
        self._why = ""
        self._joined = self.reached = False
        self._task: asyncio.Task[None] | None = None

    def begin(self, why: str) -> None:
        """Ring them. For an alarm all are rung at once, also if one is being rung already."""
        if self._task is not None and not self._task.done():
            if self._why in (ALARM, why) or self._joined:
                return
            self._task.cancel()
        if self.reached:  # they have talked
            return
        self._why = why
        self._task = asyncio.create_task(self._ring(why))

    async def end(self) -> None:
        """The caller has gone. Nobody is rung any more; who has talked with her is let finish."""
        if self._task is None:
            return
        if not self._joined:
            self._task.cancel()
        await asyncio.wait({self._task})

    async def _ring(self, why: str) -> None:
        for _ in self._rounds(why):
            try:
                self.reached = await self._humans.bring(self._call, why, self._join)
            except Exception as error:
                if self._call.ended:
                    self.reached = self._joined
                    return
                log.error("no_human_brought", error=type(error).__name__)
                self._joined = False
            self._tell_handed(self.reached)
            if self.reached:
                return
            with suppress(CallEnded):
                await self._call.pause(AGAIN_S)
            if self._call.ended:
                return

    def _rounds(self, why: str) -> Iterator[int]:
        return count() if why == ALARM else iter(range(ROUNDS))

    def _join(self, telephone: str) -> None:
        self._joined = True
        self._tell_joined(telephone)
