"""What is spoken, and what is held out."""

from pathlib import Path
from random import Random

import pytest

from ivr.model.phones import PAUSE
from ivr.model.sayings import sayings
from ivr.model.sentences import LONGEST, listed, part_of, read, write
from ivr.model.spoken import digits_spoken, number_spoken, pieces


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("3月8号给我妈订2份午餐。", ["三月八号给我妈订二份午餐"]),
        ("11:30来", ["十一点三十分来".replace("三十分", "半")]),
        ("9:05 到", ["九点零五分，到"]),
        ("打120！快", ["打一二零", "快"]),
        ("一共120元", ["一共一百二十元"]),
        ("2026年", ["二零二六年"]),
        ("血糖8.5", ["血糖八点五"]),
        ("好的😀，谢谢", ["好的，谢谢"]),
        ("发个wechat给我；好吧", ["好吧"]),
        ("", []),
    ],
)
def test_writing_becomes_speech(written: str, spoken: list[str]) -> None:
    assert list(pieces(written)) == spoken


def test_long_sentences_come_in_pieces() -> None:
    text = "我想订一份午餐，要软一点的，送到南城体育路，中午十二点以前，谢谢你们"
    found = list(pieces(text))
    assert PAUSE.join(found) == text
    assert all(len(piece) <= LONGEST for piece in found)


def test_numbers_and_digits() -> None:
    assert number_spoken(15) == "十五"
    assert number_spoken(305) == "三百零五"
    assert digits_spoken("1021", "幺") == "幺零二幺"


def test_the_part_hangs_on_the_text_alone() -> None:
    assert part_of("好，谢谢") == part_of("好谢谢")
    parts = [part_of(number_spoken(number)) for number in range(1, 5000)]
    assert 0.02 < parts.count("held") / len(parts) < 0.04


def test_the_list_has_no_repeats_nothing_unspeakable_and_one_order() -> None:
    sources = [
        ("a", "你好"),
        ("b", "你好"),
        ("a", "ok"),
        ("a", "再见"),
        ("a", "好" * 21),
        ("a", ""),
    ]
    found = listed(sources)
    assert sorted(sentence.text for sentence in found) == ["你好", "再见"]
    assert found == listed(reversed(sources[0:1] + sources[2:]))


def test_what_callers_say_is_of_every_kind_and_can_be_spoken() -> None:
    found = listed(sayings(Random(1)))
    kinds = {sentence.kind for sentence in found}
    assert kinds == {
        "service", "dish", "time", "number", "digits", "answer", "help", "name", "address",
    }  # fmt: skip
    assert len(found) > 15_000
    texts = {sentence.text for sentence in found}
    assert {"早餐", "白切鸡", "大后天", "好的", "不用了", "救命", "七"} <= texts
    assert any("幺" in text for text in texts)


def test_it_is_read_as_written(tmp_path: Path) -> None:
    sentences = listed([("a", "你好，我要订餐"), ("b", "谢谢")])
    write(tmp_path / "x" / "sentences.jsonl", sentences)
    assert read(tmp_path / "x" / "sentences.jsonl") == sentences
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["sentences.jsonl"]
