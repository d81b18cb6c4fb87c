"""What a caller is told while we cannot talk: that a human will ring back; and one does.

For while the database is away, and for calls in which something of ours has broken. The call is
written down from its first ring on, so that a caller who hangs up early is rung back and a bell
counts that nobody hears. What we say follows what is written: nobody is promised a call that no
human knows of. For an alarm the agents are rung meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from itertools import chain, repeat

import structlog

from ivr.call.actions import ALARM
from ivr.call.reaching import Humans
from ivr.endpoint import Call, CallEnded
from ivr.voice import Voice
from ivr.writing import Written
from nlu.prompts import say

TIMES = 2
"""How often the news is said: once more for those who did not catch it."""
BREATH_S = 0.8
RETRY_S = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Waits between attempts to write a call down; the last one goes on for ever."""
GREETING, GOODBYE = "line.greeting", "line.goodbye"
NEWS = {
    Written.NOTHING: "line.not_written",
    Written.TICKET: "line.ring_back",
    Written.INCIDENT: "line.alarm",
    Written.NO_NUMBER: "line.no_number",
}
"""What the caller is told between the two, a prompt each."""

log = structlog.get_logger()

Write = Callable[[], Written]
"""Blocks; any error means: try again."""


class Note:
    """A call's place in our books, looked at anew each time we speak."""

    def __init__(self) -> None:
        self.written = Written.NOTHING


class RingBack:
    """A call that is answered and written down, and no more."""

    def __init__(self, voice: Voice) -> None:
        """Speaks every sentence once to itself: a voice that fails should fail at the start,
        and in a call nothing must wait for a disk."""
        prompts = (GREETING, *NEWS.values(), GOODBYE)
        self._spoken = {prompt: voice.say(say(prompt).speech) for prompt in prompts}

    async def take(self, call: Call, write: Write, helpers: Humans | None = None) -> None:
        """A call from its first ring, or from where it broke; ends when it is over and written
        down. `helpers` are rung meanwhile: for an alarm."""
        note = Note()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._see_written(write, note))
            both.create_task(self._attend(call, note, helpers))

    async def _attend(self, call: Call, note: Note, helpers: Humans | None) -> None:
        try:
            await call.answer()
            if helpers is None:
                await self._talk(call, note)
            else:
                await self._bring(helpers, call, note)
        except CallEnded:
            log.info("caller_hung_up")
        except Exception:
            log.exception("call_failed")  # it is written down none the less
        else:
            log.info("call_finished", keys=len(call.keys))
        await call.hang_up()

    async def _bring(self, helpers: Humans, call: Call, note: Note) -> None:
        """Until an agent has talked with them, or none came and all is said."""
        talk = asyncio.create_task(self._talk(call, note))
        try:
            if not await _reached(helpers, call, partial(_fall_silent, call, talk)):
                await talk
        finally:
            talk.cancel()
            await asyncio.gather(talk, return_exceptions=True)

    async def _talk(self, call: Call, note: Note) -> None:
        await call.play(self._spoken[GREETING])
        for _ in range(TIMES):
            await call.play(self._spoken[NEWS[note.written]])
            await call.pause(BREATH_S)
        await call.play(self._spoken[GOODBYE])

    async def _see_written(self, write: Write, note: Note) -> None:
        try:
            for wait_s in chain(RETRY_S, repeat(RETRY_S[-1])):
                try:
                    note.written = await asyncio.to_thread(write)
                    return
                except Exception as error:
                    log.error("call_not_written", error=type(error).__name__)
                    await asyncio.sleep(wait_s)
        except asyncio.CancelledError:  # told to end, and out of patience
            log.error("call_lost")
            raise


async def _reached(helpers: Humans, call: Call, joining: Callable[[str], None]) -> bool:
    try:
        return await helpers.bring(call, ALARM, joining)
    except CallEnded:
        raise
    except Exception:
        log.exception("no_human_brought")
        return False


def _fall_silent(call: Call, talk: asyncio.Task[None], _telephone: str) -> None:
    talk.cancel()
    call.hush()
