"""A call and all that it takes: connects the telephone, the ears, the mouth and the desk with the
call's machine, which alone decides.

Everything that blocks runs in threads; what it comes to is told to the machine as an event. The
call is written down before its first word and closed after its last, whatever happens between.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

import structlog

from backend import clock
from ivr.call.actions import (
    Action,
    Ask,
    Cry,
    Expect,
    HandOver,
    HangUp,
    Hush,
    Manner,
    NobodyAnswers,
    Resume,
    Speak,
)
from ivr.call.events import Listened, Said
from ivr.call.happened import Answer, Event, Failed, Gone, Handed, Heard, Key, Spoken, Tick, Up
from ivr.call.machine import Machine, Phase
from ivr.call.mouth import Mouth
from ivr.desk import DATABASE_AWAY, Answered, Desk, Ending, OpenCall, TurnRecord
from ivr.ending import HowEnded
from ivr.listening import Listening
from ivr.nearest import better
from ivr.phrases import Extras, complete, listed
from ivr.sip.call import Call, CallEnded
from ivr.sip.call import Ending as LineEnded
from ivr.voice import Voice
from nlu.expected import NOTHING_ASKED, Expected

TICK_S = 0.1
LAST_SOUND_S = 0.4
"""Between our last sound and hanging up: the other side plays it a little later."""
RETRY_S = (0.5, 1.0, 2.0, 5.0)
"""Waits between attempts to write down what must not be lost; the last goes on."""
TRIES = 60
ROUNDS, RING_AGAIN_S = 5, 15.0
"""How often the agents are rung for a caller who stays on, and how long after the last time."""

log = structlog.get_logger()
Got = TypeVar("Got")


class Humans(Protocol):
    """Who can be rung for a caller (ivr.humans)."""

    async def bring(self, call: Call, why: str, joining: Callable[[], None]) -> bool: ...


@dataclass
class Turn:
    """One exchange as it is timed, in seconds since the call was taken."""

    no: int
    times: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Over:
    """What a call came to: whether our first words were heard to their end, and whether anything
    was said or pressed."""

    heard: bool
    spoke: bool


class Shell:
    """One call from the moment it is known who rings."""

    def __init__(
        self,
        call: Call,
        known: OpenCall,
        opening: Answered,
        desk: Desk,
        voice: Voice,
        humans: Humans,
        likely: Extras,
        listen: Callable[[Callable[[Listened], None]], Listening],
    ) -> None:
        self._call, self._known, self._desk, self._humans = call, known, desk, humans
        self._likely = likely
        manner = Manner() if known.pace is None else Manner(known.pace)
        self._machine = Machine(opening, manner)
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._mouth = Mouth(call, voice, self._first_sound, self._all_spoken)
        self._listening = listen(self._on_listened)
        self._phrases: list[str] = []
        self._expected: Expected = NOTHING_ASKED
        self._turn = Turn(opening.no)
        self._last_no = opening.no
        self._turns: list[Turn] = [self._turn]
        self._taken_at = 0.0
        self._answered_at: datetime | None = None
        self._heard_from_them = 0.0
        self._opening_heard = self._spoke = False
        self._how: HowEnded = "caller"
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self) -> Over:
        """Talks until the call is over, then closes its record. The call must have been taken or
        be ringing."""
        try:
            with suppress(CallEnded):
                if self._call.incoming:
                    await self._call.answer()
                await self._talk()
        except Exception:
            log.exception("call_failed", call_id=self._known.id)
            self._how = "failed"
        finally:
            self._listening.close()
            await self._mouth.close()
            await self._call.hang_up()
            await self._close()
        return Over(self._opening_heard, self._spoke)

    async def _talk(self) -> None:
        self._taken_at, self._answered_at = time.monotonic(), clock.now()
        self._call.on_key(lambda key: self._tell(Key(time.monotonic(), key)))
        self._call.after(lambda _: self._tell(Gone(time.monotonic())))
        self._later(self._write(self._desk.was_answered, self._known, self._answered_at))
        around = [asyncio.create_task(one) for one in (self._hear(), self._tick())]
        self._tell(Up(self._taken_at))
        try:
            while self._machine.phase is not Phase.OVER:
                event = await self._events.get()
                for action in self._machine.on(event):
                    await self._do(action)
        finally:
            for task in around:
                task.cancel()
        if not self._call.ended:
            await asyncio.sleep(LAST_SOUND_S)

    # -- what happens --------------------------------------------------------------------------

    def _tell(self, event: Event) -> None:
        self._events.put_nowait(event)

    def _on_listened(self, event: Listened) -> None:
        """From a thread of the ears."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._listened, event)

    def _listened(self, event: Listened) -> None:
        if not isinstance(event, Said):
            self._tell(event)
            return
        self._spoke = True
        self._heard_times = {"began": event.began, "ended": event.ended, "decided": event.at}
        self._tell(Heard(event.at, better(event.free, event.listed, self._phrases)))

    _heard_times: dict[str, float] = {}

    async def _hear(self) -> None:
        async for frame in self._call.frames():
            self._heard_from_them = time.monotonic()
            self._listening.hear(frame, self._heard_from_them)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            if now - self._heard_from_them > TICK_S:
                self._listening.hear(b"", now)  # a phone that sends nothing in silence
            self._tell(Tick(now))

    def _first_sound(self) -> None:
        self._turn.times.setdefault("spoke", self._since(time.monotonic()))

    def _all_spoken(self) -> None:
        self._opening_heard = True
        self._tell(Spoken(time.monotonic()))

    # -- what is done --------------------------------------------------------------------------

    async def _do(self, action: Action) -> None:
        match action:
            case Speak():
                self._mouth.say(action.replies, action.manner)
            case Hush():
                self._mouth.hush()
            case Resume():
                self._mouth.resume()
            case Expect():
                self._expected = action.expected
                self._phrases = listed(action.expected, self._likely)
                self._listening.expect(self._phrases, complete(action.expected, self._likely))
            case Ask():
                self._later(self._ask(action))
            case Cry():
                self._later(self._write(self._desk.cry, self._known, action.words, self._next_no))
            case NobodyAnswers():
                self._later(self._write(self._desk.nobody_answers, self._known))
            case HandOver():
                self._later(self._hand_over(action.why))
            case HangUp():
                self._how = "us"

    @property
    def _next_no(self) -> int:
        return self._last_no + 1

    async def _ask(self, action: Ask) -> None:
        """Have the desk answer; its answer, or that it cannot, comes back as an event."""
        self._spoke = True
        self._last_no += 1
        self._turn = Turn(self._last_no)
        self._turns.append(self._turn)
        if action.hearings:
            self._turn.times |= {name: self._since(at) for name, at in self._heard_times.items()}
        try:
            answered = await asyncio.to_thread(
                self._desk.utter, self._known, self._turn.no, action.hearings, action.keys
            )
        except DATABASE_AWAY as error:
            log.error("turn_not_answered", call_id=self._known.id, error=type(error).__name__)
            self._tell(Failed(time.monotonic()))
            return
        now = time.monotonic()
        self._turn.times["answered"] = self._since(now)
        self._tell(Answer(now, answered))

    async def _hand_over(self, why: str) -> None:
        """The ticket first: whatever becomes of the transfer, somebody has the caller."""
        if why not in ("alarm", "asked"):  # those have theirs from the conversation
            await self._write(self._desk.hand_over, self._known, why)
        for _ in range(ROUNDS):
            reached = False
            try:
                reached = await self._humans.bring(self._call, why, self._joining)
            except CallEnded:
                return
            except Exception:
                log.exception("no_human_brought", call_id=self._known.id)
            self._tell(Handed(time.monotonic(), reached))
            if reached:
                self._how = "transferred"
                await self._write(self._desk.reached_human, self._known, "transferred")
                return
            await asyncio.sleep(RING_AGAIN_S)

    def _joining(self) -> None:
        """From now on a human hears the caller: we neither speak nor listen."""
        self._mouth.hush()
        self._listening.close()

    async def _close(self) -> None:
        """Everything that was begun is finished first: cries and tickets among it."""
        if self._call.why_ended is LineEnded.TRANSFERRED:
            self._how = "transferred"
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)
        pace = self._machine.manner.speed
        ending = Ending(self._how, self._answered_at, pace)
        turns = [TurnRecord(one.no, times=one.times) for one in self._turns if one.times]
        await self._write(self._desk.close_call, self._known, ending, turns)

    async def _write(self, write: Callable[..., Any], *what: Any) -> None:
        """Write down, also after the database was away for a while."""
        for tried in range(TRIES):
            try:
                await asyncio.to_thread(write, *what)
                return
            except Exception as error:
                log.error("call_not_written", what=write.__name__, error=type(error).__name__)
                await asyncio.sleep(RETRY_S[min(tried, len(RETRY_S) - 1)])
        log.error("call_lost", call_id=self._known.id)

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _since(self, at: float) -> float:
        return round(at - self._taken_at, 3)
