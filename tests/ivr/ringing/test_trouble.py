"""Parts of the house die in the middle of a call."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta

from nlu.prompts import say
from tests.ivr.ringing.caller import Caller, wait
from tests.ivr.ringing.house import OWN_PHONE, RingingHouse


def test_the_database_stops_in_mid_call(
    house: RingingHouse, telephone: Callable[[str], Caller], elder: Caller
) -> None:
    elder.rings()
    elder.says("lunch", until="念一遍")
    kind_words = house.sounds_of(say("line.not_written").speech)[0]
    with house.without_database():
        elder.starts("yes")
        wait(lambda: elder.ear.has(kind_words), lambda: "she is told nothing")
    elder.hangs_up()
    assert not house.orders()
    again = telephone(OWN_PHONE)
    assert "午餐" in again.rings()
    assert "订好了" in again.presses("1")
    assert len(house.orders()) == 1


def test_a_human_is_called_while_the_database_is_away(house: RingingHouse, elder: Caller) -> None:
    elder.rings()
    with house.without_database():
        elder.starts("lunch")
        house.agent_rings()


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
