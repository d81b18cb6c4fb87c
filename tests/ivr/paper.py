"""Calls on paper: no sockets, no sound, every word to be read afterwards."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from ivr.endpoint import CallEnded
from ivr.voice import Voice


class Aloud(Voice):
    """A voice whose PCM is the text itself."""

    def __init__(self) -> None:
        super().__init__(Path())

    def say(self, text: str, speed: float = 1.0, louder_db: float = 0.0) -> bytes:
        return text.encode()


class PaperCall:
    """Keeps what was said; the caller may hang up after so many sentences."""

    incoming, called, alarm, why_ended = True, "sip:96993@line", None, None
    queued_s = 0.0

    def __init__(self, patience: int = 99, caller: str = "sip:13700137000@pbx") -> None:
        self.id, self.caller, self.keys = "call-1", caller, list[str]()
        self.said: list[str] = []
        self.hung_up = self.ended = False
        self.breathing = threading.Event()
        self._patience = patience
        self._over = asyncio.Event()
        self._after: list[Callable[[PaperCall], None]] = []

    async def answer(self) -> None:
        pass

    async def play(self, pcm: bytes) -> None:
        self.say(pcm)
        await asyncio.sleep(0.01)

    def say(self, pcm: bytes) -> None:
        if len(self.said) == self._patience:
            self.end()
        if self.ended:
            raise CallEnded
        self.said.append(pcm.decode())

    def hush(self) -> int:
        return 0

    async def spoken(self) -> None:
        await asyncio.sleep(0.01)

    async def frames(self) -> AsyncIterator[bytes]:
        await self._over.wait()
        for nothing in ():
            yield nothing

    def on_key(self, tell: Callable[[str], None]) -> None:
        self.press = tell

    def after(self, tell: Callable[[PaperCall], None]) -> None:
        self._after.append(tell)

    def end(self) -> None:
        """They hang up."""
        self.ended = True
        self._over.set()
        for tell in self._after:
            tell(self)

    async def pause(self, seconds: float) -> None:
        self.breathing.set()
        await asyncio.sleep(0.15)
        if self.ended:
            raise CallEnded

    async def hang_up(self) -> None:
        self.hung_up = True
        if not self.ended:
            self.end()
