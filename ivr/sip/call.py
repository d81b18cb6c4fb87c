"""One call, incoming or outgoing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from enum import StrEnum

import structlog
from baresip import Call as SipCall
from baresip.errors import BaresipError, StaleHandleError, TransferFailed
from baresip.events import Event, StackEvent

from ivr.sip.dialling import TransferOutcome
from ivr.sip.sound import Sound, seconds
from ivr.sip.stack import IDENTITY, alarm_of, called_of

BRIDGE_AHEAD_S = 0.2
"""Between two bridged calls no more than this is kept: their clocks differ, and people talk."""
LOOK_S = 0.02
_TRANSFERRED = "Call transfered"  # baresip's own spelling
_SILENT = "rtp stream error"

log = structlog.get_logger()


class CallEnded(Exception):
    """The call is over."""


class Ending(StrEnum):
    """Why a call is over."""

    WE = "we"
    THEY = "they"
    TRANSFERRED = "transferred"
    SILENT = "silent"
    """Not a packet came for `IvrSettings.dead_after_s`: the phone or the way to it is dead."""
    DIED = "died"
    """The SIP stack stopped under it."""


class Call:
    """A call with one person. Sound is 16 bit PCM of `voice.RATE`."""

    def __init__(self, call: SipCall, incoming: bool, address: Callable[[str], str]) -> None:
        """`address` makes a SIP address of a number to transfer to."""
        self._call = call
        self._address = address
        self._sound = Sound(call.audio)
        self._news = asyncio.Event()
        self._over = asyncio.Event()
        self._taken = asyncio.Event()
        self._hanging_up = False
        self._partner: Call | None = None
        self._tell_key: Callable[[str], None] | None = None
        self._after: list[Callable[[Call], None]] = []
        self.incoming = incoming
        self.caller: str = call.headers.get(IDENTITY) or call.peer or ""
        """The address of who rings (or was rung) as it came, ``sip:13800138000@trunk``."""
        self.called: str = called_of(call.headers)
        """The address that was dialled, as it came; empty for calls of ours."""
        self.alarm: str | None = alarm_of(call.headers)
        """What an alarm device says of itself; None: no such device."""
        self.ringing = incoming
        """Whether the phone at its other end is known to have rung."""
        self.keys: list[str] = []
        """What was pressed so far, by RFC 4733 or SIP INFO."""
        self.why_ended: Ending | None = None
        self.last_words = ""
        """What the stack said when the call ended, e.g. ``486 Busy Here``."""
        call.on(self._on_event)

    @property
    def id(self) -> str:
        """SIP's Call-ID."""
        return self._call.call_id or ""

    # Its life

    def _on_event(self, event: StackEvent) -> None:
        if event.event in (Event.CALL_RINGING, Event.CALL_PROGRESS):
            self.ringing = True
        elif event.event is Event.CALL_ESTABLISHED:
            self._taken.set()
        elif event.event is Event.CALL_DTMF_START and event.text:  # at the press: its end may
            self._press(event.text)  # be lost on the way
        elif event.event is Event.CALL_CLOSED:
            self.end(self._why(event.text or ""), event.text or "")

    def _why(self, words: str) -> Ending:
        if words == _TRANSFERRED:
            return Ending.TRANSFERRED
        if self._hanging_up:
            return Ending.WE
        return Ending.SILENT if words.startswith(_SILENT) else Ending.THEY

    def end(self, why: Ending, last_words: str = "") -> None:
        """The endpoint's: the call is over. The first reason stands."""
        if self.ended:
            return
        self.why_ended, self.last_words = why, last_words
        self._over.set()
        self._news.set()
        told, self._after, self._tell_key = self._after, [], None  # they hold on to all of a call
        for tell in told:
            tell(self)

    def after(self, tell: Callable[[Call], None]) -> None:
        """Call `tell` when it is over; at once if it is."""
        if self.ended:
            tell(self)
        else:
            self._after.append(tell)

    @property
    def ended(self) -> bool:
        return self._over.is_set()

    async def wait_ended(self) -> None:
        await self._over.wait()

    async def taken(self) -> None:
        """Wait until the other side has answered. Raises CallEnded when it did not."""
        await self._unless_over(self._taken)
        if not self._taken.is_set():
            raise CallEnded

    async def _unless_over(self, event: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(one.wait()) for one in (event, self._over)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def answer(self) -> None:
        """Take the call; nothing happens if it was taken. Raises CallEnded."""
        if self._taken.is_set() and not self.ended:
            return
        try:
            await self._call.answer()
        except BaresipError as error:
            raise CallEnded from error
        await self.taken()  # before, the stack would refuse to transfer it

    async def hang_up(self, code: int | None = None) -> None:
        """End the call; nothing happens if it is over.

        Before it was answered the other side is told 486, whatever `code` says: baresip knows
        no other refusal.
        """
        if self.ended:
            return
        self._hanging_up = True
        try:
            await self._call.hangup()
        except StaleHandleError:
            pass  # they were quicker
        except BaresipError as error:
            log.error("not_hung_up", error=type(error).__name__)

    async def pause(self, seconds: float) -> None:
        """Say nothing for a while. Raises CallEnded."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)
        if self.ended:
            raise CallEnded

    # Sound

    def beat(self) -> None:
        """The endpoint's, every 20 ms: moves sound in both directions."""
        frames = self._sound.move()
        if not frames:
            return
        self._news.set()
        partner = self._partner
        if partner is not None:
            for frame in frames:
                if partner.queued_s < BRIDGE_AHEAD_S:
                    partner.say(frame)

    async def frames(self) -> AsyncIterator[bytes]:
        """What is heard, in frames of 20 ms as they came, for one listener, until the call ends.

        A phone that sends nothing gives no frames. A listener who is late finds the last two
        seconds.
        """
        heard = self._sound.heard
        while True:
            while heard:
                yield heard.popleft()
            if self.ended:
                return
            self._news.clear()
            await self._news.wait()

    def say(self, pcm: bytes) -> None:
        """Speak this after what is queued; returns at once."""
        if not self.ended:
            self._sound.say(pcm)

    def hush(self) -> int:
        """Fall silent within a frame or two; the bytes that were queued and not spoken."""
        return self._sound.hush()

    @property
    def queued_s(self) -> float:
        """Seconds still to be spoken; 0.0: the last has left us.

        The phone plays it up to a fifth of a second later: who hangs up at once cuts it off.
        """
        return 0.0 if self.ended else seconds(self._sound.queued)

    async def spoken(self) -> None:
        """Wait until everything queued has been spoken. Raises CallEnded.

        A phone that takes no sound does not keep us: after `sound.STUCK_S` without any of it
        leaving, the rest is given up.
        """
        while self.queued_s:
            if self._sound.stuck:
                self.hush()
            await self.pause(LOOK_S)
        if self.ended:
            raise CallEnded

    async def play(self, pcm: bytes) -> None:
        """Speak, and wait until it is spoken. Raises CallEnded."""
        self.say(pcm)
        await self.spoken()

    # Keys

    def _press(self, key: str) -> None:
        self.keys.append(key)
        if self._tell_key is not None:
            self._tell_key(key)

    def on_key(self, tell: Callable[[str], None]) -> None:
        """Call `tell` for every key, also those pressed before."""
        self._tell_key = tell
        for key in self.keys:
            tell(key)

    async def send_keys(self, digits: str) -> None:
        """Press keys ourselves (RFC 4733). Raises CallEnded; ValueError for what is no key."""
        try:
            await self._call.send_dtmf(digits)
        except BaresipError as error:
            raise CallEnded from error

    # To somebody else

    async def transfer(self, to: str, patience_s: float) -> TransferOutcome:
        """Ask the other side's phone or PBX to ring `to` instead of us (REFER, RFC 3515).

        Until they talk with each other the call goes on; afterwards, unless it is DONE, it is
        ours as before. Raises CallEnded when it was over, NotReached when `to` is no number.
        """
        address = self._address(to)
        return await self._referred(
            self._call.transfer(address, timeout=patience_s + 5), patience_s
        )

    async def join(self, other: Call, patience_s: float) -> TransferOutcome:
        """Ask the other side's phone or PBX to talk with `other`'s directly (REFER with Replaces,
        RFC 3891). DONE: both our calls end; else both are ours as before. Raises CallEnded."""
        outcome = await self._referred(
            self._call.attended_transfer(other._call, timeout=patience_s + 5), patience_s
        )
        if outcome is not TransferOutcome.DONE:
            for one in (self, other):
                with suppress(BaresipError):
                    await one._call.resume()  # asking put both on hold
        return outcome

    async def _referred(self, asking: Awaitable[None], patience_s: float) -> TransferOutcome:
        try:
            # The stack's own limit lies beyond ours: it would tell its own like any failure.
            async with asyncio.timeout(patience_s):
                await asking
        except TimeoutError:
            return TransferOutcome.TIMED_OUT
        except TransferFailed as error:
            return TransferOutcome.FAILED if error.status is None else TransferOutcome.REFUSED
        except StaleHandleError as error:
            raise CallEnded from error
        except BaresipError:
            return TransferOutcome.FAILED
        return TransferOutcome.DONE

    async def bridge(self, other: Call) -> None:
        """Let both hear each other until one of them hangs up; says nothing of its own.

        The one who stays is still ours, and so is what both of them said (`frames`).
        """
        for one, partner in ((self, other), (other, self)):
            one.hush()
            one._partner = partner
        try:
            await self._unless_over(other._over)
        finally:
            self._partner = other._partner = None
