"""How much two texts sound alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.values.resemblance import resemblance

SAID = st.text("救命算了修面九位快来人啊abc…", max_size=6)


@pytest.mark.parametrize(
    ("said", "nearer", "farther"),
    [
        ("救命", "修面", "算了"),
        ("救救我", "净系我", "星期五"),
        ("不要", "不好", "午餐"),
        ("上午", "下午", "后天"),
    ],
)
def test_what_is_easily_misheard_is_nearer(said: str, nearer: str, farther: str) -> None:
    assert resemblance(said, nearer) > resemblance(said, farther)


def test_the_same_sounds_are_the_same() -> None:
    assert resemblance("救命啊", "旧名啊") == 1
    assert resemblance("四", "是") == 1, "to southern ears"


@given(SAID, SAID)
def test_it_is_a_share_and_the_same_from_both_sides(one: str, other: str) -> None:
    assert 0 <= resemblance(one, other) <= 1
    assert resemblance(one, other) == pytest.approx(resemblance(other, one))
