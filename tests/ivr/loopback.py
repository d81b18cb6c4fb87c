"""An endpoint of ours on loopback, in the test's own process, and what its tests listen with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from ivr.endpoint import Call, Endpoint, nobody
from ivr.settings import IvrSettings
from ops.processes import free_port, free_ports
from tests.ivr.peers import RATE, is_free

WITHIN_S = 60.0
LEFT_WITHIN_S = 90.0
"""A phone that is gone answers no BYE: SIP gives it 32 s (RFC 3261 17.1.2.2, timer F)."""


@dataclass
class Line:
    endpoint: Endpoint
    port: int
    rtp_ports: range

    @property
    def address(self) -> str:
        return f"sip:96993@127.0.0.1:{self.port}"

    async def quiet(self) -> None:
        """Until no call is on and every port for voice is free again."""
        await eventually(lambda: not self._left(), self._left, LEFT_WITHIN_S)

    def _left(self) -> str:
        """The calls that are on and the ports that are taken."""
        ports = [port for port in self.rtp_ports if not is_free(port)]
        return f"{self.endpoint.calls} {ports}" if self.endpoint.calls or ports else ""


async def eventually(
    holds: Callable[[], bool], what: Callable[[], str] = str, within_s: float = WITHIN_S
) -> None:
    """Wait for a condition; `what` tells why it does not hold."""
    last = asyncio.get_running_loop().time() + within_s
    while not holds():
        assert asyncio.get_running_loop().time() < last, what()
        await asyncio.sleep(0.02)


async def leave(call: Call) -> None:
    """Answers, and waits until the caller hangs up."""
    await call.answer()
    await call.wait_ended()


@asynccontextmanager
async def line(
    on_call: Callable[[Call], Awaitable[None]] = leave,
    is_alarm: Callable[[str], bool] = nobody,
    rtp_count: int = 40,
    **settings: Any,
) -> AsyncIterator[Line]:
    """A line that answers as `on_call` does."""
    ports = free_ports(rtp_count)
    port = free_port()
    given = {"max_calls": 10, "alarm_reserve": 2, "dead_after_s": 20, **settings}
    own = IvrSettings(
        listen_host="127.0.0.1",
        net_interface="127.0.0.1",
        sip_port=port,
        rtp_ports=f"{ports[0]}-{ports[-1]}",
        **given,
    )
    async with Endpoint(own, on_call, is_alarm) as endpoint:
        yield Line(endpoint, port, ports)


def tone(hertz: int, seconds: float) -> bytes:
    """A tone as PCM."""
    at = np.arange(int(seconds * RATE)) / RATE
    pcm: bytes = (8000 * np.sin(2 * np.pi * hertz * at)).astype("<i2").tobytes()
    return pcm


def seconds_of(hertz: int, pcm: bytes) -> float:
    """How long the tone is in it, in frames of 20 ms whose loudest frequency it is."""
    samples = np.frombuffer(pcm, "<i2", len(pcm) // 320 * 160).reshape(-1, 160).astype(float)
    power = np.abs(np.fft.rfft(samples * np.hanning(160), axis=1))
    loud = np.sqrt((samples**2).mean(axis=1)) > 1000
    near = abs(power.argmax(axis=1) * RATE / 160 - hertz) <= 50
    return float((loud & near).sum()) * 0.02
