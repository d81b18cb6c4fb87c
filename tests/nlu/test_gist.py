"""A few words, and whether they come to anything by rule."""

from __future__ import annotations

import pytest

from nlu.expected import Expected, Slot
from nlu.gist import gist, gist_for


@pytest.mark.parametrize(
    ("said", "comes_to"),
    [
        ("是的", "affirm"),
        ("嗯", "affirm"),
        ("不用了", "deny"),
        ("救命", "help"),
        ("午餐", "午餐"),
        ("换药", "换药"),
        ("明天", "明天"),
        ("十二", "十二"),
        ("三份", "三份"),
        ("软一点", "软一点"),
        ("我妈", "我妈"),
    ],
)
def test_answers_of_one_meaning_are_one_and_values_are_themselves(said: str, comes_to: str) -> None:
    assert gist(said) == comes_to


@pytest.mark.parametrize("said", ["七栋", "几多", "京东", "进度", "花鸟", ""])
def test_what_a_recogniser_makes_of_a_mumble_comes_to_nothing(said: str) -> None:
    assert gist(said) is None


def test_only_where_yes_or_no_is_asked_one_yes_is_like_another() -> None:
    assert gist_for(Expected(frozenset({Slot.YES_NO}))) is gist
    assert gist_for(Expected(frozenset({Slot.TIME}))) is None
