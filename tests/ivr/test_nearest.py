"""What a closed recogniser heard, taken for a whole phrase or for nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.ears import STRAY
from ivr.nearest import LEAST, alike, better, nearest
from ivr.phrases import listed
from nlu.dialogue.turns import Alternative
from nlu.expected import Expected, Slot
from nlu.gist import gist
from nlu.hearing import MOST
from nlu.rules import yes_no

DAYS = listed(Expected(frozenset({Slot.DATE, Slot.TIME})))
YES_NO = listed(Expected(frozenset({Slot.YES_NO})))
DISHES = ["红烧肉", "白切鸡", "土豆焖牛腩"]


def heard(*rows: tuple[str, float]) -> list[Alternative]:
    return [Alternative(*row) for row in rows]


def test_a_whole_phrase_is_itself() -> None:
    found = nearest("明天下午三点", DAYS)
    assert found is not None
    assert (found.text, found.score) == ("明天下午三点", 1.0)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("红烧楼", "红烧肉"),
        ("白切机", "白切鸡"),
        ("土豆焖牛", "土豆焖牛腩"),
        ("…土豆焖牛腩", "土豆焖牛腩"),
    ],
)
def test_what_sounds_almost_like_a_phrase_is_that_phrase(said: str, meant: str) -> None:
    found = nearest(said, DISHES)
    assert found is not None
    assert found.text == meant
    assert LEAST <= found.score < 1 or said == "白切机"


@pytest.mark.parametrize("said", ["", STRAY, "…肉…", "…八…", "肉", "今天天气", "白红土"])
def test_stray_words_are_no_phrase(said: str) -> None:
    assert nearest(said, [*DISHES, "八", "吃肉"]) is None


def test_what_stands_around_a_phrase_stays() -> None:
    found = nearest("我要红烧楼吧", DISHES)
    assert found is not None
    assert found.text == "我要红烧肉吧"


def test_one_syllable_is_never_mended() -> None:
    assert nearest("四", ["是"]) is None
    assert nearest("是", ["是"]) is not None


def test_figures_are_strung_together() -> None:
    found = nearest("三七零四", [*"零一二三四五六七八九"])
    assert found is not None
    assert found.text == "三七零四"


def test_of_equals_the_one_as_written_then_the_first() -> None:
    first = nearest("做饭", ["坐饭", "做饭"])
    assert first is not None
    assert first.text == "做饭"
    second = nearest("作饭", ["坐饭", "做饭"])
    assert second is not None
    assert second.text == "坐饭"


def test_southern_ears_hear_one_sound() -> None:
    assert alike("是二", "四二") == alike("蓝", "南") == alike("湖", "福") == 1.0
    assert alike("早饭", "午饭") < 1.0


def test_the_list_goes_before_dictation_that_sounds_like_it() -> None:
    free = heard(("名天下舞", 0.6), ("明天下屋", 0.4))
    (first, *_) = better(free, heard(("明天下午", 0.9), ("明天上午", 0.1)), DAYS)
    assert first.text == "明天下午"
    assert first.confidence > 0.5


def test_dictation_goes_first_where_the_list_heard_something_else() -> None:
    free = heard(("我想问问护士什么时候能来", 0.9))
    found = better(free, heard(("不要", 1.0)), ["不要"])
    assert found[0].text == "我想问问护士什么时候能来"
    assert better(free, heard(("…八…", 1.0)), ["八"]) == (Alternative(free[0].text, 1.0),)


def test_a_phrase_that_nothing_else_sounds_like_is_not_taken_for_said() -> None:
    free = heard(("换药", 0.9), ("花鸟", 0.1))
    found = better(free, heard(("都行", 0.95), ("取消", 0.05)), ["都行", "取消"])
    assert [one.text for one in found] == ["换药", "花鸟"]


# The hearings of these are what our own ears gave of recorded answers.


def test_yeses_that_share_the_trust_of_a_list_are_one_yes() -> None:
    free = heard(("是的", 0.668), ("使得", 0.283), ("似的", 0.042), ("谁的", 0.007))
    in_list = heard(("使得", 0.497), ("是的", 0.497), ("说得", 0.006))
    apart = better(free, in_list, YES_NO)
    first, *others = better(free, in_list, YES_NO, gist)
    assert first.text == "是的"
    assert first.confidence > 0.95 > apart[0].confidence
    assert all(yes_no(one.text) is None for one in others)


def test_a_short_yes_is_believed_where_the_other_ear_made_nothing_of_it() -> None:
    """是的 in an accent that no model of ours was taught."""
    free = heard(("七栋", 0.524), ("几多", 0.35), ("京东", 0.085), ("几栋", 0.02), ("进度", 0.02))
    in_list = heard(("行的", 0.869), ("听懂", 0.047), ("请懂", 0.037), ("使得", 0.021))
    assert better(free, in_list, YES_NO)[0].text == "七栋"
    found = better(free, in_list, YES_NO, gist)
    assert found[0].text == "行的"
    assert "七栋" in [one.text for one in found], "what was heard is not thrown away"


@pytest.mark.parametrize(
    ("free", "in_list"),
    [
        ([("午餐", 0.578), ("卢午餐", 0.152)], [("不成", 0.954), ("菜", 0.022)]),
        ([("三份", 0.794), ("三分", 0.076)], [("行的", 0.885)]),
        ([("十二", 0.724), ("四二", 0.187)], [("是啊", 0.321), ("是", 0.109), ("事", 0.2)]),
        ([("我妈", 0.9)], [("好吧", 0.99)]),
        ([("人工", 0.6), ("人公", 0.4)], [("中", 0.99)]),
        ([("中午十二点", 1.0)], [("要", 0.9)]),
        ([("我想问问护士什么时候能来", 0.9)], [("不要", 1.0)]),
        ([("救命", 0.2), ("就明", 0.8)], [("行", 1.0)]),
    ],
)
def test_a_yes_of_the_list_is_not_said_where_the_other_ear_heard_words(
    free: list[tuple[str, float]], in_list: list[tuple[str, float]]
) -> None:
    found = better(heard(*free), heard(*in_list), YES_NO, gist)
    assert found[0].text in [text for text, _ in free]


def test_yes_and_no_do_not_add_up() -> None:
    free = heard(("对", 0.4), ("不对", 0.4), ("对的", 0.2))
    found = better(free, (), YES_NO, gist)
    assert [(one.text, round(one.confidence, 2)) for one in found] == [("对", 0.6), ("不对", 0.4)]


def test_a_cry_of_the_list_needs_a_witness() -> None:
    free = heard(("算了", 0.6), ("散了", 0.4))
    found = better(free, heard(("救命", 1.0)), ["救命", "算了"])
    assert "救命" not in [one.text for one in found]
    free = heard(("旧名", 0.9), ("就明", 0.1))
    assert better(free, heard(("救命", 1.0)), ["救命", "算了"])[0].text == "救命"


def test_a_breath_behind_a_phrase_is_no_word() -> None:
    free = heard(("五天了", 0.6), ("厚天", 0.4))
    (first, *_) = better(free, heard(("后天了", 0.8), ("后天", 0.2)), DAYS)
    assert first.text == "后天"


def test_several_phrases_in_a_row_need_a_witness() -> None:
    listed_phrases = ["帮我订", "午餐"]
    both = heard(("帮我订午餐", 1.0))
    (first, *_) = better(heard(("帮我顶五餐", 0.7)), both, listed_phrases)
    assert first.text == "帮我订午餐"
    assert better((), both, listed_phrases) == ()


def test_a_lone_list_is_believed_and_two_silences_are_silence() -> None:
    assert better((), heard(("不要", 1.0)), ["不要"]) == (Alternative("不要", 1.0),)
    assert better((), (), DAYS) == ()
    assert better(heard((STRAY, 1.0)), (), DAYS) == ()


def test_a_cry_is_not_crowded_out() -> None:
    free = heard(*((text, 0.19) for text in ("一", "二", "三", "四", "五")), ("救命啊", 0.05))
    found = better(free, (), DAYS)
    assert len(found) == MOST
    assert "救命啊" in [one.text for one in found]


@settings(deadline=None)  # the first to come reads all phrases
@given(
    st.lists(
        st.tuples(st.text("明天上下午三点不要救命…", max_size=6), st.floats(0.01, 1)), max_size=6
    )
)
def test_whatever_was_heard_comes_back_in_order_and_sums_to_one(
    rows: list[tuple[str, float]],
) -> None:
    found = better(heard(*rows), heard(*rows[::-1]), DAYS)
    shares = [one.confidence for one in found]
    assert len(found) <= MOST
    assert not found or sum(shares) == pytest.approx(1)
    assert all(one.text and STRAY not in one.text for one in found[:1])
