"""Days of the calendar: months, lunar days, festivals, solar terms.

Each `…(…, today, look_back)` gives the next such day (today included), or with look_back the
latest that has passed (today included).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from lunar_python import Lunar, Solar

# Words (as patterns) and their day: (calendar, month, day), or the month's n-th Sunday. 元宵, 腊八
# and 中秋 are dishes too.
FESTIVALS: tuple[tuple[str, tuple[str, int, int]], ...] = (
    ("元旦", ("solar", 1, 1)),
    ("情人节", ("solar", 2, 14)),
    ("妇女节|三八节", ("solar", 3, 8)),
    ("劳动节|五一(?!会|点)", ("solar", 5, 1)),
    ("青年节|五四青年节", ("solar", 5, 4)),
    ("儿童节|六一(?!点)", ("solar", 6, 1)),
    ("建军节|八一(?!点|路|医)", ("solar", 8, 1)),
    ("植树节", ("solar", 3, 12)),
    ("教师节", ("solar", 9, 10)),
    ("国庆节?|十一(?=长假|黄金周|假期|期间)", ("solar", 10, 1)),
    ("平安夜", ("solar", 12, 24)),
    ("圣诞节?", ("solar", 12, 25)),
    ("龙抬头|(?<![十闰\\d])二月二(?:龙抬头)?(?![十号日个\\d])", ("lunar", 2, 2)),
    ("(?<![十闰\\d])三月三(?![十号日个\\d])", ("lunar", 3, 3)),
    ("佛诞|浴佛节", ("lunar", 4, 8)),
    ("尾牙", ("lunar", 12, 16)),
    ("母亲节", ("sunday", 5, 2)),
    ("父亲节", ("sunday", 6, 3)),
    ("春节|大年初一|过年(?!后)", ("lunar", 1, 1)),
    ("元宵节|元宵(?=那天|当天|晚)", ("lunar", 1, 15)),
    ("端午节?(?!粽)", ("lunar", 5, 5)),
    ("七夕节?|(?<![十闰\\d])七月七(?![十号日个\\d])", ("lunar", 7, 7)),
    ("中元节|鬼节|七月半(?!个)", ("lunar", 7, 15)),
    ("中秋节?(?!月饼)|八月(?:十五|节)(?![号日天个])", ("lunar", 8, 15)),
    (
        "重阳节?(?!糕)|老人节|敬老节|(?<![十闰\\d])九月九(?:重阳节?)?(?![十号日个\\d])",
        ("lunar", 9, 9),
    ),
    ("腊八节?(?!粥|蒜)", ("lunar", 12, 8)),
    ("小年(?!轻|纪)", ("lunar", 12, 24)),  # the south's; the north keeps the 23rd
    ("除夕|大?年三十|大年夜", ("lunar", 13, 0)),  # the day before the lunar new year
)
FESTIVAL = re.compile("|".join(f"(?P<f{i}>{words})" for i, (words, _) in enumerate(FESTIVALS)))
SOLAR_TERMS = (
    "清明", "冬至", "立春", "立夏", "立秋", "立冬", "春分", "秋分", "夏至", "惊蛰", "谷雨", "芒种",
    "处暑", "白露", "寒露", "霜降", "小满", "小暑", "大暑", "小寒", "大寒",
)  # fmt: skip


@dataclass(frozen=True)
class Now:
    """The day of speaking, and whether bare days are meant to lie behind it."""

    today: date
    look_back: bool


Reader = Callable[[re.Match[str], Now], date | None]
"""From a match of its pattern to the day meant, None when it means none."""


def add_months(day: date, months: int) -> date:
    """The same day so many months on; the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_day(month: int, day: int, today: date, look_back: bool = False) -> date | None:
    """The coming (or last) 3月15号; None for a day that no year has."""
    return _nearest(lambda year: _solar(year, month, day), today, look_back, reach=8)


def next_day_of_month(day: int, today: date, look_back: bool = False) -> date | None:
    """The coming (or last) 15号."""
    first = today.replace(day=1)
    step = -1 if look_back else 1
    for away in range(12):
        month = add_months(first, step * away)
        if 1 <= day <= monthrange(month.year, month.month)[1]:
            candidate = month.replace(day=day)
            if (candidate <= today) if look_back else (candidate >= today):
                return candidate
    return None


def lunar_day(month: int | None, day: int, today: date, look_back: bool = False) -> date | None:
    """The coming (or last) lunar day: 三月初五, or with no month the nearest 初八."""
    if month is None:
        step = -1 if look_back else 1
        for away in range(61):
            candidate = today + timedelta(days=step * away)
            if _lunar_of(candidate) == day:
                return candidate
        return None
    return _nearest(lambda year: _from_lunar(year, month, day), today, look_back)


def festival(match: re.Match[str], today: date, look_back: bool = False) -> date | None:
    """The coming (or last) day of the festival that a FESTIVAL match names."""
    kind, month, day = FESTIVALS[int((match.lastgroup or "f0")[1:])][1]
    if kind == "solar":
        return month_day(month, day, today, look_back)
    if kind == "sunday":
        return _nearest(lambda year: _sunday(year, month, day), today, look_back)
    if month == 13:
        return _nearest(_eve, today, look_back)
    return lunar_day(month, day, today, look_back)


def solar_term(name: str, today: date, look_back: bool = False) -> date | None:
    """The coming (or last) day of one of the SOLAR_TERMS."""
    return _nearest(lambda year: _terms(year).get(name), today, look_back)


def _nearest(
    of_year: Callable[[int], date | None], today: date, look_back: bool, reach: int = 2
) -> date | None:
    step = -1 if look_back else 1
    # A lunar year begins in the solar year before it is over: start one year early.
    for away in range(-1, reach + 1):
        candidate = of_year(today.year + step * away)
        if candidate and ((candidate <= today) if look_back else (candidate >= today)):
            return candidate
    return None


def _solar(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _sunday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))


@lru_cache(maxsize=512)
def _lunar_of(day: date) -> int:
    return int(Solar.fromYmd(day.year, day.month, day.day).getLunar().getDay())


@lru_cache(maxsize=512)
def _from_lunar(year: int, month: int, day: int) -> date | None:
    try:
        solar = Lunar.fromYmd(year, month, day).getSolar()
    except Exception:  # noqa: BLE001 - lunar-python raises bare Exception for days a year lacks
        return None
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def _eve(year: int) -> date | None:
    new_year = _from_lunar(year + 1, 1, 1)
    return new_year - timedelta(days=1) if new_year else None


@lru_cache(maxsize=16)
def _terms(year: int) -> dict[str, date]:
    table = Lunar.fromYmd(year, 6, 1).getJieQiTable()
    days = [
        ("冬至" if name == "DONG_ZHI" else str(name), date(*map(int, solar.toYmd().split("-"))))
        for name, solar in table.items()
    ]
    # The table begins in the winter before and ends in the one after.
    return {name: day for name, day in days if day.year == year and name in SOLAR_TERMS}
