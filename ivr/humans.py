"""Bringing a human to a call: an agent's telephone is rung, and both talk.

First the caller's own phone or PBX is asked to ring the agent (REFER), so that the call no longer
depends on us; where it will not, we ring the agent and join the two calls. Who cries for help does
not wait in a row: all agents are rung at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from ivr.sip.call import Call, CallEnded
from ivr.sip.dialling import NotReached, TransferOutcome

RING_S = 20.0
"""An agent's telephone is rung for so long."""
ALARM = "alarm"

log = structlog.get_logger()


class Dials(Protocol):
    """The part of ivr.endpoint.Endpoint that is needed here."""

    async def dial(
        self, number: str, caller_name: str | None = None, patience_s: float = ...
    ) -> Call: ...


class Humans:
    """The agents' telephones."""

    def __init__(self, dials: Dials, agents: Sequence[str], refer: bool = True) -> None:
        """`agents` are numbers or SIP addresses in the order they are rung; `refer`: the phones
        and PBXs of callers can be asked to ring them."""
        self._dials, self._agents, self._refer = dials, tuple(agents), refer

    async def bring(self, call: Call, why: str, joining: Callable[[], None]) -> bool:
        """Ring each agent once; True after somebody has talked with the caller, or was given the
        call. `joining` is called when an agent has picked up and hears the caller from now on.
        Raises CallEnded when the caller has gone.
        """
        if why == ALARM:
            return await self._first_of_all(call, joining)
        for agent in self._agents:
            if await self._given(call, agent) or await self._joined(call, agent, joining):
                return True
        return False

    async def _given(self, call: Call, agent: str) -> bool:
        if not self._refer:
            return False
        outcome = await call.transfer(agent, RING_S)
        log.info("transferred", outcome=outcome.value)
        return outcome is TransferOutcome.DONE

    async def _joined(self, call: Call, agent: str, joining: Callable[[], None]) -> bool:
        try:
            other = await self._dials.dial(agent, patience_s=RING_S)
        except NotReached as missed:
            log.info("agent_not_reached", why=missed.why.value)
            return False
        await _talk(call, other, joining)
        return True

    async def _first_of_all(self, call: Call, joining: Callable[[], None]) -> bool:
        rings = {
            asyncio.create_task(self._dials.dial(agent, patience_s=RING_S))
            for agent in self._agents
        }
        try:
            while rings:
                done, rings = await asyncio.wait(rings, return_when=asyncio.FIRST_COMPLETED)
                reached = [one.result() for one in done if one.exception() is None]
                for late in reached[1:]:
                    await late.hang_up()
                if reached:
                    await _stop(rings)
                    rings = set()
                    await _talk(call, reached[0], joining)
                    return True
        finally:
            await _stop(rings)
        return False


async def _stop(rings: set[asyncio.Task[Call]]) -> None:
    """No other agent is rung any more; one who has just picked up is hung up on."""
    for one in rings:
        one.cancel()
    for ended in await asyncio.gather(*rings, return_exceptions=True):
        if isinstance(ended, Call):
            await ended.hang_up()


async def _talk(call: Call, other: Call, joining: Callable[[], None]) -> None:
    """Both hear each other until one of them hangs up."""
    if call.ended:
        await other.hang_up()
        raise CallEnded
    joining()
    try:
        await call.bridge(other)
    finally:
        await other.hang_up()
