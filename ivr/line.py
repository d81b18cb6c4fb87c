"""The line: takes calls and makes them, and has each one talked through.

What all calls share is opened once: the voice, the ears, the desk, threads. A call that cannot be
written down or talked through is told so, and a human rings back (ivr.ring_back).
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.services.open_call import Ring
from ivr.bells import Bells
from ivr.call.events import Listened
from ivr.call.shell import Shell
from ivr.callbook import CallBook
from ivr.caller import number_of
from ivr.calling import Calling, Conversed
from ivr.choices import Choices
from ivr.desk import Answered, Desk, OpenCall
from ivr.ears import Ears
from ivr.endpoint import Call, CallEnded, Endpoint, EndpointDied
from ivr.humans import Humans
from ivr.listening import Listening
from ivr.phrases import Extras
from ivr.ring_back import RingBack
from ivr.settings import IvrSettings
from ivr.voice import Voice, open_voice
from ivr.writing import write_down
from nlu.dialogue.turns import Reply

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

    async def take(self, call: Call) -> None:
        """A call from its first ring; ends when it is over and written down."""
        known = await self._open(call, incoming=True)
        if known is None or known.opening is None:
            await self._parts.ring_back.take(call)
            return
        await self._talk(call, known, known.opening)

    async def converse(self, call: Call, callout_id: int) -> Conversed:
        """A call of ours that was picked up."""
        known = await self._open(call, incoming=False)
        if known is None:
            await call.hang_up()
            return Conversed(heard=False, spoke=False)
        desk = self._parts.desk
        opening = await asyncio.to_thread(desk.begin_callout, known, callout_id)
        return await self._talk(call, known, opening)

    async def excuse(self, call: Call, reply: Reply) -> None:
        """One sentence to somebody whom we rang for nothing."""
        try:
            await call.play(await asyncio.to_thread(self._parts.voice.say, reply.speech))
            await call.pause(0.3)
        except CallEnded:
            return
        await call.hang_up()

    async def keep_alive(self) -> None:
        """Says of the calls that are on that they are, and learns of new bells."""
        while True:
            try:
                await asyncio.to_thread(self._parts.bells.look)
                await asyncio.to_thread(self._parts.desk.still_on, set(self._on))
            except Exception as error:
                log.error("calls_not_kept", error=type(error).__name__)
            await asyncio.sleep(ALIVE_EVERY_S)

    async def _open(self, call: Call, *, incoming: bool) -> OpenCall | None:
        number = number_of(call.caller)
        called = number_of(call.called) if call.called else None
        ring = Ring(call.id, clock.now(), number, called, call.alarm, incoming)
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                return await asyncio.to_thread(self._parts.desk.open_call, ring)
        except Exception as error:
            log.error("call_not_opened", error=type(error).__name__)
            return None

    async def _talk(self, call: Call, known: OpenCall, opening: Answered) -> Conversed:
        parts = self._parts
        likely = await self._likely(known)
        shell = Shell(
            call, known, opening, parts.desk, parts.voice, self._humans, likely, parts.listen
        )
        self._on.add(known.id)
        try:
            over = await shell.run()
        finally:
            self._on.discard(known.id)
        return Conversed(over.heard, over.spoke)

    async def _likely(self, known: OpenCall) -> Extras:
        try:
            return await asyncio.to_thread(self._parts.choices.of, known.account_id)
        except Exception as error:  # it is only heard less well
            log.error("choices_not_read", error=type(error).__name__)
            return Extras()


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
        ring_back = RingBack(voice, lambda *ring: write_down(sessions, *ring))
        parts = Parts(desk, voice, ears, listeners, ring_back, Bells(sessions), Choices(sessions))
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
        line = Line(parts, Humans(endpoint, settings.agent_numbers, settings.refer))
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
