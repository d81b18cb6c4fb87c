"""Again and again: daily, weekdays, weekly."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from nlu.values.recurrence import find_recurrence, find_recurrences, recurrence_spans
from tests.nlu.saying import any_text


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("每天中午送饭", "daily"), ("天天都要", "daily"), ("每日", "daily"), ("每晚", "daily"),
        ("工作日", "weekdays"), ("每个工作日送午饭", "weekdays"), ("工作日每天", "weekdays"),
        ("周一到周五每天", "weekdays"), ("礼拜一至礼拜五", "weekdays"),
        ("除了周末每天", "weekdays"),
        ("周一到周日", "daily"), ("周一到周三", "weekly:MON,TUE,WED"),
        ("每周一三五", "weekly:MON,WED,FRI"), ("每周一、三、五", "weekly:MON,WED,FRI"),
        ("每个礼拜三", "weekly:WED"), ("每个星期六", "weekly:SAT"), ("逢周二", "weekly:TUE"),
        ("周一三五来打扫", "weekly:MON,WED,FRI"), ("周二周四都要", "weekly:TUE,THU"),
        ("每周末", "weekly:SAT,SUN"), ("每周三十点", "weekly:WED"), ("每周一三点", "weekly:MON"),
        ("每周三两份", "weekly:WED"), ("每周六和周日", "weekly:SAT,SUN"), ("每周3", "weekly:WED"),
        ("每周一次", None), ("一周两次", None), ("隔天", "every:2"), ("每隔两天", "every:3"),
        ("隔日", "every:2"), ("每个月15号", "monthly:15"), ("下周三", None), ("周三", None),
        ("每人一份", None),
        ("周五到周二", None), ("两周一次", "every:14"),
    ],
)  # fmt: skip
def test_recurrences(text: str, again: str | None) -> None:
    assert find_recurrence(text) == again


def test_two_of_them_in_one_breath() -> None:
    found = find_recurrences("每天送午饭,每周三打扫")
    assert [one.value for one in found] == ["daily", "weekly:WED"]


def test_even_what_cannot_be_kept_is_no_date() -> None:
    assert recurrence_spans("每个月15号理发") == [(0, 6)]


@settings(max_examples=200, deadline=None)
@given(text=any_text)
def test_any_text(text: str) -> None:
    for found in find_recurrences(text):
        assert found.value in {"daily", "weekdays"} or found.value.startswith("weekly:")
