"""Agents are rung for a caller who stays on, and no longer for one who has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from ivr.call import reaching
from ivr.call.reaching import ROUNDS, Reaching
from tests.ivr.loopback import eventually
from tests.ivr.paper import PaperCall


@dataclass
class Agents:
    """They are rung for as long as `ring_s`; who of them comes is told by `comes`, why by why."""

    comes: str = ""
    ring_s: float = 0.0
    rung: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    async def bring(self, call: object, why: str, joining: Callable[[str], None]) -> bool:
        self.rung.append(why)
        try:
            await asyncio.sleep(self.ring_s)
        except asyncio.CancelledError:
            self.stopped.append(why)
            raise
        if why == self.comes:
            joining("8801")
            return True
        return False


@dataclass
class Told:
    call: PaperCall
    joined: int = 0
    handed: list[bool] = field(default_factory=list)

    def reaching(self, agents: Agents) -> Reaching:
        return Reaching(self.call, agents, self._join, self.handed.append)  # type: ignore[arg-type]

    def _join(self, telephone: str) -> None:
        self.joined += 1


def test_nobody_comes_and_they_are_rung_again_for_a_while() -> None:
    agents = Agents()

    async def ring() -> Told:
        told = Told(PaperCall())
        told.reaching(agents).begin("asked")
        await eventually(lambda: len(told.handed) == ROUNDS)
        return told

    assert asyncio.run(ring()).handed == [False] * ROUNDS
    assert agents.rung == ["asked"] * ROUNDS


def test_an_alarm_is_rung_for_as_long_as_she_is_there() -> None:
    agents = Agents()

    async def ring() -> Told:
        told = Told(PaperCall())
        told.reaching(agents).begin("alarm")
        await eventually(lambda: len(told.handed) > ROUNDS)
        told.call.end()
        return told

    asyncio.run(ring())


def test_an_alarm_does_not_wait_for_the_agent_who_is_being_rung() -> None:
    agents = Agents(comes="alarm")

    async def ring() -> Told:
        told = Told(PaperCall())
        now = told.reaching(agents)
        agents.ring_s = 60
        now.begin("asked")
        await eventually(lambda: agents.rung == ["asked"])
        agents.ring_s = 0
        now.begin("alarm")
        await eventually(lambda: told.handed == [True])
        now.begin("alarm")  # the answer to her cry says so too
        await now.end()
        return told

    told = asyncio.run(ring())
    assert (agents.rung, agents.stopped, told.joined) == (["asked", "alarm"], ["asked"], 1)


@pytest.mark.parametrize("ring_s", [60.0, 0.0], ids=["while it rings", "between two rounds"])
def test_when_she_has_gone_nobody_is_rung_any_more(
    ring_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "ROUNDS", 2)
    agents = Agents(ring_s=ring_s)

    async def ring() -> int:
        told = Told(PaperCall())
        now = told.reaching(agents)
        now.begin("asked")
        await eventually(lambda: bool(agents.rung))
        told.call.end()
        await now.end()
        return len(agents.rung)

    assert asyncio.run(ring()) == 1
