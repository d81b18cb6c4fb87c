import pytest

from backend.domain.pinyin import MOST_READINGS, pinyin_keys


@pytest.mark.parametrize(
    ("name", "typed"),
    [("李桂兰", "lgl"), ("李桂兰", "liguilan"), ("曾惠芳", "zhf"), ("曾惠芳", "chf")],
)
def test_a_name_is_found_by_its_letters(name: str, typed: str) -> None:
    assert typed in pinyin_keys(name).split()


def test_a_name_of_many_readings_has_not_endless_keys() -> None:
    assert len(pinyin_keys("乐和行长重").split()) <= 2 * MOST_READINGS


def test_what_is_no_han_character_has_no_keys() -> None:
    assert pinyin_keys("") == pinyin_keys("?") == ""
