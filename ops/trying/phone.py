"""A telephone in the browser: one real call over SIP at a time, placed from this process.

The SIP stack keeps its state in the process (`ivr.endpoint`), so there is one call at a time, each
with a stack of its own: the number that rings belongs to the stack.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from ivr.caller import number_of
from ivr.endpoint import Call, CallEnded, Endpoint, NotReached
from ivr.level import FRAME_S, Level
from ivr.voicing import Voicing
from ops.overheard import Overheard, SaidByLine
from ops.ring import CLOCKS_S, CLOSED_WITHIN_S, LOOK_S, CannotRing, caller_settings
from ops.taking_turns import Turns
from ops.trying.news import News
from ops.trying.sounds import Microphone

PATIENCE_S = 15.0
"""What was typed is spoken when the line has finished, and after so long anyhow."""
SMOOTH_S = 0.12
"""Pieces of a microphone come unevenly: so much is kept between them and the line."""
LATE_S = 0.8
"""More than that before the line is dropped: people talk now."""
SOUND_WAITS_S = 1.0
KEPT_S = 1.0
"""So much of the past a listener gets who comes later."""

log = structlog.get_logger()


class Busy(Exception):
    """Somebody rings already."""


class NoCall(Exception):
    """There is no call to speak into."""


@dataclass
class Heard:
    """What the line said, for listeners of other threads: frames of 20 ms."""

    frames: list[bytes] = field(default_factory=list)
    over: bool = False
    came: threading.Condition = field(default_factory=threading.Condition)

    def add(self, frame: bytes) -> None:
        with self.came:
            self.frames.append(frame)
            self.came.notify_all()

    def end(self) -> None:
        with self.came:
            self.over = True
            self.came.notify_all()

    def stream(self) -> Iterator[bytes]:
        """From now on until the call ends, in pieces as they come."""
        at = max(0, len(self.frames) - round(KEPT_S / FRAME_S))
        while True:
            with self.came:
                if len(self.frames) == at and not self.over:
                    self.came.wait(SOUND_WAITS_S)
                fresh, ended = self.frames[at:], self.over
            at += len(fresh)
            if fresh:
                yield b"".join(fresh)
            elif ended:
                return


@dataclass
class _Ringing:
    """One call from its first ring."""

    no: int
    number: str | None
    heard: Heard = field(default_factory=Heard)
    call: Call | None = None
    microphone: Microphone | None = None
    waiting: deque[bytes] = field(default_factory=deque)
    """Words that were typed and are not spoken yet."""
    typed_at: float = 0.0
    turns: Turns = field(default_factory=lambda: Turns(time.monotonic()))
    task: Future[None] | None = None


class PhonePad:
    """Rings the line. Every method may be called from any thread."""

    def __init__(self, line: str, sessions: sessionmaker[Session], news: News) -> None:
        """`line` is the SIP address that is rung; what happens is told in `news`."""
        self._line, self._sessions, self._news = line, sessions, news
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._ringing: _Ringing | None = None
        self._count = 0
        self._following: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """In a thread of its own, as long as the process lives."""
        threading.Thread(target=self._loop.run_forever, name="phone", daemon=True).start()

    def ring(self, number: str | None) -> int:
        """Ring the line from this number; the call's number. Raises Busy, CannotRing."""
        with self._lock:
            if self._ringing is not None:
                raise Busy
            caller_settings(self._line, number)  # says what is wrong before anything is told
            self._count += 1
            ringing = self._ringing = _Ringing(self._count, number)
            self._tell(ringing, state="dialling", number=number)
            ringing.task = asyncio.run_coroutine_threadsafe(self._live(ringing), self._loop)
        return ringing.no

    def say(self, words: str, pcm: bytes, at_once: bool = False) -> None:
        """Speak, when the line has finished or `at_once`. Raises NoCall."""
        ringing = self._talking()
        self._tell(ringing, by="you", text=words)

        def speak() -> None:
            ringing.typed_at = time.monotonic()
            if at_once and ringing.call is not None:
                ringing.call.say(pcm)
            else:
                ringing.waiting.append(pcm)

        self._loop.call_soon_threadsafe(speak)

    def press(self, keys: str) -> None:
        """Press keys. Raises NoCall; ValueError for what is no key."""
        ringing = self._talking()
        assert ringing.call is not None
        pressing = asyncio.run_coroutine_threadsafe(ringing.call.send_keys(keys), self._loop)
        try:
            with suppress(TimeoutError):  # many keys take long, and are on their way all the same
                pressing.result(5)
        except CallEnded as error:
            raise NoCall from error
        self._tell(ringing, by="keys", text=keys)

    def speak_into(self, sound: bytes, rate: int) -> None:
        """A piece of an open microphone, 16 bit at `rate`. Raises NoCall, UnreadableSound."""
        ringing = self._talking()
        if ringing.microphone is None or ringing.microphone.rate != rate:
            ringing.microphone = Microphone(rate)
        pcm = ringing.microphone.piece(sound)

        def speak() -> None:
            if ringing.call is None or ringing.call.queued_s > LATE_S:
                return
            if not ringing.call.queued_s:
                ringing.call.say(bytes(2 * round(SMOOTH_S * 8000)))
            ringing.call.say(pcm)

        self._loop.call_soon_threadsafe(speak)

    def hang_up(self) -> None:
        """End the call, if there is one."""
        with self._lock:
            ringing = self._ringing
        if ringing is None or ringing.task is None:
            return
        if ringing.call is None:
            ringing.task.cancel()
        else:
            asyncio.run_coroutine_threadsafe(ringing.call.hang_up(), self._loop)

    def sound(self) -> Iterator[bytes]:
        """What the line says, PCM of 8 kHz, until the call ends. Raises NoCall."""
        return self._talking().heard.stream()

    def _talking(self) -> _Ringing:
        with self._lock:
            if self._ringing is None or self._ringing.call is None:
                raise NoCall
            return self._ringing

    def _tell(self, ringing: _Ringing, **data: Any) -> None:
        self._news.tell("phone", call=ringing.no, **data)

    # In the thread of the calls

    async def _live(self, ringing: _Ringing) -> None:
        why = "over"
        try:
            why = await self._talk(ringing)
        except NotReached as nobody:
            why = nobody.why.value
        except (CannotRing, OSError) as error:
            log.warning("not_rung", error=type(error).__name__)
            why = "unreachable"
        except asyncio.CancelledError:
            why = "we"
        except Exception:
            log.exception("call_failed")
            why = "unreachable"
        finally:
            ringing.heard.end()
            with self._lock:
                self._ringing = None
            self._tell(ringing, state="over", why=why)

    async def _talk(self, ringing: _Ringing) -> str:
        settings = caller_settings(self._line, ringing.number)
        async with Endpoint(settings, _not_at_home) as endpoint:
            rang_at = clock.now() - timedelta(seconds=CLOCKS_S)
            call = await endpoint.dial(self._line)
            ringing.call = call
            ringing.turns = Turns(time.monotonic())
            self._tell(ringing, state="talking")
            following = asyncio.create_task(self._follow(ringing, call, rang_at))
            self._following.add(following)  # longer than the call: its record is completed later
            following.add_done_callback(self._following.discard)
            speaking = asyncio.create_task(_speak(ringing, call))
            try:
                await _listen(ringing, call)
            finally:
                speaking.cancel()
            return str(call.why_ended or "over")

    async def _follow(self, ringing: _Ringing, call: Call, rang_at: datetime) -> None:
        """Tell of what is written down of the call, until its record is complete."""
        number = number_of(f"sip:{ringing.number}@line") if ringing.number else None
        record = Overheard(self._sessions, call.id, number)
        tell = _teller(lambda **data: self._tell(ringing, **data), record, rang_at)
        outcome: str | None = None
        until: float | None = None
        while outcome is None and (until is None or time.monotonic() < until):
            with suppress(SQLAlchemyError):  # away for a moment: what is written is read later
                await asyncio.to_thread(tell)
                outcome = await asyncio.to_thread(record.outcome)
            if call.ended and until is None:
                until = time.monotonic() + CLOSED_WITHIN_S
            await asyncio.sleep(LOOK_S)
        self._tell(ringing, state="closed", outcome=outcome or "")


def _teller(tell: Callable[..., None], record: Overheard, rang_at: datetime) -> Callable[[], None]:
    def read() -> None:
        for one in record.news(rang_at):
            if isinstance(one, SaidByLine):
                tell(by="line", text=one.text)
            else:
                tell(by="heard", text=one.text, intent=one.intent)

    return read


async def _listen(ringing: _Ringing, call: Call) -> None:
    """Until the call ends."""
    level, voicing = Level(), Voicing()
    async for frame in call.frames():
        ringing.heard.add(frame)
        pcm = level.brought(np.frombuffer(frame, "<i2"))
        if voicing.heard(pcm, level.is_loud):
            ringing.turns.heard(time.monotonic())


async def _speak(ringing: _Ringing, call: Call) -> None:
    """Say what was typed, one after the other, when the line has finished."""
    with suppress(CallEnded):
        while True:
            await call.pause(FRAME_S)
            if not ringing.waiting:
                continue
            now = time.monotonic()
            if ringing.turns.is_ours(now) or now - ringing.typed_at > PATIENCE_S:
                await call.play(ringing.waiting.popleft())
                ringing.turns.spoke(time.monotonic())


async def _not_at_home(call: Call) -> None:
    await call.hang_up(486)
