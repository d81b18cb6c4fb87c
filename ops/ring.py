"""Ring the running line over real SIP, speak when asked something, print both sides.

What the line says is not made out from its sound: it is read from the record of the call, which
the line writes as it speaks. Without a database to read from, only that it speaks is told.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from ivr.caller import number_of
from ivr.endpoint import Call, CallEnded, Endpoint
from ivr.health import where_well
from ivr.level import FRAME_S, Level
from ivr.settings import IvrSettings
from ivr.voicing import Voicing
from ops.overheard import Overheard, SaidByLine
from ops.pieces import Piece
from ops.processes import free_port, free_ports
from ops.taking_turns import Turns

LOOK_S = 0.2
"""How often the record is read."""
CLOSED_WITHIN_S = 12.0
"""The line completes its record so soon after a call: at once, or when a human was told of it."""
CLOCKS_S = 60
"""Our clock and the line's may be apart by so much."""
RTP_PORTS = 20
SAID_AGAIN = 3
"""So often a piece with an `until` is said before somebody gives up."""
NOBODY = "anonymous"
"""The user part of callers who withhold their number (RFC 3323)."""
_HOST = re.compile(r"sips?:(?:[^@]*@)?\[?([^\]:;>]+)")

Tell = Callable[[str], None]


class CannotRing(ValueError):
    """There is nowhere to ring, or no such number to ring from; the message says what to do."""


@dataclass(frozen=True)
class Rung:
    """What a call came to."""

    all_said: bool
    why: str
    outcome: str | None = None
    """From the record: order, alarm, human, talked, nothing. None: not known."""


def line_here(settings: IvrSettings) -> str:
    """The address of the line that runs on this machine. Raises CannotRing."""
    host = where_well(settings)
    if host is None:
        raise CannotRing(
            f"no line answers at port {settings.sip_port} of this machine; start `yinling ivr`, or "
            "name another with --to"
        )
    return f"sip:line@{host}:{settings.sip_port}"


def caller_settings(to: str, number: str | None) -> IvrSettings:
    """A telephone of one call, at a port of its own, towards the address `to`.

    Raises CannotRing for what is no number.
    """
    if number is not None and number_of(f"sip:{number}@line") is None:
        raise CannotRing(f"{number!r} is no telephone number")
    here = _is_loopback(to)
    ports = free_ports(RTP_PORTS)
    return IvrSettings(
        listen_host="127.0.0.1" if here else "0.0.0.0",
        net_interface="127.0.0.1" if here else None,
        sip_port=free_port(),
        rtp_ports=f"{ports[0]}-{ports[-1]}",
        max_calls=1,
        alarm_reserve=0,
        registrar=None,
        outbound_proxy=None,
        user=number or NOBODY,
    )


async def ring(
    to: str,
    number: str | None,
    pieces: Sequence[Piece],
    sessions: sessionmaker[Session] | None,
    tell: Tell,
) -> Rung:
    """Ring `to` (a SIP address) from `number`; `tell` gets each line of the transcript.

    Raises CannotRing; ivr.endpoint.NotReached when nobody answers.
    """
    async with Endpoint(caller_settings(to, number), _not_at_home) as endpoint:
        rang_at = clock.now() - timedelta(seconds=CLOCKS_S)
        call = await endpoint.dial(to)
        written = number_of(f"sip:{number}@line") if number else None
        record = Overheard(sessions, call.id, written) if sessions is not None else None
        tell(f"answered: {to}")
        caller = _Caller(call, record, rang_at, tell)
        try:
            return await caller.talk(pieces)
        finally:
            await call.hang_up()


async def _not_at_home(call: Call) -> None:
    await call.hang_up(486)


class _Caller:
    """One call, from its answer to its end."""

    def __init__(self, call: Call, record: Overheard | None, rang_at: datetime, tell: Tell) -> None:
        self._call, self._record, self._rang_at, self._tell = call, record, rang_at, tell
        self._turns = Turns(time.monotonic())
        self._level, self._voicing = Level(), Voicing()
        self._line_spoke_s = 0.0
        self._answered = True
        self._answer = ""
        """The line's words since we spoke last, as far as they are written down."""

    async def talk(self, pieces: Sequence[Piece]) -> Rung:
        """Say each piece in its turn, and wait for the answer to the last."""
        around = [asyncio.create_task(one) for one in (self._listen(), self._follow())]
        left = list(pieces)
        try:
            why = await self._through(left)
        except CallEnded:
            why = "the line has hung up"
        finally:
            for task in around:
                task.cancel()
            await asyncio.gather(*around, return_exceptions=True)
        await self._call.hang_up()
        return Rung(not left, why, await self._read_to_the_end())

    async def _through(self, left: list[Piece]) -> str:
        said, tries = Piece("", ""), 0
        while await self._our_turn():
            self._tell_sound()
            if said.until in self._answer:
                tries = 0
            else:
                left.insert(0, said)
                if tries == SAID_AGAIN:
                    return f"{said} was not understood"
            if not left:
                return "everything was said"
            await self._say(left[0])
            said, tries = left.pop(0), tries + 1
        self._tell_sound()
        return "the line says nothing any more"

    async def _our_turn(self) -> bool:
        """Wait until the line waits for us; False when it says nothing any more."""
        while not self._turns.is_given_up(time.monotonic()):
            if self._turns.is_ours(time.monotonic(), self._answered):
                return True
            await self._call.pause(FRAME_S)
        return False

    async def _say(self, piece: Piece) -> None:
        self._tell(f"caller ▶ {piece}")
        self._answered, self._answer = self._record is None, ""
        if piece.keys:
            await self._call.send_keys(piece.keys)
        else:
            await self._call.play(piece.pcm)
        self._turns.spoke(time.monotonic())

    async def _listen(self) -> None:
        async for frame in self._call.frames():
            pcm = self._level.brought(np.frombuffer(frame, "<i2"))
            if self._voicing.heard(pcm, self._level.is_loud):
                self._turns.heard(time.monotonic())
                self._line_spoke_s += FRAME_S

    def _tell_sound(self) -> None:
        """Without a record, all that can be told of the line's words."""
        if self._record is None and self._line_spoke_s:
            self._tell(f"line   ▶ (spoke for {self._line_spoke_s:.1f} s)")
        self._line_spoke_s = 0.0

    async def _follow(self) -> None:
        while self._record is not None:
            with suppress(SQLAlchemyError):  # away for a moment: what is written is read later
                await asyncio.to_thread(self._read)
            await asyncio.sleep(LOOK_S)

    def _read(self) -> None:
        assert self._record is not None
        for one in self._record.news(self._rang_at):
            if isinstance(one, SaidByLine):
                self._answered = True
                self._answer += one.text
                self._tell(f"line   ▶ {one.text}")
            else:
                intent = f" ({one.intent})" if one.intent else ""
                self._tell(f"         heard: {one.text}{intent}")

    async def _read_to_the_end(self) -> str | None:
        """What was written last, and what came of the call."""
        if self._record is None:
            return None
        until = time.monotonic() + CLOSED_WITHIN_S
        outcome: str | None = None
        while outcome is None and time.monotonic() < until:
            with suppress(SQLAlchemyError):
                await asyncio.to_thread(self._read)
                outcome = await asyncio.to_thread(self._record.outcome)
            if outcome is None:
                await asyncio.sleep(LOOK_S)
        return outcome


def _is_loopback(to: str) -> bool:
    found = _HOST.match(to)
    host = found[1] if found else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
