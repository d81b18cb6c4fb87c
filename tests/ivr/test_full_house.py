"""All lines are taken by orders, and a bell rings: somebody comes to the telephone for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr import humans
from ivr.call.actions import ALARM
from ivr.endpoint import Call, NotReached, WhyNot
from ivr.humans import Humans
from tests.ivr.loopback import Line, eventually, line, seconds_of, tone
from tests.ivr.peers import BaresipPhone, need
from tests.ivr.sip import call_briefly

HERS, AGENTS = 600, 1400
BELL, CALLER, AGENT = "076912345678", "13600136000", "8001"
OTHERS = ("8002", "8003", "8004", "8005")


class House:
    """Takes orders that go on, and has agents rung for bells, and for callers who ask for one."""

    def __init__(self, agents: list[str]) -> None:
        self.agents = agents
        self.closing = asyncio.Event()
        self.helped: list[bool] = []
        self.joined = asyncio.Event()
        self.here: Line

    async def take(self, call: Call) -> None:
        await call.answer()
        if BELL in call.caller:
            agents = Humans(self.here.endpoint, self.agents, refer=False)
            self.helped.append(await agents.bring(call, ALARM, self._joined))
        await self.closing.wait()

    def _joined(self, telephone: str) -> None:
        self.joined.set()

    def is_alarm(self, caller: str) -> bool:
        return BELL in caller

    async def ring(self, number: str, call_id: str) -> int:
        return await asyncio.to_thread(call_briefly, self.here.port, number, call_id, stay=True)


def test_an_agent_talks_with_a_bell_while_all_lines_are_taken(tmp_path: Path) -> None:
    need("baresip")

    async def evening() -> None:
        with (
            BaresipPhone(tmp_path, BELL, tone(HERS, 30)) as bell,
            BaresipPhone(tmp_path, AGENT, tone(AGENTS, 30), answers=True) as agent,
        ):
            house = House([f"sip:{AGENT}@127.0.0.1:{agent.port}"])
            async with line(house.take, house.is_alarm, max_calls=2, alarm_reserve=2) as house.here:
                assert [await house.ring(CALLER, f"{n}@x") for n in range(2)] == [200, 200]
                await asyncio.to_thread(bell.dial, house.here.address)
                await eventually(house.joined.is_set)
                await eventually(lambda: seconds_of(HERS, agent.heard()) > 1)
                await eventually(lambda: seconds_of(AGENTS, bell.heard()) > 1)
                assert await house.ring(CALLER, "late@x") == 486
                with pytest.raises(NotReached) as news:  # nor do we ring anybody for less
                    await house.here.endpoint.dial(house.agents[0])
                assert news.value.why is WhyNot.NO_LINE
                agent.hang_up()
                await eventually(lambda: house.helped == [True])
                house.closing.set()
                await house.here.quiet()

    asyncio.run(evening())


def test_agents_whose_telephones_ring_do_not_keep_the_next_bell_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four places are for help. Of five agents no more than two are rung for the first bell, and
    the second gets in; nobody picks up, and those places are free again."""
    need("baresip")
    monkeypatch.setattr(humans, "RING_S", 3.0)

    async def evening() -> None:
        with BaresipPhone(tmp_path, AGENT, also=OTHERS) as desk:
            house = House([f"sip:{one}@127.0.0.1:{desk.port}" for one in (AGENT, *OTHERS)])
            async with line(house.take, house.is_alarm, max_calls=1, alarm_reserve=4) as house.here:

                def on(count: int) -> bool:
                    return len(house.here.endpoint.calls) == count

                assert await house.ring(CALLER, "order@x") == 200
                assert await house.ring(BELL, "bell@x") == 200
                await eventually(lambda: on(4))
                assert await house.ring(BELL, "another@x") == 200
                assert on(5)
                assert await house.ring(BELL, "too many@x") == 486
                await eventually(lambda: on(3))
                assert house.helped == [False, False]
                house.closing.set()
                await house.here.quiet()

    asyncio.run(evening())
