"""The closed list of the moment: what can be answered is in it, and what is always wanted."""

from __future__ import annotations

from datetime import time

import pytest

from ivr.phrases import MOST, Extras, complete, listed
from nlu.expected import NOTHING_ASKED, Expected, Slot, phrases

EVERY = [NOTHING_ASKED, *(Expected(frozenset({slot})) for slot in Slot)]


def asks(*slots: Slot) -> Expected:
    return Expected(frozenset(slots))


@pytest.mark.parametrize("expected", EVERY, ids=lambda one: "-".join(one.slots) or "nothing")
def test_help_and_a_human_can_be_had_at_any_time(expected: Expected) -> None:
    assert {"救命", "我摔倒了", "人工", "转人工", "再说一遍", "取消"} <= {*listed(expected)}
    assert {"快来人啊", "起不来了", "我喘不上气", "快叫救护车"} <= {*listed(expected)}


@pytest.mark.parametrize("expected", EVERY, ids=lambda one: "-".join(one.slots) or "nothing")
def test_what_is_complete_is_listened_for(expected: Expected) -> None:
    heard = {*listed(expected)}
    assert len(heard) == len(listed(expected)) <= MOST
    if expected.slots != {Slot.CODE}:
        assert complete(expected) <= heard


@pytest.mark.parametrize(
    ("slot", "said"),
    [
        (Slot.YES_NO, ["对", "好的", "不要", "不是", "没事", "快来"]),
        (Slot.DATE, ["明天", "星期三", "下周五", "十五号", "明天下午"]),
        (Slot.TIME, ["下午三点半", "九点", "中午", "晚上六点"]),
        (Slot.QUANTITY, ["两份", "三个", "一份", "十", "十二"]),
        (Slot.MINUTES, ["十分钟", "一刻钟", "五分钟"]),
        (Slot.RATING, ["满意", "非常满意", "很差"]),
        (Slot.PERSON, ["我妈", "老伴"]),
        (Slot.DIET, ["少盐", "软一点"]),
        (Slot.CODE, ["零", "幺", "九"]),
    ],
)
def test_the_answers_of_a_question_are_in_its_list(slot: Slot, said: list[str]) -> None:
    assert {*said} <= {*listed(asks(slot))}


def test_a_day_and_an_hour_may_come_together() -> None:
    both = asks(Slot.DATE, Slot.TIME)
    assert {"明天下午三点", "后天上午", "星期三", "九点半"} <= {*listed(both)}
    assert "明天下午三点" in complete(both)


def test_nobody_is_listened_for_at_hours_when_nothing_can_be_had() -> None:
    kept = Extras(hours=(time(6, 30), time(20)))
    for asked in (asks(Slot.TIME), asks(Slot.DATE, Slot.TIME)):
        heard = listed(asked, kept)
        assert {"上午九点", "晚上七点半", "早上六点半", "中午一点"} <= {*heard}
        assert not {"晚上九点", "晚上八点半", "早上六点", "明天晚上九点", "下午九点"} & {*heard}
        assert complete(asked, kept) <= {*heard}
    assert "晚上九点" in listed(asks(Slot.TIME))


def test_what_this_caller_usually_wants_comes_first() -> None:
    asked = Expected(frozenset({Slot.SERVICE}), phrases(["午餐", "晚餐"]))
    assert listed(asked, Extras(usual=("红烧肉套餐",)))[:3] == ["红烧肉套餐", "午餐", "晚餐"]


def test_a_long_menu_leaves_room_for_help() -> None:
    dishes = [
        f"{'红黄蓝绿白黑青紫橙灰'[n % 10]}{'烧炖蒸炒煮'[n // 10 % 5]}{chr(0x4E00 + n)}"
        for n in range(3000)
    ]
    asked = Expected(frozenset({Slot.LISTED}), phrases(dishes))
    found = listed(asked)
    assert len(found) == MOST
    assert found[0] == dishes[0]
    assert {"救命", "人工", "好的", "不要"} <= {*found}


def test_only_what_can_be_spelled_is_listened_for() -> None:
    asked = Expected(frozenset({Slot.LISTED}), phrases(["OK", "84消毒液", "A座", "午餐"]))
    assert not {"OK", "84消毒液", "A座"} & {*listed(asked)}
    assert "午餐" in listed(asked)


def test_behind_a_thought_more_is_waited_for() -> None:
    assert "嗯" in listed(asks(Slot.YES_NO))
    assert not {"嗯", "等一下"} & complete(asks(Slot.YES_NO))
    assert {"对", "好的", "就这个", "嗯嗯"} <= complete(
        Expected(frozenset({Slot.YES_NO}), phrases(["就这个", "嗯嗯"]))
    )


def test_a_figure_of_a_code_is_not_the_whole_code() -> None:
    assert not {"三", "零", "幺"} & complete(asks(Slot.CODE))
    assert not {"好的", "对"} & {*listed(asks(Slot.CODE))}, "四 would be taken for 是"


def test_a_day_is_the_answer_only_where_no_hour_was_asked_for() -> None:
    assert "明天" in complete(asks(Slot.DATE))
    assert "明天" not in complete(asks(Slot.DATE, Slot.TIME))
    assert "明天" not in complete(NOTHING_ASKED)
