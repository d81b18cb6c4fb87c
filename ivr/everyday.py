"""Days, clocks and counts as people say them on this line, each list likeliest first.

A line that listens for given words and the bench that measures its ears take them from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from ivr.model.spoken import number_spoken
from nlu.values.times import Hours, find_time

DIGITS = (*"零一二三四五六七八九", "幺", "两")
"""Figure by figure, as codes and telephone numbers are said."""
PARTS = {
    "早上": "六 七 八 九",
    "上午": "八 九 十 十一",
    "中午": "十一 十二 一",
    "下午": "一 两 三 四 五 六",
    "晚上": "五 六 七 八 九",
}
"""The parts of a day and the hours that are said with them."""
_MINUTES = ("", "半", "一刻", "三刻", "十分", "二十分", "四十分", "五十分")
_MEASURES = "份个次位"
_MOST = 99


@cache
def sayings() -> dict[str, Any]:
    """What callers say around the catalogue's words, list by list (model/sayings.yaml)."""
    text = (Path(__file__).parent / "model" / "sayings.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def days() -> Iterator[str]:
    """Near days, days of the week, days of the month."""
    said = sayings()
    yield from said["day"][:4]
    weeks = ("周", "星期", "礼拜", "这周", "下周", "下星期", "下个礼拜")
    yield from map("".join, product(weeks, said["weekday"]))
    yield from (f"{number_spoken(day)}号" for day in range(1, 32))


def clocks(hours: Hours | None = None) -> Iterator[str]:
    """Parts of the day, and for each its times with and without it, that lie within `hours`."""
    for part, said in PARTS.items():
        times = [f"{hour}点{minute}" for hour, minute in product(said.split(), _MINUTES)]
        kept = [time for time in times if lies_within(part + time, hours)]
        yield from (part, *kept, *(part + time for time in kept))


@lru_cache(maxsize=4096)
def lies_within(said: str, hours: Hours | None) -> bool:
    """Whether a time with its part of the day lies within hours, both ends included."""
    if hours is None:
        return True
    clock = find_time(said)
    return clock is not None and hours[0] <= clock <= hours[1]


def counts() -> Iterator[str]:
    """Bare numbers to 99, and one to ten of a measure."""
    yield from map(number_spoken, range(1, _MOST + 1))
    yield from map("".join, product("一两三四五六七八九十", _MEASURES))
