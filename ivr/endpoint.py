"""The telephone itself: SIP and RTP by baresip, which nothing else of ours knows.

baresip keeps its state in the process, so there is one endpoint a process. What we learnt of it:
an account without `video_codecs=none` re-invites right after answering; `catchall` lets calls in
whatever number they were sent to; media is there some time after `answer()` and may be replaced
while we speak.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

import structlog
from baresip import Account, Config, Runtime, UserAgent
from baresip import Call as SipCall
from baresip.errors import (
    AudioNotActive,
    AudioRestarted,
    BaresipError,
    RegistrationError,
    StaleHandleError,
)
from baresip.events import Event, StackEvent

from ivr.settings import IvrSettings
from ivr.voice import RATE

TICK_S = 0.1
AHEAD = int(0.4 * RATE) * 2
"""Bytes handed to the stack ahead of time: enough for a busy machine, little enough to stop."""
MEDIA_WITHIN_S = 10.0
REGISTER_AGAIN_S = 30.0
IDENTITY = "P-Asserted-Identity"
"""Where a trunk puts the caller's number when From carries something else."""

log = structlog.get_logger()


class CallEnded(Exception):
    """The other side hung up, or the call was lost."""


class EndpointDied(RuntimeError):
    """The SIP stack stopped and cannot be started again in this process."""


class Call:
    """One incoming call. All its methods raise CallEnded once it is over."""

    def __init__(self, call: SipCall) -> None:
        self._call = call
        self._over = asyncio.Event()
        self.id: str = call.call_id or ""
        """SIP's Call-ID."""
        self.caller: str = call.headers.get(IDENTITY) or call.peer or ""
        """The caller's address as it came, e.g. ``sip:13800138000@trunk``."""
        self.keys: list[str] = []
        """What was pressed so far, by RFC 4733 or SIP INFO."""
        call.on(self._on_event)
        call.on_dtmf(lambda event: self.keys.append(event.digit))

    def _on_event(self, event: StackEvent) -> None:
        if event.event is Event.CALL_CLOSED:
            self._over.set()

    async def answer(self) -> None:
        """Take the call."""
        try:
            await self._call.answer()
        except BaresipError as error:
            raise CallEnded from error

    async def play(self, pcm: bytes) -> None:
        """Speak 16 bit PCM of `voice.RATE`; returns when the last of it has been sent.

        A caller whose phone takes no sound (on hold) does not keep us: after the time the words
        need and `MEDIA_WITHIN_S` more we go on.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(len(pcm) / (2 * RATE) + MEDIA_WITHIN_S):
                await self._send(memoryview(pcm))

    async def _send(self, rest: memoryview) -> None:
        queued = 1
        while rest or queued:
            try:
                queued = self._call.audio.info().tx_buffered
                room = min(max(AHEAD - queued, 0), len(rest))
                rest = rest[self._call.audio.write(rest[:room]) :]
            except (AudioNotActive, AudioRestarted):
                pass  # not there yet, or replaced: the next look finds it
            await self.pause(TICK_S)

    async def pause(self, seconds: float) -> None:
        """Say nothing for a while."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)
        if self._over.is_set():
            raise CallEnded

    async def hang_up(self) -> None:
        """End the call; nothing happens if it is over."""
        with suppress(StaleHandleError):
            await self._call.hangup()


class Endpoint:
    """Listens, and hands every incoming call to `on_call`, each in a task of its own."""

    def __init__(self, settings: IvrSettings, on_call: Callable[[Call], Awaitable[None]]) -> None:
        self._settings = settings
        self._on_call = on_call
        self._runtime = Runtime()
        self._tasks: set[asyncio.Task[None]] = set()
        self._registering: asyncio.Task[None] | None = None
        self.died = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self._runtime.start(stack_config(self._settings))
        loop = asyncio.get_running_loop()
        self._runtime.on_dead = lambda: loop.call_soon_threadsafe(self.died.set)
        self._agent = await UserAgent.create(self._runtime, account(self._settings))
        self._agent.on_incoming(lambda call: self._begin(self._on_call(Call(call))))
        if self._settings.registrar is not None:
            self._registering = asyncio.create_task(_stay_registered(self._agent))
        return self

    def _begin(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            try:
                await work
            except Exception:
                log.exception("call_failed")

        task = asyncio.create_task(run())
        self._tasks.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._tasks.discard)

    async def drain(self, patience_s: float) -> None:
        """Take no new calls (they are told 486) and let those that are on finish."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._runtime.drain()
                await asyncio.gather(*self._tasks)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._registering is not None:
            self._registering.cancel()
        if self.died.is_set():
            return
        if self._settings.registrar is not None:
            with suppress(BaresipError):  # last: without a registration every caller gets a 404
                await self._agent.unregister()
        await self._runtime.close()


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


def stack_config(settings: IvrSettings) -> Config:
    """The stack as a telephone line without a sound card."""
    return Config(
        net_interface=settings.net_interface,
        expose_headers=(IDENTITY,),
        max_concurrent_calls=settings.max_calls,
        extra_config_text=(
            f"sip_listen {settings.listen_host}:{settings.sip_port}\n"
            "sip_transports udp,tcp\n"  # else TLS takes the next port too, and dies if it is taken
            f"rtp_ports {settings.rtp_ports}\n"
        ),
    )


def account(settings: IvrSettings) -> Account:
    """Who we are to the registrar; without one, whoever is rung."""
    return Account(
        user=settings.user,
        domain=settings.registrar or settings.listen_host,
        password=settings.password,
        reg_interval=600 if settings.registrar else 0,
        audio_codecs=("pcma", "pcmu"),
        extra_params=("video_codecs=none", "catchall=yes"),
    )
