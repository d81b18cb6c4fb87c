"""Parts of the house die in the middle of a call."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.ivr.ringing.caller import Caller
from tests.ivr.ringing.house import OWN_PHONE, RingingHouse

pytestmark = pytest.mark.rasa


def test_the_database_stops_in_mid_call(
    house: RingingHouse, telephone: Callable[[str], Caller], elder: Caller
) -> None:
    """A human has her at once, with the database away; and her order waits for her."""
    elder.rings()
    elder.says("lunch", until="念一遍")
    with house.without_database():
        elder.starts("yes")
        house.agent_rings()
    elder.hangs_up()
    assert elder.call().how_ended == "transferred"
    assert not house.orders()
    again = telephone(OWN_PHONE)
    assert "午餐" in again.rings()
    assert "订好了" in again.presses("1")
    assert len(house.orders()) == 1


def test_a_human_is_called_while_the_database_is_away(house: RingingHouse, elder: Caller) -> None:
    """Who was let go before anybody could be told is in the books when there are books again."""
    elder.rings()
    with house.without_database():
        elder.starts("lunch")
        house.agent_rings()
    elder.hangs_up()
    assert elder.call().ended_at is not None
    assert house.tickets() == ["handover"]


def test_rasa_dies_in_mid_call(house: RingingHouse, elder: Caller) -> None:
    elder.rings()
    elder.says("lunch", until="念一遍")
    with house.without_rasa():
        assert "订好了" in elder.presses("1")
        assert len(house.orders()) == 1
        assert "对的按一，不对按二" in elder.interrupts("clean")
        house.agent_rings()
    assert "handover" in house.tickets()


def test_the_line_dies_in_mid_call(house: RingingHouse, elder: Caller) -> None:
    elder.rings()
    elder.says("lunch", until="念一遍")
    house.line.kill(signal.SIGKILL)
    house.start_line()
    assert elder.call().ended_at is None
    house.theatre.jump_to(house.theatre.stage.now() + timedelta(minutes=4))
    elder.is_over()
    assert elder.call().how_ended == "lost"
    assert house.tickets() == ["call_back"]
    assert not house.orders()
