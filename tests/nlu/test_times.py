"""Clock times and parts of day, as elders and their families say them."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given, settings

from nlu.values.relative import find_moments
from nlu.values.times import Clock, find_clocks, find_part, find_parts, find_time, read_clock
from tests.nlu.saying import NOW, any_text

NURSE = (time(8), time(18))


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("十一点一刻", "11:15"), ("三点半", "15:30"), ("九点三个字", "09:15"), ("11:30", "11:30"),
        ("11点半", "11:30"), ("１１点半", "11:30"), ("下午三点", "15:00"), ("晚上七点", "19:00"),
        ("两点钟", "14:00"), ("中午十二点", "12:00"), ("中午一点", "13:00"), ("十二点半", "12:30"),
        ("八点零五分", "08:05"), ("八点零五", "08:05"), ("八点十分", "08:10"),
        ("八点二十", "08:20"),
        ("十点过五分", "10:05"), ("九点三刻", "09:45"), ("8点30", "08:30"), ("15时", "15:00"),
        ("20:15", "20:15"), ("24点", "00:00"), ("25点", None), ("25:10", None),
        ("三点六十分", None),
        ("差五分三点", "14:55"), ("差一刻八点", "07:45"), ("三点差五分", "14:55"),
        ("三点两份", "15:00"), ("血糖七点八", None), ("十点多", "10:00"), ("六点", "18:00"),
        ("明早八点", "08:00"), ("早八点", "08:00"), ("晚七点", "19:00"), ("凌晨五点", "05:00"),
        ("凌晨十二点", "00:00"), ("晚上十二点", "00:00"), ("下午十二点半", "12:30"),
        ("三点到四点", "15:00"), ("下午三四点", "15:00"), ("三点,不对,四点", "16:00"),
        ("上午十点改到下午三点", "15:00"), ("明天一点", "13:00"), ("下午一点来", "13:00"),
        ("一点半", "13:30"), ("软一点", None), ("早一点来", None), ("晚一点", None),
        ("今天一点都不想吃", None), ("我有两点要求", None), ("早点来", None), ("午饭", None),
        ("晚到二十分钟", None), ("19点", "19:00"), ("二十点", "20:00"),
    ],
)  # fmt: skip
def test_a_nurses_hours_decide_what_three_oclock_is(text: str, clock: str | None) -> None:
    said = find_time(text, NURSE)
    assert (said.strftime("%H:%M") if said else None) == clock


@pytest.mark.parametrize(
    ("text", "hours", "clock"),
    [
        ("七点", (time(6, 30), time(9)), "07:00"), ("七点", (time(16, 30), time(19)), "19:00"),
        ("七点", None, "07:00"), ("三点", None, "15:00"), ("四点", (time(6), time(9)), "16:00"),
        ("十点", (time(18), time(20)), "10:00"), ("零点", NURSE, "00:00"),
    ],
)  # fmt: skip
def test_each_service_reads_the_hour_its_own_way(
    text: str, hours: tuple[time, time] | None, clock: str
) -> None:
    said = find_time(text, hours)
    assert said is not None
    assert said.strftime("%H:%M") == clock


def test_a_part_said_elsewhere_reads_the_hour() -> None:
    assert read_clock(Clock(7, 0), "evening", NURSE) == time(19)
    assert read_clock(Clock(7, 0), "morning", (time(16), time(20))) == time(7)
    assert find_time("下午,大概三点", NURSE) == time(15)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("半个钟后", "09:50"), ("两小时后", "11:20"), ("一个半小时后", "10:50"),
        ("再过二十分钟", "09:40"),
        ("一刻钟后", "09:35"), ("三个字后", "09:35"), ("过半小时", "09:50"),
        ("两个钟头半后", "11:50"),
        ("一会儿", None), ("饭后半小时", None), ("三十个小时后", None), ("零分钟后", None),
    ],
)  # fmt: skip
def test_moments_counted_from_now(text: str, clock: str | None) -> None:
    said = find_time(text, NURSE, now=NOW)
    assert (said.strftime("%H:%M") if said else None) == clock
    moments = [one.value.strftime("%H:%M") for one in find_moments(text, NOW)]
    assert moments == ([clock] if clock else [])


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("清早", "early_morning"), ("明天一早", "early_morning"), ("凌晨", "early_morning"),
        ("早上", "morning"), ("上午", "morning"), ("明早", "morning"), ("听朝", "morning"),
        ("朝早", "morning"), ("中午", "noon"), ("晏昼", "noon"), ("正午", "noon"),
        ("明天中午饭", "noon"), ("中午的饭", "noon"), ("下午", "afternoon"), ("下昼", "afternoon"),
        ("午后", "afternoon"), ("晚上", "evening"), ("傍晚", "evening"), ("今晚", "evening"),
        ("周六晚", "evening"), ("夜晚", "evening"), ("今晚饭堂送", "evening"),
        ("午饭", None), ("晚饭", None), ("早餐", None), ("晏昼饭", None), ("明早餐", None),
        ("明天晚饭", None), ("明天晚到", None), ("早上好", None), ("下午好", None),
        ("上午改成下午", "afternoon"), ("不是上午,是下午", "afternoon"),
    ],
)  # fmt: skip
def test_parts_only_from_a_word_for_the_time_of_day(text: str, part: str | None) -> None:
    assert find_part(text) == part


@settings(max_examples=300, deadline=None)
@given(text=any_text)
def test_any_text_gives_real_times(text: str) -> None:
    for found in find_clocks(text, NOW):
        assert 0 <= found.value.hour <= 24
        assert isinstance(read_clock(found.value, None, NURSE), time)
    assert {found.value for found in find_parts(text)} <= {
        "early_morning", "morning", "noon", "afternoon", "evening",
    }  # fmt: skip
