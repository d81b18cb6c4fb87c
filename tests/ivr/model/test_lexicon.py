from pathlib import Path

import pytest

from ivr.model import lexicon


def said(word: str) -> dict[str, float]:
    return {" ".join(one.phones): one.cost for one in lexicon.readings_of(word)}


def test_a_word_has_its_usual_reading_and_dearer_ones() -> None:
    assert said("血压") == {"x ve ia": 0, "x ie ia": lexicon.OTHER_READING}
    assert said("行") == pytest.approx(
        {"x ing": 0, "h ang": lexicon.OTHER_READING, "h eng": lexicon.OTHER_READING}
    )


def test_only_hu_and_fu_are_swapped() -> None:
    assert said("湖") == {"h u": 0, "f u": lexicon.SWAPPED}
    assert said("豆腐")["d ou h u"] == lexicon.SWAPPED
    assert said("花") == {"h ua": 0}


def test_every_phone_of_an_accent_is_one_of_ours() -> None:
    assert set(lexicon.ACCENTS) <= set(lexicon.PHONES)
    assert {one for group in lexicon.ACCENTS.values() for one, _ in group} <= set(lexicon.PHONES)


def test_words_of_the_line_with_their_kinds() -> None:
    words = lexicon.domain_words()
    assert words["皮蛋瘦肉粥"] == "dish"
    assert words["可园北路"] == "place"
    assert words["桂芳"] == "name"
    assert words["明天"] == words["救命"] == ""


def test_any_phrase_can_be_spelled() -> None:
    made = lexicon.made({"明天": "", "毛血旺": "dish", "A餐": "dish"})
    assert made.kinds["毛血旺"] == "dish"
    assert "A餐" not in made.kinds
    assert {"毛", "血", "旺", "餐"} <= made.words
    assert len(lexicon.characters()) > 3700


def test_a_guessed_sound_is_doubtful() -> None:
    assert lexicon.doubtful("毛血旺")
    assert not lexicon.doubtful("三元里")
    assert not lexicon.doubtful("行")


def test_read_as_written(tmp_path: Path) -> None:
    made = lexicon.made({"湖南": "place"})
    lexicon.write(tmp_path / "lexicon.tsv", made)
    assert lexicon.read(tmp_path / "lexicon.tsv") == made


@pytest.mark.parametrize("line", ["湖南", "湖南\t\t0\th y", "湖南\tcity\t0\th u", "湖南\t\t0\t"])
def test_another_file_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "lexicon.tsv").write_text(line, encoding="utf-8")
    with pytest.raises(ValueError):
        lexicon.read(tmp_path / "lexicon.tsv")


def test_further_words_leave_the_known_ones_alone() -> None:
    base = lexicon.made({"明天": "", "烧鹅": "dish"})
    more = lexicon.joined(base, {"烧鹅": "place", "烧鸭": "dish", "明天": "name"})
    assert more.kinds["烧鹅"] == "dish"
    assert more.kinds["烧鸭"] == "dish"
    assert more.readings[: len(base.readings)] == base.readings
    assert [one.word for one in more.readings[len(base.readings) :]] == ["烧鸭"]
