"""The line rings people."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backend.db.models import Callout
from backend.domain.callouts import CalloutState
from tests.ivr.ringing.caller import wait
from tests.ivr.ringing.house import RingingHouse

pytestmark = pytest.mark.rasa


def test_a_daughters_change_is_confirmed_by_ringing_her_mother(
    house: RingingHouse,
) -> None:
    mother = house.at_home(house.own_phone("李桂兰/莞城"))
    daughter = house.daughter("王芳", "李桂兰/莞城")
    house.worker("梁志强")  # somebody who may bring it: else she would be told that nobody can
    daughter.say("明天中午给我妈订一份午餐")
    assert "订好" in (daughter.say("好").reply or "")
    daughter.say("改到后天中午")
    daughter.say("好")
    assert "这样可以吗" in mother.picks_up()
    assert "就照这样" in mother.says("yes")

    def settled() -> bool:
        with house.sessions() as session:
            return session.scalars(select(Callout.state)).all() == [CalloutState.DONE]

    mother.hangs_up()
    wait(settled, mother.told)
