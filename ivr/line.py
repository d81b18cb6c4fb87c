"""The line: answers, says that a human will ring back, and sees to it that one does.

The call is written down from its first ring on, so that a caller who hangs up early is rung
back and a bell counts that nobody hears. What we say follows what is written: nobody is
promised a call that no human knows of.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat
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

GREETING, GOODBYE = "line.greeting", "line.goodbye"
NEWS = {
    Written.NOTHING: "line.not_written",
    Written.TICKET: "line.ring_back",
    Written.INCIDENT: "line.alarm",
    Written.NO_NUMBER: "line.no_number",
}
"""What the caller is told between the two, a prompt each."""

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
        """Speaks every sentence once to itself: a voice that fails should fail at the start,
        and in a call nothing must wait for a disk."""
        prompts = (GREETING, *NEWS.values(), GOODBYE)
        self._spoken = {prompt: voice.say(say(prompt).speech) for prompt in prompts}
        self._write = write

    async def take(self, call: Call) -> None:
        """A call from its first ring; ends when it is over and written down."""
        note = Note()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._see_written(call, note))
            both.create_task(self._talk(call, note))

    async def _talk(self, call: Call, note: Note) -> None:
        try:
            await call.answer()
            await call.play(self._spoken[GREETING])
            for _ in range(TIMES):
                await call.play(self._spoken[NEWS[note.written]])
                await call.pause(BREATH_S)
            await call.play(self._spoken[GOODBYE])
            await call.hang_up()
        except CallEnded:
            log.info("caller_hung_up")
        except Exception:
            log.exception("call_failed")  # it is written down none the less
            await call.hang_up()
        else:
            log.info("call_finished", keys=len(call.keys))

    async def _see_written(self, call: Call, note: Note) -> None:
        try:
            for wait_s in chain(RETRY_S, repeat(RETRY_S[-1])):
                try:
                    note.written = await asyncio.to_thread(self._write, call.id, call.caller)
                    return
                except Exception as error:
                    log.error("call_not_written", error=type(error).__name__)
                    await asyncio.sleep(wait_s)
        except asyncio.CancelledError:  # told to end, and out of patience
            log.error("call_lost")
            raise


def serve(sessions: sessionmaker[Session], settings: IvrSettings, data_dir: Path) -> None:
    """Run the line until SIGINT or SIGTERM, then let calls finish.

    Raises EndpointDied when the SIP stack breaks: the process must be started anew.
    """
    line = Line(Voice(data_dir / "voice"), lambda *ring: write_down(sessions, *ring))
    asyncio.run(_run(line, settings))


async def _run(line: Line, settings: IvrSettings) -> None:
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    # A thread a call: while the database hangs, no call waits for another's attempt to end.
    loop.set_default_executor(ThreadPoolExecutor(settings.max_calls))
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
