"""People ring and order: their voices over SIP and RTP, their orders in the database."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.domain.orders import OrderState
from tests.ivr.ringing.caller import Caller, wait
from tests.ivr.ringing.house import OWN_PHONE, RingingHouse
from tests.ivr.ringing.saying import recorded

pytestmark = pytest.mark.rasa


def test_an_elder_orders_her_lunch(house: RingingHouse, elder: Caller) -> None:
    rider = house.worker("梁志强")
    assert "李奶奶早上好" in elder.rings()
    read_back = elder.says("lunch", until="念一遍")
    assert "三月五号" in read_back
    assert "午餐一份" in read_back
    assert "自付八块" in read_back
    assert not house.orders(), "nothing is ordered before she has said yes"
    assert "订好了" in elder.says("yes", until="订好了")

    [order] = house.orders()
    assert (order.code, order.quantity, order.channel) == ("meal.lunch", 1, "voice")
    assert order.elder_id == house.elder_id("李桂兰/莞城")
    assert f"{order.window_start:%m-%d}" == "03-05"
    assert "午餐" in rider.wait_for("午餐").text
    elder.lets_it_speak()
    elder.hangs_up()
    call = elder.call()
    assert (call.outcome, call.how_ended) == ("order", "caller")
    for turn in call.turns[1:]:
        assert turn.heard, "what the recogniser offered is kept"
        # What she goes on with is not spoken to: the last turn is.
        names = ["began", "ended", "decided", "answered", "spoke"]
        times = [turn.times[name] for name in names[: None if "spoke" in turn.times else -1]]
        assert times == sorted(times)
    assert "spoke" in call.turns[-1].times


def test_she_need_not_hear_us_out(house: RingingHouse, elder: Caller) -> None:
    elder.rings()
    first, *_, last = house.sounds_of(elder.says("lunch", until="念一遍"))
    elder.hears(first)
    assert "订好了" in elder.interrupts("yes")
    assert not elder.whole_ear.has(last), "and fell silent when she spoke"
    assert len(house.orders()) == 1


def test_a_pause_of_thought_does_not_cut_her_sentence_in_two(
    house: RingingHouse, elder: Caller
) -> None:
    """She is waited for for two seconds behind 上午九点, and thinks longer than that."""
    elder.rings()
    elder.thinks_between(recorded("24"), 2.7, recorded("41"))
    wait(lambda: len(elder.call().turns) == 3, elder.told)
    _, cut, whole = elder.call().turns
    assert (cut.text, whole.text) == ("上午九点", "上午九点打扫卫生")
    assert whole.understood["intent"] == "order_home_help"
    assert not elder.ear.has(house.sounds_of(cut.said[-1])[-1]), "its answer is not spoken on"
    assert not house.orders()


def test_a_line_that_breaks_off_is_taken_up_where_it_was(
    house: RingingHouse, telephone: Callable[[str], Caller], elder: Caller
) -> None:
    elder.rings()
    elder.says("lunch", until="念一遍")
    elder.hangs_up()
    assert not house.orders()
    again = telephone(OWN_PHONE)
    greeting = again.rings()
    assert "接着刚才的" in greeting
    assert "午餐" in greeting
    assert "订好了" in again.says("yes", until="订好了")
    [order] = house.orders()
    assert order.state is not OrderState.CANCELLED


def test_a_stranger_is_asked_for_whom_and_told_nothing(
    house: RingingHouse, telephone: Callable[[str], Caller]
) -> None:
    stranger = telephone("13911112222")
    assert "给哪位长者" in stranger.rings()
    said = stranger.says("allowance")
    assert "给哪位长者" in said
    assert "四百八十" not in said
    stranger.interrupts("lunch")
    stranger.hangs_up()
    assert not house.orders()


def test_keys_are_always_an_answer(house: RingingHouse, elder: Caller) -> None:
    house.worker("梁志强")  # who may bring it: else a human would be called for that
    elder.rings()
    elder.says("lunch", until="念一遍")
    assert "订好了" in elder.presses("1")
    assert len(house.orders()) == 1
    assert "同事" in elder.presses("0")
    house.agent_rings()
    assert house.tickets() == ["handover"]


def test_who_sits_at_the_console_is_rung_before_the_telephones_of_the_settings(
    house: RingingHouse, elder: Caller
) -> None:
    elder.rings()
    house.sits_at_console("林禾")
    assert "同事" in elder.presses("0")
    house.console_rings()
    house.agent_rings()  # after nobody has picked up there
