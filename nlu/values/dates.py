"""Days said in words, read for someone in Asia/Shanghai.

Conventions: a bare weekday is the next one and never today ("周六" said on a Saturday is in
seven days: who means today says 今天); 这周X lies in this calendar week (Monday first), 下周X in
the one after; a bare day of the month, lunar day or festival is the next to come, today
included. A day said from another is counted from it (清明前一天, 后天的后天, 礼拜五的往后挪一天);
one said only as a limit ("后天之前") is no day. With `look_back` (complaints, ratings) bare
days are the latest that have passed.

Own rules read the core: measured against them, jionlp puts bare weekdays and festivals in the
past, reads "三月十二" lunar and 初八 a month late, raises on 明早, 月底, 听日, and costs 1.3 s to
import. So it is asked only for the long tail (years in words, ten-day
periods), and imported then. Lunar days and solar terms come from lunar-python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from nlu.values.calendar import (
    FESTIVAL,
    SOLAR_TERMS,
    Now,
    Reader,
    festival,
    solar_term,
)
from nlu.values.found import Found, found, settle
from nlu.values.long_tail import TAIL, read_tail
from nlu.values.misheard import as_meant
from nlu.values.months import (
    DAY_OF_MONTH,
    EDGE,
    FULL_DATE,
    LUNAR,
    MONTH_DAY,
    NTH_WEEKDAY,
    THAT_MONTH,
    read_day_of_month,
    read_edge,
    read_full_date,
    read_lunar,
    read_month_day,
    read_nth_weekday,
    read_that_month,
)
from nlu.values.near_days import (
    IN_DAYS,
    RELATIVE_DAY,
    SAME_DAY,
    WEEK_DAY,
    WEEKDAY,
    read_in_days,
    read_relative_day,
    read_same_day,
    read_week_day,
)
from nlu.values.numbers import NUMBER, to_int
from nlu.values.recurrence import WEEK, recurrence_spans
from nlu.values.relative import find_deadlines, find_moments
from nlu.values.text import mask

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class DateFound:
    """The day meant and where its words stand in the plain text."""

    date: date
    start: int
    end: int


def _festival(match: re.Match[str], now: Now) -> date | None:
    return festival(match, now.today, now.look_back)


_TERM = re.compile("(?:" + "|".join(SOLAR_TERMS) + ")(?:节|那天|当天)?|做冬|冬节")


def _term(match: re.Match[str], now: Now) -> date | None:
    name = match.group()[:2]
    return solar_term(name if name in SOLAR_TERMS else "冬至", now.today, now.look_back)


def _tail(match: re.Match[str], now: Now) -> date | None:
    return read_tail(match.group(), now.today)


# Earlier readers take their words away from later ones.
_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (FULL_DATE, read_full_date),
    (TAIL, _tail),
    (NTH_WEEKDAY, read_nth_weekday),
    (SAME_DAY, read_same_day),
    (IN_DAYS, read_in_days),
    (LUNAR, read_lunar),
    (THAT_MONTH, read_that_month),
    (FESTIVAL, _festival),
    (MONTH_DAY, read_month_day),
    (EDGE, read_edge),
    (WEEK_DAY, read_week_day),
    (RELATIVE_DAY, read_relative_day),
    (_TERM, _term),
    (DAY_OF_MONTH, read_day_of_month),
)

# A feast drawing near is why, not when: "快清明了,想大扫除".
_SEASONS = frozenset({FESTIVAL, _TERM, LUNAR, EDGE})
_DRAWING_NEAR = re.compile(r"(?:快|临近|将近|眼看|马上|就要)(?:就|快|要|是|到)*$")
_SO_NEAR = re.compile(r"(?:节|那天)?(?:了|喇|啦)|(?=[,。;!?])")
_NEARLY_HERE = re.compile(r"节?(?:就|快|要|马上|眼看)+(?:要|到|来)+(?:了|喇|啦)|节?(?:快乐|安康)")


def _draws_near(match: re.Match[str]) -> bool:
    before, words = match.string[: match.start()], match.string
    led = _DRAWING_NEAR.search(before) and _SO_NEAR.match(words, match.end())
    return bool(led or _NEARLY_HERE.match(words, match.end()))


# "今天初几了" asks for the day and means none.
_ASKED = re.compile(
    r"(?:今[天日]|[明听][天日]|后[天日])(?:到底|究竟)?[是系]?(?:个)?(?:(?:农历|阴历)?初几|几号|几月"
    rf"|{WEEK}几|什么(?:日子|节|日期))"
)


def _read_all(words: str, now: datetime, look_back: bool) -> Iterator[Found[date]]:
    local = now.astimezone(SHANGHAI) if now.tzinfo else now
    about = Now(local.date(), look_back)
    moments = [*find_moments(words, local), *find_deadlines(words, local)]
    yield from (found(one.value.date(), one.start, one.end) for one in moments)
    spans = [(one.start, one.end) for one in moments]
    spans += [match.span() for match in _ASKED.finditer(words)]
    hidden = mask(words, recurrence_spans(words) + spans)
    for pattern, reader in _READERS:
        taken: list[tuple[int, int]] = []
        for match in pattern.finditer(hidden):
            if pattern in _SEASONS and _draws_near(match):
                taken.append(match.span())
                continue
            try:
                day = reader(match, about)
            except OverflowError:
                day = None
            if day is not None:
                yield found(day, *match.span())
                taken.append(match.span())
        hidden = mask(hidden, taken)


# ------------------------------------------------------- days said from another day

_BESIDE = re.compile(
    rf"(?:的|那天|当天)?(?:再?往?(?P<side>前|后)(?:面)?(?P<n>{NUMBER})天"
    r"|(?P<word>前一天|头一天|前一晚|前晚|后一天|第二天|第二日|次日)"
    rf"|前(?:面|最后)?的?一个{WEEK}(?P<weekday>[一二三四五六日天]))"
)
_MOVED = re.compile(
    rf"(?:往?(?P<way>后|前)|(?P<verb>推迟|延后|延迟|提前|提早|晚|迟|早))(?:挪|推|移|延|改|拖|错)?"
    rf"(?:到|个)?(?P<n>{NUMBER})天"
)

_EITHER_OR, _OR = re.compile(r"(?<!不)[是系]$"), re.compile(r"还[是系]$")
_ONLY_A_LIMIT = re.compile(r"(?:节|那天)?(?:之前|以前|为止|前(?![天晚面]))")


def _from_each_other(words: str, days: list[Found[date]], today: date) -> list[Found[date]]:
    """Count a day from the one before it where it is said so; drop what is only a limit."""
    out: list[Found[date]] = []
    for day in sorted(days, key=lambda one: one.start):
        if (
            out
            and _EITHER_OR.search(words[max(out[-1].start - 2, 0) : out[-1].start])
            and _OR.search(words[out[-1].end : day.start])
        ):
            out.pop()  # "是今天来还是明天来?" says neither
            continue
        if out and words[out[-1].end : day.start] == "的" and RELATIVE_DAY.match(words, day.start):
            # 后天的后天
            out[-1] = replace(out[-1], value=out[-1].value + (day.value - today), end=day.end)
            continue
        if out and day.start < out[-1].end:
            continue
        if beside := _BESIDE.match(words, day.end):
            if weekday := beside["weekday"]:
                away = -((day.value.weekday() - WEEKDAY[weekday]) % 7 or 7)
            else:
                away = _away(beside["side"] or beside["word"], beside["n"])
            day = replace(day, value=day.value + timedelta(days=away), end=beside.end())
        elif _ONLY_A_LIMIT.match(words, day.end):
            continue
        out.append(day)
    for moved in _MOVED.finditer(words):
        first = next((i for i, day in enumerate(out) if day.end <= moved.start()), None)
        if first is not None:
            away = _away(moved["way"] or moved["verb"], moved["n"])
            out[first] = replace(out[first], value=out[first].value + timedelta(days=away))
    return out


def _away(word: str, number: str | None) -> int:
    days = min(to_int(number) or 0, 366) if number else 1
    return -days if word[0] in "前头提早" else days


def find_dates(text: str, now: datetime, look_back: bool = False) -> list[Found[date]]:
    """Every day meant, after corrections, in the order said. Never raises.

    `now` is read in Asia/Shanghai (a naive one is taken as local already). The weekday inside a
    recurrence ("每周三") is no date.
    """
    words = as_meant(text)
    local = now.astimezone(SHANGHAI) if now.tzinfo else now
    days = _from_each_other(words, list(_read_all(words, now, look_back)), local.date())
    return settle(words, days)


def find_limits(text: str, now: datetime) -> list[Found[date]]:
    """Every day said only as a limit ("后天之前"), with the words that make it one."""
    words = as_meant(text)
    return [
        replace(day, end=limit.end())
        for day in _read_all(words, now, look_back=False)
        if not _BESIDE.match(words, day.end) and (limit := _ONLY_A_LIMIT.match(words, day.end))
    ]


def find_date(text: str, now: datetime, look_back: bool = False) -> DateFound | None:
    """The day meant, None if unsaid. Of several, the first that has not passed (unless
    `look_back`): "昨天约的明天换药" means tomorrow."""
    days = find_dates(text, now, look_back)
    if not days:
        return None
    today = now.astimezone(SHANGHAI).date() if now.tzinfo else now.date()
    ahead = [one for one in days if look_back or one.value >= today]
    best = (ahead or days)[0]
    return DateFound(best.value, best.start, best.end)
