"""The sounds of Mandarin, and how text becomes them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.model.phones import (
    FINALS,
    INITIALS,
    PHONES,
    Unreadable,
    phones_of,
    phones_of_syllable,
    syllables_of,
)


def test_there_are_sixty_phones_and_silence_is_the_first() -> None:
    assert len(PHONES) == len(set(PHONES)) == 60
    assert PHONES[0] == "SIL"


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("四十日", "s ii sh iii r iii"),
        ("女儿", "n v er"),
        ("绿", "l v"),
        ("雪月", "x ve ve"),
        ("略", "l ve"),
        ("君", "j vn"),
        ("云原", "vn van"),
        ("友又", "iou iou"),
        ("六贵轮", "l iou g uei l uen"),
        ("翁问为五", "ueng uen uei u"),
        ("嗯", "en"),
        ("一会儿", "i h uei er"),
        ("二〇二六", "er l ing er l iou"),
    ],
)
def test_it_spells_initials_and_finals_in_full(text: str, phones: str) -> None:
    assert phones_of(text) == phones.split()


@pytest.mark.parametrize(
    ("text", "syllable"),
    [("量血压", "liang2"), ("重新来", "chong2"), ("还没送来", "hai2"), ("行吗", "xing2"),
     ("银行", "yin2"), ("长者", "zhang2"), ("头痛得要命", "tou2")],
)  # fmt: skip
def test_it_reads_words_and_not_characters(text: str, syllable: str) -> None:
    assert syllables_of(text)[0][0] == syllable


def test_pauses_part_the_syllables_and_give_no_phone() -> None:
    assert syllables_of("好，你好，") == [["hao3"], ["ni2", "hao3"]]
    assert phones_of("好，好") == ["h", "ao", "h", "ao"]


@pytest.mark.parametrize("text", ["", "ok", "3份", "好。", "好 的", "😀"])
def test_what_is_no_mandarin_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        phones_of(text)


def test_a_made_up_syllable_is_refused() -> None:
    with pytest.raises(Unreadable):
        phones_of_syllable("bxng1")


@settings(deadline=None)  # pypinyin reads its dictionaries at the first
@given(st.text(alphabet=[chr(code) for code in range(0x4E00, 0x4F00)], min_size=1, max_size=8))
def test_every_common_character_has_one_syllable(text: str) -> None:
    (phrase,) = syllables_of(text)
    assert len(phrase) == len(text)
    for syllable in phrase:
        *initial, final = phones_of_syllable(syllable)
        assert final in FINALS
        assert all(phone in INITIALS for phone in initial)
