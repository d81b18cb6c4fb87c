"""What we say in a call: clause by clause, so that we can be cut short and go on from there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from ivr.call.actions import Manner
from ivr.voice import Voice
from nlu.dialogue.turns import Reply

AHEAD_S = 0.3
"""Sound still to be heard when the next clause is handed over: what a busy machine needs."""
LOOK_S = 0.02

log = structlog.get_logger()


class Line(Protocol):
    """The part of a call that a mouth needs."""

    @property
    def queued_s(self) -> float: ...

    def say(self, pcm: bytes) -> None: ...

    def hush(self) -> int: ...

    async def spoken(self) -> None: ...


class Mouth:
    """Says replies one after the other. `began` is called when a clause's first sound is handed
    over, `done` when the last one's last has left."""

    def __init__(
        self, line: Line, voice: Voice, began: Callable[[], None], done: Callable[[], None]
    ) -> None:
        self._line, self._voice = line, voice
        self._began, self._done = began, done
        self._waiting: deque[tuple[str, Manner]] = deque()
        self._handed: deque[tuple[str, Manner]] = deque()
        """What is being heard, and the one made ready meanwhile."""
        self._task: asyncio.Task[None] | None = None

    def say(self, replies: Sequence[Reply], manner: Manner) -> None:
        """After what is being said. What was cut and not resumed is forgotten."""
        if not self._speaks:
            self._waiting.clear()
        for reply in replies:
            self._waiting += [(one, manner) for one in self._voice.clauses(reply.speech)]
        self.resume()

    def hush(self) -> None:
        """Falls silent now, and keeps the rest for `resume`."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._line.hush()
        self._waiting.extendleft(reversed(self._handed))
        self._handed.clear()

    def resume(self) -> None:
        """The rest, from the begin of the clause that was cut."""
        if not self._speaks:
            self._task = asyncio.create_task(self._speak())

    async def close(self) -> None:
        """The call is over."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._task

    @property
    def _speaks(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _speak(self) -> None:
        while self._waiting:
            await self._speak_waiting()
        self._done()

    async def _speak_waiting(self) -> None:
        making = self._make()
        while making is not None:
            pcm = await making
            self._line.say(pcm)
            if pcm:
                self._began()
            making = self._make()  # while this one is heard
            while self._line.queued_s > AHEAD_S:
                await asyncio.sleep(LOOK_S)
            if making is not None:
                self._handed.popleft()
        with suppress(Exception):  # the call is over: its shell hears of it in another way
            await self._line.spoken()
        self._handed.clear()

    def _make(self) -> asyncio.Task[bytes] | None:
        if not self._waiting:
            return None
        self._handed.append(self._waiting.popleft())
        return asyncio.create_task(asyncio.to_thread(self._sound, *self._handed[-1]))

    def _sound(self, text: str, manner: Manner) -> bytes:
        try:
            return self._voice.say(text, manner.speed, manner.louder_db)
        except Exception as error:  # a clause is missing; the call goes on
            log.error("clause_not_spoken", error=type(error).__name__)
            return b""
