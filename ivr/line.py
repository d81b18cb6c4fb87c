"""The line: takes calls and makes them, and has each one talked through.

What all calls share is opened once: the voice, the ears, the desk, threads. A call that cannot be
written down or talked through, or in which something breaks, is told so, and a human rings back
(ivr.ring_back): nobody hears silence, or is dropped without a word.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.services.open_call import Ring
from ivr.bells import Bells
from ivr.call.events import Listened
from ivr.call.shell import Shell
from ivr.call.writing import NotWritten, written
from ivr.callbook import CallBook
from ivr.caller import dialled, number_of
from ivr.calling import Calling, Conversed
from ivr.choices import Choices
from ivr.desk import Answered, Desk, Ending, OpenCall
from ivr.ears import Ears
from ivr.ending import HowEnded
from ivr.endpoint import Call, CallEnded, Endpoint, EndpointDied
from ivr.humans import Humans
from ivr.listening import Listening
from ivr.phrases import Extras
from ivr.ring_back import RingBack
from ivr.settings import IvrSettings
from ivr.tidying import settle, tidy
from ivr.voice import Voice, open_voice
from ivr.writing import Written, write_down
from nlu.dialogue.turns import Reply
from nlu.prompts import say

DRAIN_S = 50.0
"""How long calls may go on after SIGTERM."""
OPEN_WITHIN_S = 3.0
"""A caller hears it ring for so long while the books are opened; then without them."""
ALIVE_EVERY_S = 45.0
LISTENERS = 2
"""Threads that recognise speech: one a core."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Parts:
    """What all calls share."""

    desk: Desk
    voice: Voice
    ears: Ears
    listeners: Executor
    ring_back: RingBack
    write_down: Callable[[Ring], Written]
    """A call that the desk cannot open; blocks."""
    bells: Bells
    choices: Choices

    def listen(self, tell: Callable[[Listened], None]) -> Listening:
        """Ears for one call."""
        return Listening(self.ears, self.listeners, tell)


class Line:
    """Calls as they come and go."""

    def __init__(self, parts: Parts, humans: Humans) -> None:
        self._parts, self._humans = parts, humans
        self._on: set[int] = set()
        self._ending: set[asyncio.Task[None]] = set()

    async def take(self, call: Call) -> None:
        """A call from its first ring; ends when it is over and written down."""
        ring = _ring(call, incoming=True)
        known = await self._open(ring)
        if known is None or known.opening is None:
            write = partial(self._parts.write_down, ring)
            bell = call.alarm is not None or self._parts.bells.rings(call.caller)
            await self._parts.ring_back.take(call, write, self._humans if bell else None)
            return

        async def excuse() -> None:
            write = partial(_hand_over, self._parts.desk, known)
            helpers = self._humans if known.is_bell else None
            await self._parts.ring_back.take(call, write, helpers)

        await self._talk(call, known, known.opening, excuse)

    async def converse(self, call: Call, callout_id: int) -> Conversed:
        """A call of ours that was picked up. Raises what kept us from its first words."""

        async def excuse() -> None:
            await self.excuse(call, say("callout.trouble"))

        known = await self._open(_ring(call, incoming=False))
        if known is None:
            await excuse()
            return Conversed(heard=False, spoke=False)
        try:
            opening = await asyncio.to_thread(self._parts.desk.begin_callout, known, callout_id)
        except Exception:
            await excuse()
            await self._end(known, "failed")
            raise
        return await self._talk(call, known, opening, excuse)

    async def excuse(self, call: Call, reply: Reply) -> None:
        """One sentence to somebody whom we rang for nothing."""
        try:
            await call.play(await asyncio.to_thread(self._parts.voice.say, reply.speech))
            await call.pause(0.3)
        except CallEnded:
            return
        await call.hang_up()

    async def keep_alive(self) -> None:
        """Says of the calls that are on that they are, learns of new bells, and tidies up."""
        while True:
            try:
                await asyncio.to_thread(self._parts.bells.look)
                await asyncio.to_thread(self._parts.desk.still_on, set(self._on))
                await asyncio.to_thread(tidy)
            except Exception as error:
                log.error("calls_not_kept", error=type(error).__name__)
            await asyncio.sleep(ALIVE_EVERY_S)

    async def _open(self, ring: Ring) -> OpenCall | None:
        """None when the books cannot be opened in time."""
        opening = asyncio.ensure_future(asyncio.to_thread(self._parts.desk.open_call, ring))
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                return await asyncio.shield(opening)
        except Exception as error:
            log.error("call_not_opened", error=type(error).__name__)
            opening.add_done_callback(self._opened_late)
            return None

    def _opened_late(self, opening: asyncio.Future[OpenCall]) -> None:
        """The call was written down in another way meanwhile: this row of it ends here."""
        if not opening.cancelled() and opening.exception() is None:
            task = asyncio.create_task(self._end(opening.result(), "us"))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _talk(
        self, call: Call, known: OpenCall, opening: Answered, excuse: Callable[[], Awaitable[None]]
    ) -> Conversed:
        self._on.add(known.id)
        try:
            shell = await self._shell(call, known, opening, excuse)
            if shell is None:
                await excuse()
                await self._end(known, "failed")
                return Conversed(heard=False, spoke=False)
            over = await shell.run()
        finally:
            self._on.discard(known.id)
            if not self._on:
                await asyncio.to_thread(tidy)
        return Conversed(over.heard, over.spoke)

    async def _shell(
        self, call: Call, known: OpenCall, opening: Answered, excuse: Callable[[], Awaitable[None]]
    ) -> Shell | None:
        parts = self._parts
        likely = await self._likely(known)
        try:
            return Shell(
                call,
                known,
                opening,
                parts.desk,
                parts.voice,
                self._humans,
                likely,
                parts.listen,
                excuse,
            )
        except Exception:
            log.exception("call_failed", call_id=known.id)
            return None

    async def _end(self, known: OpenCall, how: HowEnded) -> None:
        """A call that was not talked through is over."""
        with suppress(NotWritten):
            await written(self._parts.desk.close_call, known, Ending(how, clock.now()))

    async def _likely(self, known: OpenCall) -> Extras:
        try:
            return await asyncio.to_thread(self._parts.choices.of, known.account_id)
        except Exception as error:  # it is only heard less well
            log.error("choices_not_read", error=type(error).__name__)
            return Extras()


