"""What is said of a text, and where one may begin to say it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.voice.clauses import LONGEST, clauses
from ivr.voice.reading import ENDS, MARKS, pause_after, read
from nlu.prompts import fixed_speech

SAID = st.text("您好送饭两点幺0123456789，。！？；：、,.!?:-/+()…~ \nAz😊", max_size=80)


@pytest.mark.parametrize(("text", "said"), [
    ("订好了（单号100021），要吗？", "订好了，单号幺零零零二幺，要吗？"),
    ("A栋302房", "诶栋三零二房"),
    ("接 / 不接", "接或不接"),
    ("点+发位置", "点加发位置"),
    ("好的😊 谢谢……", "好的谢谢。"),
    ("，，您好。。！", "您好。"),
    ("• 午餐\n• 换药", "午餐。换药"),
    ("…？！", ""),
    ("😊", ""),
])  # fmt: skip
def test_only_what_a_voice_can_say_is_left(text: str, said: str) -> None:
    assert read(text) == said


def test_replies_are_written_to_be_heard_and_lose_nothing() -> None:
    for name, heard in fixed_speech().items():
        words = [sign for sign in heard if "\u4e00" <= sign <= "\u9fff" and sign not in "或加"]
        kept = [sign for sign in read(heard) if sign not in MARKS + "或加"]
        assert words == kept, name


@given(SAID)
def test_clauses_are_the_text_and_each_is_a_clause_by_itself(text: str) -> None:
    """Whoever was cut short goes on with a clause, and hears the same sound again."""
    found = clauses(text)
    assert "".join(found) == read(text)
    assert [clauses(clause) for clause in found] == [[clause] for clause in found]
    assert all(len(clause) <= LONGEST + 1 for clause in found)
    assert all(not set(clause[:-1]) & set(ENDS) for clause in found)


def test_a_long_reply_begins_with_a_short_clause() -> None:
    found = clauses("您好，王奶奶，这里是银铃。明天中午十一点到十二点给您送午餐，一共十二块五。")
    assert found == [
        "您好，王奶奶，", "这里是银铃。", "明天中午十一点到十二点给您送午餐，", "一共十二块五。",
    ]  # fmt: skip


def test_who_never_draws_breath_is_cut_in_equal_parts() -> None:
    parts = clauses("说" * 50)
    assert [len(part) for part in parts] == [16, 17, 17]


def test_the_end_of_a_thought_is_a_longer_pause_than_a_comma() -> None:
    assert pause_after("好。") > pause_after("好，") > pause_after("好、") > pause_after("好") == 0
