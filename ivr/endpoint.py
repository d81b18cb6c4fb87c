"""The telephone line: lets calls in, rings people, keeps what is on alive and ends it all.

Nothing but this module and `ivr.sip` knows baresip, which keeps its state in the process: there
is one endpoint a process.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

import structlog
from baresip import Call as SipCall
from baresip import Runtime, UserAgent
from baresip.errors import BaresipError, DrainingError, RegistrationError
from baresip.events import StackEvent

from ivr.settings import IvrSettings
from ivr.sip.call import Call, CallEnded, Ending
from ivr.sip.dialling import (
    NotReached,
    TransferOutcome,
    WhyNot,
    address_of,
    status_of,
    why_not,
)
from ivr.sip.forgotten import read_forgotten
from ivr.sip.sound import FRAME_S
from ivr.sip.stack import account, stack_config

__all__ = [
    "Call",
    "CallEnded",
    "Ending",
    "Endpoint",
    "EndpointDied",
    "NotReached",
    "TransferOutcome",
    "WhyNot",
]

REGISTER_AGAIN_S = 30.0
RING_S = 30.0
"""How long a phone rings before we give up: five or six rings."""

log = structlog.get_logger()


class EndpointDied(RuntimeError):
    """The SIP stack stopped and cannot be started again in this process."""


def nobody(caller: str) -> bool:
    """No caller is an alarm."""
    return False


class Endpoint:
    """Listens, and hands every incoming call to `on_call`, each in a task of its own.

    A call is over when its task ends. With `max_calls` on, the next is told 486 at once; who
    rings for help (`is_alarm`, which gets the caller's address and must answer from memory, or a
    device that says so itself) still gets in, up to `alarm_reserve` more. Half of those places may
    be taken by people whom we ring for an alarm: nobody is helped by a bell that we hear alone, nor
    by agents whose telephones ring so that the next bell is told 486.
    """

    def __init__(
        self,
        settings: IvrSettings,
        on_call: Callable[[Call], Awaitable[None]],
        is_alarm: Callable[[str], bool] = nobody,
    ) -> None:
        self._settings = settings
        self._on_call = on_call
        self._is_alarm = is_alarm
        self._runtime = Runtime()
        self._tasks: set[asyncio.Task[None]] = set()
        self._registering: asyncio.Task[None] | None = None
        self._dialling = 0
        self._helpers = 0
        """Rung for an alarm when all lines were taken: they hold places of the reserve."""
        self._calls: set[Call] = set()
        self._busy = asyncio.Event()
        self.died = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self._runtime.start(stack_config(self._settings))
        loop = asyncio.get_running_loop()
        read_forgotten(loop)
        self._runtime.on_dead = lambda: loop.call_soon_threadsafe(self._die)
        self._agent = await UserAgent.create(
            self._runtime, account(self._settings), transfer_policy="reject"
        )
        self._agent.on_incoming(self._ring)
        self._pulse = asyncio.create_task(self._beat())
        if self._settings.registrar is not None:
            self._registering = asyncio.create_task(_stay_registered(self._agent))
        return self

    @property
    def calls(self) -> frozenset[Call]:
        """Those that are on, ringing ones included."""
        return frozenset(self._calls)

    @property
    def draining(self) -> bool:
        """Whether no new call is let in any more."""
        draining: bool = self._runtime.draining
        return draining

    def _ring(self, sip: SipCall) -> None:
        call = Call(sip, incoming=True, address=self._address)
        alarm = call.alarm is not None or self._is_alarm(call.caller)
        room = self._settings.max_calls + (self._settings.alarm_reserve if alarm else 0)
        if self._lines_taken() >= room:
            log.warning("call_refused", calls=self._lines_taken())
            self._begin(call.hang_up())
            return
        self._adopt(call)
        self._begin(self._attend(call))

    def _lines_taken(self) -> int:
        return len(self._calls) + self._dialling

    def _may_help(self) -> bool:
        places = self._settings.max_calls + self._settings.alarm_reserve - self._lines_taken()
        return places > 0 and self._helpers < (self._settings.alarm_reserve + 1) // 2

    def _helped(self, call: Call) -> None:
        self._helpers -= 1

    async def _attend(self, call: Call) -> None:
        try:
            with suppress(CallEnded):  # that people hang up is no fault
                await self._on_call(call)
        finally:
            await call.hang_up()

    def _adopt(self, call: Call) -> None:
        self._calls.add(call)
        call.after(self._calls.discard)
        self._busy.set()

    def _begin(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            try:
                await work
            except Exception:
                log.exception("call_failed")

        task = asyncio.create_task(run())
        self._tasks.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._tasks.discard)

    async def _beat(self) -> None:
        """Moves the sound of all calls, so that none needs a task for it."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if not self._calls:
                self._busy.clear()
                await self._busy.wait()
                due = loop.time()
            for call in self.calls:
                try:
                    call.beat()
                except Exception:  # one call's trouble must not make the others deaf
                    log.exception("sound_failed")
                    self._begin(call.hang_up())
                    self._calls.discard(call)
            due = max(due + FRAME_S, loop.time())  # what is late is not made up for
            await asyncio.sleep(due - loop.time())

    async def dial(
        self,
        number: str,
        caller_name: str | None = None,
        patience_s: float = RING_S,
        *,
        alarm: bool = False,
    ) -> Call:
        """Ring a number (or a whole SIP address); the call, once it was answered.

        It is the caller's to hang up. `caller_name` is what the other phone may show, if the
        trunk lets it (RFC 3325). `alarm`: somebody needs help, and the reserve may be used.
        Raises NotReached.
        """
        address = self._address(number)
        full = self._lines_taken() >= self._settings.max_calls
        if full and not (alarm and self._may_help()):
            raise NotReached(WhyNot.NO_LINE)
        self._dialling += 1
        self._helpers += full
        try:
            call = await self._place(address, caller_name)
        except BaseException:
            self._helpers -= full
            raise
        finally:
            self._dialling -= 1
        if full:
            call.after(self._helped)
        try:
            async with asyncio.timeout(patience_s):
                await call.taken()
        except CallEnded:
            status = status_of(call.last_words)
            raise NotReached(why_not(status), status) from None
        except TimeoutError:
            await call.hang_up()
            raise NotReached(WhyNot.NO_ANSWER) from None
        except asyncio.CancelledError:
            self._begin(call.hang_up())
            raise
        return call

    async def _place(self, address: str, caller_name: str | None) -> Call:
        quick: defaultdict[int, list[StackEvent]] = defaultdict(list)

        def note(event: StackEvent) -> None:
            quick[event.call].append(event)

        async def place() -> Call:
            self._runtime.subscribe(note)
            try:
                sip = await self._agent.dial(address, self._headers(caller_name))
            finally:
                self._runtime.unsubscribe(note)
            call = Call(sip, incoming=False, address=self._address)
            self._adopt(call)
            for event in quick[sip.handle]:  # an answer that was quicker than dial() itself
                sip._on_stack_event(event)
            return call

        placing = asyncio.ensure_future(place())
        try:
            return await asyncio.shield(placing)
        except asyncio.CancelledError:  # it rings by now, or will in a moment
            self._begin(_give_up(placing))
            raise
        except DrainingError as error:
            raise NotReached(WhyNot.NO_LINE) from error
        except (BaresipError, ValueError) as error:
            log.warning("not_dialled", error=type(error).__name__)
            raise NotReached(WhyNot.UNREACHABLE) from error

    def _address(self, number: str) -> str:
        return address_of(number, self._settings.registrar or self._settings.outbound_proxy)

    def _headers(self, caller_name: str | None) -> dict[str, str]:
        if caller_name is None:
            return {}
        name = "".join(c for c in caller_name if c.isprintable() and c not in '"\\')
        home = self._settings.registrar or self._settings.outbound_proxy or "localhost"
        return {"P-Preferred-Identity": f'"{name}" <sip:{self._settings.user}@{home}>'}

    async def drain(self, patience_s: float) -> None:
        """Take no new calls (they are told 486) and let those that are on finish."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._runtime.drain()
                await asyncio.gather(*self._tasks)

    def _die(self) -> None:
        for call in self.calls:
            call.end(Ending.DIED)
        self.died.set()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._pulse.cancel()
        if self._registering is not None:
            self._registering.cancel()
        if self.died.is_set():
            return
        if self._settings.registrar is not None:
            with suppress(BaresipError):  # last: without a registration every caller gets a 404
                await self._agent.unregister()
        await asyncio.gather(*(call.hang_up() for call in self.calls))
        for task in self._tasks:
            task.cancel()
        await self._runtime.close()


async def _give_up(placing: asyncio.Future[Call]) -> None:
    with suppress(BaresipError):
        await (await placing).hang_up()


async def _stay_registered(agent: UserAgent) -> None:
    """Register; what was once taken the stack renews by itself."""
    while True:
        try:
            await agent.register()
        except RegistrationError as error:
            log.warning("not_registered", status=error.status)
            await asyncio.sleep(REGISTER_AGAIN_S)
        else:
            log.info("registered")
            return