def _ring(call: Call, *, incoming: bool) -> Ring:
    called = dialled(call.called) if call.called else None
    return Ring(call.id, clock.now(), number_of(call.caller), called, call.alarm, incoming)


def _hand_over(desk: Desk, known: OpenCall) -> Written:
    """A call that broke is a human's; a bell's is an alarm, whatever was said in it."""
    if known.is_bell and desk.nobody_answers(known):
        return Written.INCIDENT
    desk.hand_over(known, "failed")
    return Written.TICKET if known.number is not None else Written.NO_NUMBER


def serve(
    desk: Desk,
    sessions: sessionmaker[Session],
    settings: IvrSettings,
    model: Path,
    data_dir: Path,
) -> None:
    """Run the line until SIGINT or SIGTERM, then let calls finish.

    Raises EndpointDied when the SIP stack breaks: the process must be started anew; VoiceError,
    BadModel for a voice or a model that was asked for and cannot be had.
    """
    ears, voice = Ears(model), open_voice(data_dir / "voice")
    with ThreadPoolExecutor(LISTENERS, "listens") as listeners:
        write = partial(write_down, sessions)
        parts = Parts(
            desk,
            voice,
            ears,
            listeners,
            RingBack(voice),
            write,
            Bells(sessions),
            Choices(sessions),
        )
        asyncio.run(_run(parts, CallBook(sessions), settings))


async def _run(parts: Parts, book: CallBook, settings: IvrSettings) -> None:
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    # Threads for all calls: while the database hangs, no call waits for another's attempt to end.
    loop.set_default_executor(ThreadPoolExecutor(2 * settings.max_calls))

    async def take(call: Call) -> None:
        await line.take(call)

    async with Endpoint(settings, take, parts.bells.rings) as endpoint:
        line = Line(
            parts,
            Humans(endpoint, settings.agent_numbers, settings.refer, parts.desk.telephones_for),
        )
        settle()
        log.info("line_open", port=settings.sip_port)
        calling = Calling(book, endpoint.dial, line.converse, line.excuse)
        around = [
            asyncio.create_task(one)
            for one in (told.wait(), endpoint.died.wait(), line.keep_alive(), calling.run(told))
        ]
        await asyncio.wait(around[:2], return_when=asyncio.FIRST_COMPLETED)
        if not endpoint.died.is_set():
            log.info("line_draining")
            await endpoint.drain(DRAIN_S)
        for one in around:
            one.cancel()
        if endpoint.died.is_set():
            raise EndpointDied
    log.info("line_closed")
