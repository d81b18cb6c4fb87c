"""Somebody needs help: bells, cries, silence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.domain.incidents import IncidentState
from tests.ivr.peers import RATE
from tests.ivr.ringing.caller import Caller, wait
from tests.ivr.ringing.house import RingingHouse
from tests.ivr.ringing.saying import sound_of

pytestmark = pytest.mark.rasa


def test_a_bell_rings_and_nobody_speaks(house: RingingHouse, bell: Caller) -> None:
    assert "您是不是需要帮忙" in bell.rings()
    wait(lambda: bool(house.incidents()), bell.told)
    [incident] = house.incidents()
    assert incident.state is IncidentState.RAISED
    assert incident.elder_id == house.elder_id("李桂兰/莞城")
    house.agent_rings()
    bell.hangs_up()
    assert bell.call().outcome == "alarm"


def test_a_bell_rings_and_all_is_well(house: RingingHouse, bell: Caller) -> None:
    bell.rings()
    assert "没事就好" in bell.says("no-need")
    bell.hangs_up()
    assert not house.incidents()
    assert not house.tickets()


def test_a_cry_in_mid_order_does_not_wait_for_the_end_of_its_sentence(
    house: RingingHouse, elder: Caller
) -> None:
    """A human has her while she is still telling what happened."""
    elder.rings()
    elder.says("lunch", until="念一遍")
    sentence = timedelta(seconds=len(sound_of("cry")) / (2 * RATE))
    begins = house.theatre.stage.now()
    elder.starts("cry")
    wait(lambda: bool(house.incidents()), elder.told)
    [incident] = house.incidents()
    assert incident.elder_id == house.elder_id("李桂兰/莞城")
    assert incident.raised_at < begins + sentence - timedelta(seconds=1)
    house.agent_rings()
    elder.hangs_up()
    call = elder.call()
    assert "救命" in call.turns[-1].text
    assert not house.orders()
    assert (call.outcome, call.how_ended) == ("alarm", "transferred")
