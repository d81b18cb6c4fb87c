"""A call and all that it takes: connects the telephone, the ears, the mouth and the desk with the
call's machine, which alone decides.

Everything that blocks runs in threads; what it comes to is told to the machine as an event. The
call is written down before its first word and closed after its last, whatever happens between;
where we break, the caller is excused by others (ivr.ring_back), not dropped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from backend import clock
from ivr.call.actions import (
    ALARM,
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
    Want,
)
from ivr.call.events import Listened, Paused, Said
from ivr.call.happened import (
    Answer,
    Event,
    Failed,
    Gone,
    Handed,
    Heard,
    Joined,
    Key,
    Spoken,
    Tick,
    Up,
)
from ivr.call.machine import Machine
from ivr.call.mouth import Mouth
from ivr.call.phase import Phase
from ivr.call.reaching import Humans, Reaching
from ivr.call.timing import Timing
from ivr.call.writing import NotWritten, written
from ivr.desk import Answered, Desk, Ending, OpenCall
from ivr.ending import HowEnded
from ivr.listening import Listening
from ivr.nearest import better
from ivr.phrases import Extras, complete, listed, standing
from ivr.sip.call import Call, CallEnded
from ivr.voice import Voice
from nlu.expected import NOTHING_ASKED, Expected
from nlu.gist import gist_for

TICK_S = 0.1
LAST_SOUND_S = 0.4
"""Between our last sound and hanging up: the other side plays it a little later."""
CRY_S = 1.5
"""Humans are rung for a cry that could not be written down by then."""
FINISH_S = 10.0
"""What was begun in a call may take so long behind its end before the record is closed."""

log = structlog.get_logger()


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
        excuse: Callable[[], Awaitable[None]],
    ) -> None:
        """`excuse` is for a call that we cannot go on with: it is told so, and hung up."""
        self._call, self._known, self._desk = call, known, desk
        self._likely, self._excuse = likely, excuse
        manner = Manner() if known.pace is None else Manner(known.pace)
        self._machine = Machine(opening, manner)
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Event | BaseException] = asyncio.Queue()
        self._reaching = Reaching(call, humans, self._joined, self._handed)
        self._mouth = Mouth(call, voice, self._first_sound, self._all_spoken)
        self._listening = listen(self._on_listened)
        self._expected, self._phrases = NOTHING_ASKED, list[str]()
        self._foreseeing: asyncio.Task[None] | None = None
        self._timing, self._last_no = Timing(opening.no), opening.no
        self._answered_at: datetime | None = None
        self._heard_from_them = 0.0
        self._opening_heard = self._spoke = False
        self._how: HowEnded = "caller"
        self._wanted: asyncio.Future[Any] | None = None
        self._tasks: set[asyncio.Future[Any]] = set()

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
            await self._stop()
            await self._excuse()
        finally:
            await self._stop()
            await self._call.hang_up()
            await self._close()
        return Over(self._opening_heard, self._spoke)

    async def _talk(self) -> None:
        now, self._answered_at = time.monotonic(), clock.now()
        self._timing.taken(now)
        self._call.on_key(lambda key: self._tell(Key(time.monotonic(), key)))
        self._call.after(lambda _: self._tell(Gone(time.monotonic())))
        self._later(written(self._desk.was_answered, self._known, self._answered_at))
        around = [asyncio.create_task(one) for one in (self._hear(), self._tick())]
        for task in around:
            task.add_done_callback(self._broke)
        self._tell(Up(now))
        try:
            while self._machine.phase is not Phase.OVER:
                event = await self._events.get()
                if isinstance(event, BaseException):
                    raise event
                for action in self._machine.on(event):
                    await self._do(action)
        finally:
            for task in around:
                task.cancel()
        if not self._call.ended:
            await asyncio.sleep(LAST_SOUND_S)

    async def _stop(self) -> None:
        """We neither speak nor listen any more."""
        self._listening.close()
        await self._mouth.close()

    # -- what happens --------------------------------------------------------------------------

    def _broke(self, task: asyncio.Task[None]) -> None:
        """A call that nobody listens to any more must not go on in silence."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._events.put_nowait(error)

    def _tell(self, event: Event) -> None:
        self._events.put_nowait(event)

    def _on_listened(self, event: Listened) -> None:
        """From a thread of the ears."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._listened, event)

    def _listened(self, event: Listened) -> None:
        if isinstance(event, Paused):
            if self._foreseeing is None or self._foreseeing.done():  # one at a time a call
                ahead = self._foresee(event, self._phrases, self._expected)
                self._foreseeing = asyncio.create_task(ahead)
            return
        if not isinstance(event, Said):
            self._tell(event)
            return
        self._spoke = True
        self._timing.said(event)
        try:
            hearings = better(event.free, event.listed, self._phrases, gist_for(self._expected))
        except Exception:  # as if they had mumbled: they are asked again
            log.exception("not_weighed", call_id=self._known.id)
            hearings = ()
        self._tell(Heard(event.at, hearings))

    async def _foresee(self, pause: Paused, phrases: list[str], expected: Expected) -> None:
        """If the pause is the end, its turn finds the words classified, and behind a whole order
        the end is sooner. If not, nothing is lost: that this fails is nobody's matter."""

        def ahead() -> bool:
            heard = better(pause.free, pause.listed, phrases, gist_for(expected))
            return self._desk.foresee(heard, expected)

        try:
            if await asyncio.to_thread(ahead):
                self._listening.is_whole(pause)
        except Exception as error:
            log.warning("not_foreseen", call_id=self._known.id, error=type(error).__name__)

    async def _hear(self) -> None:
        async for frame in self._call.frames():
            self._heard_from_them = time.monotonic()
            if self._machine.phase is not Phase.JOINED:
                self._listening.hear(frame, self._heard_from_them)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            if now - self._heard_from_them > TICK_S:
                self._listening.hear(b"", now)  # a phone that sends nothing in silence
            self._tell(Tick(now))

    def _first_sound(self) -> None:
        self._timing.mark("spoke", time.monotonic())

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
                whole = complete(action.expected, self._likely)
                self._listening.expect(self._phrases, whole, standing(action.expected))
            case Ask():
                self._later(self._ask(action))
            case Cry():
                self._later(self._cry(action.words, self._last_no + 1))
            case NobodyAnswers():
                self._later(written(self._desk.nobody_answers, self._known))
            case Want():
                self._wanted = self._later(written(self._desk.hand_over, self._known, action.why))
            case HandOver():
                self._reaching.begin(action.why)
            case HangUp():
                self._how = "us"

    async def _ask(self, action: Ask) -> None:
        """Have the desk answer; its answer, or that it cannot, comes back as an event."""
        self._spoke = True
        self._last_no += 1
        no = self._last_no
        self._timing.asked(no, by_voice=bool(action.hearings))
        try:
            answered = await asyncio.to_thread(
                self._desk.utter, self._known, no, action.hearings, action.keys, action.unheard
            )
        except Exception as error:
            log.error("turn_not_answered", call_id=self._known.id, error=type(error).__name__)
            self._tell(Failed(time.monotonic()))
            return
        self._timing.mark("answered", time.monotonic())
        self._tell(Answer(time.monotonic(), answered))

    async def _cry(self, words: str, no: int) -> None:
        """Written down, and humans rung, who are not kept waiting by a database that is away. Those
        who speak of alarms by profession are let finish, if we can know that they are such."""
        writing = self._later(written(self._desk.cry, self._known, words, no))
        await asyncio.wait({writing}, timeout=CRY_S)
        if not writing.done() or writing.exception() is not None or writing.result():
            self._reaching.begin(ALARM)

    def _joined(self, telephone: str) -> None:
        self._mouth.hush()
        self._later(written(self._desk.human_came, self._known, clock.now(), telephone))
        self._tell(Joined(time.monotonic()))

    def _handed(self, reached: bool) -> None:
        self._tell(Handed(time.monotonic(), reached))

    async def _close(self) -> None:
        """Everything that was begun is finished first: cries and tickets among it."""
        await self._reaching.end()
        if self._reaching.reached:
            self._how = "transferred"
            self._later(self._was_helped())
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FINISH_S)
        ending = Ending(self._how, self._answered_at, self._machine.manner.speed)
        with suppress(NotWritten):
            await written(self._desk.close_call, self._known, ending, self._timing.records())

    async def _was_helped(self) -> None:
        """Nobody need ring back."""
        if self._wanted is not None:
            await asyncio.wait({self._wanted})
        await written(self._desk.reached_human, self._known, "transferred")

    def _later(self, work: Coroutine[Any, Any, Any]) -> asyncio.Future[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("call_lost", call_id=self._known.id, error=type(task.exception()).__name__)
