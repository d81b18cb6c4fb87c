"""A recogniser's mistakes, made on purpose."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from nlu.corpus.lines import DEV, read_lines
from nlu.corpus.noise import SHARE, as_heard, as_spoken, confusable, noised
from tests.nlu.saying import any_text

TEXTS = [line.text for line in read_lines(DEV)]


def test_the_same_seed_makes_the_same_mistakes() -> None:
    assert noised(TEXTS, 7) == noised(TEXTS, 7) != noised(TEXTS, 8)


def test_about_as_many_mistakes_as_a_small_recogniser_makes() -> None:
    pairs = [(as_spoken(text), heard) for text, heard in zip(TEXTS, noised(TEXTS, 7), strict=True)]
    wrong = sum(Levenshtein.distance(a, b) for a, b in pairs)
    assert wrong / sum(len(a) for a, _ in pairs) == pytest.approx(SHARE, abs=0.02)
    untouched = sum(a == b for a, b in pairs) / len(pairs)
    assert 0.4 <= untouched <= 0.65


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("明天,送2份饭!👌", "明天送二份饭"),
        ("3月10号", "三月十号"),
        ("24楼", "二十四楼"),
        ("13800138000", "一三八零零一三八零零零"),
        ("PICC换膜", "picc换膜"),
        ("😀😀", "😀😀"),
    ],
)
def test_what_is_said_has_no_signs_and_no_figures(text: str, spoken: str) -> None:
    assert as_spoken(text) == spoken


def test_syllables_one_accent_apart() -> None:
    assert set(confusable("shan")) == {"san", "shang"}
    assert set(confusable("niu")) == {"liu"}
    assert "fei" in confusable("hei") and "zan" in confusable("zhan")
    assert confusable("wo") == ()


@given(text=any_text, seed=st.integers(0, 99))
def test_something_is_always_heard(text: str, seed: int) -> None:
    heard = as_heard(text, random.Random(seed))
    assert bool(heard) == bool(as_spoken(text))
