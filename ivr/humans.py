"""Bringing a human to a call: an agent's telephone is rung, and both talk.

We ring the agent, and only when somebody has picked up is the caller let go: their phone or PBX is
asked to join the two calls without us (REFER with Replaces); where it will not, we stand between
them. Asked to ring the agent itself, a PBX would take the caller from us at once, and nobody would
have her when the agent does not answer. Who cries for help does not wait in a row: all agents are
rung at once, also when all lines are taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import structlog

from ivr.sip.call import Call, CallEnded
from ivr.sip.dialling import NotReached, TransferOutcome

RING_S = 20.0
"""An agent's telephone is rung for so long."""
ASK_S = 1.0
"""So long the database may take to say who sits at the console."""
JOIN_S = 3.0
"""So long a PBX may take to join two calls; they hear nothing meanwhile."""
ALARM = "alarm"

log = structlog.get_logger()


class Dials(Protocol):
    """The part of ivr.endpoint.Endpoint that is needed here."""

    async def dial(
        self,
        number: str,
        caller_name: str | None = None,
        patience_s: float = ...,
        *,
        alarm: bool = ...,
    ) -> Call: ...


class Humans:
    """The agents' telephones."""

    def __init__(
        self,
        dials: Dials,
        agents: Sequence[str],
        refer: bool = True,
        at_console: Callable[[str], Sequence[str]] = lambda call: (),
    ) -> None:
        """`agents` are numbers or SIP addresses in the order they are rung, after those that
        `at_console` names for a call (it may block); `refer`: the phones and PBXs of callers can be
        asked to join two calls."""
        self._dials, self._agents, self._refer = dials, tuple(agents), refer
        self._at_console = at_console

    async def bring(self, call: Call, why: str, joining: Callable[[str], None]) -> bool:
        """Ring each agent once; True after somebody has talked with the caller, or was given the
        call. `joining` is called, with the telephone that was rung, when an agent has picked up
        and hears the caller from now on.
        Raises CallEnded when the caller has gone.
        """
        agents = await self._agents_for(call)
        if why == ALARM:
            return await self._first_of_all(agents, call, joining)
        for agent in agents:
            try:
                other = await self._dials.dial(agent, patience_s=RING_S)
            except NotReached as missed:
                log.info("agent_not_reached", why=missed.why.value)
                continue
            await self._talk(call, other, partial(joining, agent))
            return True
        return False

    async def _agents_for(self, call: Call) -> list[str]:
        """Nobody waits long for a database: then those of the settings are rung."""
        try:
            async with asyncio.timeout(ASK_S):
                at_console = await asyncio.to_thread(self._at_console, call.id)
        except Exception as error:
            log.warning("telephones_not_read", error=type(error).__name__)
            at_console = ()
        return list(dict.fromkeys((*at_console, *self._agents)))

    async def _first_of_all(
        self, agents: Sequence[str], call: Call, joining: Callable[[str], None]
    ) -> bool:
        rung = {
            asyncio.create_task(self._dials.dial(agent, patience_s=RING_S, alarm=True)): agent
            for agent in agents
        }
        rings = set(rung)
        try:
            while rings:
                done, rings = await asyncio.wait(rings, return_when=asyncio.FIRST_COMPLETED)
                reached = [one for one in done if one.exception() is None]
                for late in reached[1:]:
                    await late.result().hang_up()
                if reached:
                    await _stop(rings)
                    rings = set()
                    first = reached[0]
                    await self._talk(call, first.result(), partial(joining, rung[first]))
                    return True
        finally:
            await _stop(rings)
        return False

    async def _talk(self, call: Call, other: Call, joining: Callable[[], None]) -> None:
        """Both hear each other until one of them hangs up, or is no longer ours."""
        if call.ended:
            await other.hang_up()
            raise CallEnded
        joining()
        try:
            if self._refer:
                outcome = await call.join(other, JOIN_S)
                log.info("joined", outcome=outcome.value)
                if outcome is TransferOutcome.DONE:
                    return
            await call.bridge(other)
        finally:
            await other.hang_up()


async def _stop(rings: set[asyncio.Task[Call]]) -> None:
    """No other agent is rung any more; one who has just picked up is hung up on."""
    for one in rings:
        one.cancel()
    for ended in await asyncio.gather(*rings, return_exceptions=True):
        if isinstance(ended, Call):
            await ended.hang_up()
