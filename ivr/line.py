"""The line: answers, says that a human will ring back, and sees to it that one does.

The call is written down from its first ring, before we answer, so that a caller who hangs up
early is rung back and a bell is never missed. What we say follows what is written: nobody is
promised a call that no human knows of.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy.orm import Session, sessionmaker

from ivr.endpoint import Call, CallEnded, Endpoint, EndpointDied
from ivr.settings import IvrSettings
from ivr.voice import Voice
from ivr.writing import Written, write_down
from nlu.prompts import say

TIMES = 2
"""How often the news is said: once more for those who did not catch it."""
BREATH_S = 0.8
RETRY_S = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Waits between attempts to write a call down; the last one goes on for ever."""
DRAIN_S = 50.0
"""How long calls may go on after SIGTERM; one takes about 25 s."""

NEWS = {
    Written.NOTHING: "line.not_written",
    Written.TICKET: "line.ring_back",
    Written.INCIDENT: "line.alarm",
    Written.NO_NUMBER: "line.no_number",
}
"""What the caller is told, a prompt each."""

log = structlog.get_logger()

Write = Callable[[str, str], Written]
"""Call-ID and caller's address in; blocks; any error means: try again."""


class Note:
    """A call's place in our books, looked at anew each time we speak."""

    def __init__(self) -> None:
        self.written = Written.NOTHING


class Line:
    """What happens in a call."""

    def __init__(self, voice: Voice, write: Write) -> None:
        self._voice = voice
        self._write = write

    def rehearse(self) -> None:
        """Say everything once, to nobody: a voice that fails should fail at the start."""
        for prompt in ("line.greeting", *NEWS.values(), "line.goodbye"):
            self._voice.say(say(prompt).speech)

    async def take(self, call: Call) -> None:
        """A call from its first ring to the end; ends when it is written down, too."""
        note = Note()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._see_written(call, note))
            both.create_task(self._talk(call, note))

    async def _talk(self, call: Call, note: Note) -> None:
        try:
            await call.answer()
            await self._say(call, "line.greeting")
            for _ in range(TIMES):
                await self._say(call, NEWS[note.written])
                await call.pause(BREATH_S)
            await self._say(call, "line.goodbye")
            await call.hang_up()
        except CallEnded:
            log.info("caller_hung_up")
        else:
            log.info("call_finished", keys=len(call.keys))

    async def _say(self, call: Call, prompt: str) -> None:
        await call.play(await asyncio.to_thread(self._voice.say, say(prompt).speech))

    async def _see_written(self, call: Call, note: Note) -> None:
        attempt = 0
        while note.written is Written.NOTHING:
            try:
                note.written = await asyncio.to_thread(self._write, call.id, call.caller)
            except Exception as error:
                log.error("call_not_written", error=type(error).__name__, attempt=attempt)
                await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
                attempt += 1


def serve(sessions: sessionmaker[Session], settings: IvrSettings, data_dir: Path) -> None:
    """Run the line until SIGINT or SIGTERM, then let calls finish.

    Raises EndpointDied when the SIP stack breaks: the process must be started anew.
    """
    line = Line(Voice(data_dir / "voice"), lambda *ring: write_down(sessions, *ring))
    line.rehearse()
    asyncio.run(_run(line, settings))


async def _run(line: Line, settings: IvrSettings) -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with Endpoint(settings, line.take) as endpoint:
        log.info("line_open", port=settings.sip_port)
        waits = [asyncio.create_task(event.wait()) for event in (told, endpoint.died)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if endpoint.died.is_set():
            raise EndpointDied
        log.info("line_draining")
        await endpoint.drain(DRAIN_S)
    log.info("line_closed")
