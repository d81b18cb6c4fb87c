"""Services named in a sentence: by word, by word with a gap, by sound."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given, settings

from backend.seed.catalogue import load_catalogue
from nlu.understand import make_gazetteer
from nlu.values.services import Gazetteer
from nlu.values.sounds import fold
from tests.nlu.saying import any_text

GAZETTEER = make_gazetteer()


def named(text: str) -> list[str]:
    return [one.code for one in GAZETTEER.find(text)]


def test_every_catalogue_word_names_its_item() -> None:
    for item in load_catalogue():
        for word in item.words:
            assert named(word) == [item.code], word


def test_every_thing_and_deed_that_tell_of_one_item_name_it() -> None:
    owners: dict[tuple[str, str], set[str]] = {}
    for item in load_catalogue():
        for things, deeds in item.told_by.items():
            for thing in things.split():
                for deed in deeds.split():
                    owners.setdefault((thing, deed.strip("…")), set()).add(item.code)
    for item in load_catalogue():
        for things, deeds in item.told_by.items():
            for thing, deed in ((t, d) for t in things.split() for d in deeds.split()):
                if len(owners[thing, deed.strip("…")]) > 1 or item.generic:
                    continue
                said = (
                    deed.replace("…", f"了{thing}")
                    if deed.endswith("…")
                    else thing + deed.strip("…")
                )
                assert item.code in named(said), said


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("明天中午给我妈订一份午餐", ["meal.lunch"]),
        ("后天换药,再打扫卫生", ["nursing.wound", "home.clean"]),
        ("打扫卫生", ["home.clean"]), ("搞大扫除", ["home.deep_clean"]),
        ("理个发", ["home.haircut"]), ("擦擦窗户", ["home.deep_clean"]),
        ("量一下血压", ["nursing.vitals"]), ("做午饭", ["home.cook"]),
        ("水龙头一直滴水", ["home.repair"]), ("把线拆了", ["nursing.wound"]),
        ("換藥", ["nursing.wound"]), ("ＰＩＣＣ", ["nursing.picc"]), ("飲茶", ["escort.outing"]),
        ("唔该攞药", ["errand.medicine"]), ("今天天气真好", []), ("", []),
    ],
)  # fmt: skip
def test_named_outright(text: str, codes: list[str]) -> None:
    assert named(text) == codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("帮我约唤药", "nursing.wound"), ("约护士打真", "nursing.injection"),
        ("打少卫生", "home.clean"), ("我要去衣院", "escort.hospital"), ("量雪压", "nursing.vitals"),
        ("我想洗早", "home.bath"), ("褥创护理", "nursing.pressure_sore"),
        ("明天午参", "meal.lunch"), ("陪我撩天", "companion.visit"),
    ],
)  # fmt: skip
def test_a_recognisers_slips_are_mended(text: str, code: str) -> None:
    assert code in named(text)
    assert any(one.by_sound for one in GAZETTEER.find(text))


@pytest.mark.parametrize(
    "text",
    [
        "大嫂来了",
        "我在福建",
        "送要软一点的",
        "我要去要东西",
        "你好在吗",
        "转人工",
        "余额多少",
        "今天晚上",
        "市场旁边",
        "谢谢你",
        "换么换",
        "一周一",
        "网上说的",
    ],
)
def test_sounds_alone_invent_nothing(text: str) -> None:
    assert named(text) == []


def test_days_and_people_are_not_searched_by_sound() -> None:
    assert [one.code for one in GAZETTEER.find("找唤药")] == ["nursing.wound"]
    assert GAZETTEER.find("找唤药", known=[(1, 3)]) == []


def test_southern_ears() -> None:
    assert fold("zhang") == fold("zan")
    assert fold("lan") == fold("nan")
    assert fold("fu") == fold("hu")
    assert fold("shi") != fold("ci")


@pytest.mark.parametrize(
    ("part", "clock", "code"),
    [
        (None, None, "meal.lunch"), ("noon", None, "meal.lunch"), ("evening", None, "meal.dinner"),
        ("morning", None, "meal.breakfast"), (None, time(17, 30), "meal.dinner"),
        (None, time(7), "meal.breakfast"), (None, time(2), "meal.lunch"),
        ("night", None, "meal.lunch"),
    ],
)  # fmt: skip
def test_a_word_for_any_meal_is_told_by_the_time(
    part: str | None, clock: time | None, code: str
) -> None:
    (found,) = GAZETTEER.find("送饭")
    assert found.generic
    assert GAZETTEER.choose(found, part, clock) == code


def test_an_exact_word_needs_no_time() -> None:
    (found,) = GAZETTEER.find("晚饭")
    assert GAZETTEER.choose(found, "noon", time(12)) == "meal.dinner"


def test_what_an_order_means_that_names_nothing() -> None:
    meal, visit = GAZETTEER.unnamed("meal"), GAZETTEER.unnamed("companion")
    assert meal is not None and meal.generic
    assert visit is not None and visit.codes == ("companion.visit",)
    assert GAZETTEER.unnamed("nursing") is None


def test_an_empty_catalogue_finds_nothing() -> None:
    assert Gazetteer([]).find("明天中午送饭") == []


def test_words_for_the_recogniser() -> None:
    assert {"换药", "送饭", "picc"} <= set(GAZETTEER.words)


@settings(max_examples=300, deadline=None)
@given(text=any_text)
def test_any_text(text: str) -> None:
    found = GAZETTEER.find(text)
    assert [one.start for one in found] == sorted(one.start for one in found)
    for one, following in zip(found, found[1:], strict=False):
        assert one.end <= following.start
