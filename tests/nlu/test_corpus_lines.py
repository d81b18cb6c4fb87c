"""The labelled lines: many, of every kind, and labelled as the conventions say."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, time
from pathlib import Path

import pytest

from nlu.corpus.lines import (
    DEV,
    HELDOUT,
    STYLES,
    BadLine,
    Line,
    catalogue_codes,
    faults,
    intents,
    line_of,
    read_lines,
)


def test_the_heldout_lines_are_many_and_of_every_kind() -> None:
    lines = read_lines(HELDOUT)
    assert len(lines) >= 600
    assert len({line.text for line in lines}) == len(lines)
    assert {line.intent for line in lines} == intents()
    assert {line.style for line in lines} == set(STYLES)
    assert {code for line in lines for code, _ in line.services} == catalogue_codes()
    styles = Counter((line.style, line.channel) for line in lines)
    assert styles["elder", "voice"] >= 150 and styles["family", "wechat"] >= 100


def test_cries_for_help_and_what_only_sounds_like_one_are_many() -> None:
    assert len([one for one in read_lines(HELDOUT) if one.intent == "emergency"]) >= 120
    near_misses = read_lines(HELDOUT / "near_miss.jsonl")
    assert len(near_misses) >= 80
    assert "emergency" not in {line.intent for line in near_misses}


@pytest.mark.parametrize("folder", [DEV, HELDOUT], ids=["dev", "heldout"])
def test_all_labels_keep_the_conventions(folder: Path) -> None:
    assert [(line.text, found) for line in read_lines(folder) if (found := faults(line))] == []


def test_development_and_heldout_lines_are_not_the_same() -> None:
    dev = {line.text for line in read_lines(DEV)}
    assert [line.text for line in read_lines(HELDOUT) if line.text in dev] == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (Line("  ", "greet"), "no text"),
        (Line("送饭", "order_food"), "unknown intent"),
        (Line("送饭", "order_meal", services=(("meal.tea", 1),)), "unknown service"),
        (Line("送饭", "order_meal", services=(("meal.lunch", 0),)), "below one"),
        (Line("饭", "order_meal", services=(("meal.lunch", 1), ("meal.lunch", 2))), "twice"),
        (Line("救命,饭别送", "emergency", services=(("meal.lunch", 1),)), "carries no services"),
        (Line("到了", "job_check_in", services=(("meal.lunch", 1),)), "carries no services"),
        (Line("头晕怎么办", "health_consult"), "health.consult"),
        (Line("早点来", "order_meal", part="dawn"), "part of day"),
        (Line("少辣", "order_meal", diet=("mild",)), "diet"),
        (Line("隔三差五", "order_meal", recurrence="sometimes"), "recurrence"),
        (Line("六星", "rate_service", rating=6), "rating"),
        (Line("给妈妈送饭", "order_meal", person="我妈"), "person"),
        (Line("取消那单", "cancel_order", order_ref="昨天那单"), "order_ref"),
        (Line("送饭", "order_meal", style="shouted"), "style"),
        (Line("送饭", "order_meal", channel="letter"), "channel"),
    ],
)
def test_a_broken_convention_is_told(line: Line, fault: str) -> None:
    told = faults(line)
    assert len(told) == 1 and fault in told[0]


def test_rhythms_beyond_the_week_are_known() -> None:
    for rhythm in ("daily", "weekly:MON,WED", "every:2", "odd_days", "monthly:15"):
        assert faults(Line("约", "order_nursing", recurrence=rhythm)) == []


def test_a_city_has_codes_of_its_own() -> None:
    line = Line("艾灸", "order_nursing", services=(("nursing.moxa", 1),))
    assert faults(line) and faults(line, {"nursing.moxa"}) == []


def test_a_line_is_written_as_it_was_read(tmp_path: Path) -> None:
    line = Line(
        "明天三点半给我妈送两份", "order_meal", "elder", "voice", (("meal.lunch", 2),),
        date(2026, 3, 5), time(15, 30), person="我妈",
    )  # fmt: skip
    file = tmp_path / "lines.jsonl"
    file.write_text(json.dumps(line.to_json(), ensure_ascii=False) + "\n\n", encoding="utf-8")
    assert read_lines(file) == read_lines(tmp_path) == [line]
    assert "diet" not in line.to_json()


@pytest.mark.parametrize(
    "raw", ["{", "[]", '{"text": "饭"}', '{"text": "饭", "intent": "greet", "date": "明天"}']
)
def test_what_is_no_line_is_told_with_its_number(tmp_path: Path, raw: str) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text('{"text": "你好", "intent": "greet"}\n' + raw, encoding="utf-8")
    with pytest.raises(BadLine, match=r"lines\.jsonl, line 2"):
        read_lines(file)


def test_services_are_pairs() -> None:
    assert line_of({"text": "两份", "intent": "inform", "services": [["meal.lunch", "2"]]}) == Line(
        "两份", "inform", services=(("meal.lunch", 2),)
    )
