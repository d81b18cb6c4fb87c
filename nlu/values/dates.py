"""Days said in words, read for someone in Asia/Shanghai.

Conventions: a bare weekday is the next one and never today ("周六" said on a Saturday is in
seven days: who means today says 今天); 这周X lies in this calendar week (Monday first), 下周X in
the one after; a bare day of the month, lunar day or festival is the next to come, today
included. With `look_back` (complaints, ratings) bare days are the latest that have passed.

Own rules read the core: measured against them, jionlp puts bare weekdays and festivals in the
past, reads "三月十二" lunar and 初八 a month late, raises on 明早, 月底, 听日, and costs 1.3 s to
import. So it is asked only for the long tail (years in words, ten-day
periods), and imported then. Lunar days and solar terms come from lunar-python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from nlu.values.calendar import (
    FESTIVAL,
    SOLAR_TERMS,
    add_months,
    festival,
    lunar_day,
    month_day,
    next_day_of_month,
    solar_term,
)
from nlu.values.found import Found, found, settle
from nlu.values.long_tail import TAIL, read_tail
from nlu.values.numbers import NUMBER, to_int
from nlu.values.recurrence import WEEK, recurrence_spans
from nlu.values.relative import find_moments
from nlu.values.text import mask, plain

SHANGHAI = ZoneInfo("Asia/Shanghai")
_WEEKDAY = {day: number for number, day in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_WEEKDAY |= {str(n + 1): n for n in range(6)}


@dataclass(frozen=True)
class DateFound:
    """The day meant and where its words stand in the plain text."""

    date: date
    start: int
    end: int


@dataclass(frozen=True)
class _Now:
    today: date
    look_back: bool


_Reader = Callable[[re.Match[str], _Now], date | None]

# Day words with an evening or morning glued on: 今晚, 明早, 听朝 (but 今晚饭 is 今 + 晚饭).
_GLUED = r"(?:天|日|儿个?|个|[早晚朝晨夜](?![饭餐]))"
_RELATIVE_DAY = re.compile(
    rf"(?P<w>大前|大后|前|昨|琴|寻|今(?!后)|明(?!白|显|确|细)|听|翌|后){_GLUED}(?!性)"
    rf"|(?P<two>今明|明后)(?=两?[天日])"
)
_DAYS_AWAY = {
    "大前": -3, "前": -2, "昨": -1, "琴": -1, "寻": -1, "今": 0, "今明": 0, "明": 1, "听": 1,
    "翌": 1, "明后": 1, "后": 2, "大后": 3,
}  # fmt: skip
_ONLY_WITH_DAY = frozenset({"大前", "大后", "琴", "寻", "翌"})


def _relative_day(match: re.Match[str], now: _Now) -> date | None:
    word = match["w"] or match["two"]
    if word in _ONLY_WITH_DAY and match.group()[-1] not in "天日":
        return None
    if word in {"前", "听"} and match.group()[-1] in "儿个夜晨":
        return None
    return now.today + timedelta(days=_DAYS_AWAY[word])


_WEEK_DAY = re.compile(
    r"(?P<pre>上上个?|下下个?|上个?|下个?|这个?|呢个|今个|本)?(?<![每两几半\d])(?<!(?<![周期拜])[一二])(?:周|星期|礼拜)"
    r"(?:的?(?:周|星期|礼拜))?(?P<d>[一二三四五六日天末1-6])(?!个?[次趟回遍]|[\d:])"
)


def _week_day(match: re.Match[str], now: _Now) -> date:
    weekday = _WEEKDAY[match["d"]]
    pre = (match["pre"] or "").rstrip("个")
    if not pre or pre == "今":
        ahead = (weekday - now.today.weekday()) % 7 or 7
        return now.today + timedelta(days=ahead % 7 - 7 if now.look_back else ahead)
    weeks = {"上上": -2, "上": -1, "下": 1, "下下": 2}.get(pre, 0)
    monday = now.today - timedelta(days=now.today.weekday())
    day = monday + timedelta(days=weekday + 7 * weeks)
    if match["d"] == "末" and not weeks and now.today.weekday() == 6:
        return now.today
    return day


_IN_DAYS = re.compile(
    rf"(?:再?过|再等|隔)(?P<n1>{NUMBER}|半)(?P<u1>天|日|周|个?星期|个?礼拜|个月)(?!半)"
    rf"|(?P<n2>{NUMBER}|半)(?P<u2>天|日|周|个?星期|个?礼拜|个月)(?:之后|以后|过后|后(?!天))"
    rf"|(?P<n3>{NUMBER}|半)(?P<u3>天|个?星期|个?礼拜|个月)(?:之前|以前|前(?!天))"
)


def _in_days(match: re.Match[str], now: _Now) -> date | None:
    k = next(k for k in "123" if match[f"n{k}"])
    word, unit = match[f"n{k}"], match[f"u{k}"]
    sign = -1 if k == "3" else 1
    if word == "半":
        return now.today + timedelta(days=15 * sign) if unit == "个月" else None
    number = to_int(word)
    if number is None or number > 366:
        return None
    if unit == "个月":
        return add_months(now.today, sign * number)
    return now.today + timedelta(days=sign * number * (1 if unit in {"天", "日"} else 7))


_MONTH_WORDS = {"正": 1, "冬": 11, "腊": 12}
_LUNAR = re.compile(
    r"(?P<lunar>农历|阴历|旧历)?的?(?P<m>闰?(?:正|冬|腊|十[一二]|[一二三四五六七八九十])月)?"
    r"(?P<d>初(?:十|[一二三四五六七八九]))(?![中小高级年])"
    r"|(?:农历|阴历|旧历)的?(?P<m2>(?:正|冬|腊|十[一二]"
    r"|[一二三四五六七八九十])月)?(?P<d2>[二廿]?十?[一二三四五六七八九十])"
    r"|(?P<m3>(?:正|腊|冬)月)(?P<d3>(?:二十|廿|十)?[一二三四五六七八九十])(?!天)"
    r"|大?年初(?P<d4>[一二三四五六七八九十])"
)


def _lunar(match: re.Match[str], now: _Now) -> date | None:
    if match["d4"]:
        month, day = "正月", match["d4"]
    else:
        month = match["m"] or match["m2"] or match["m3"] or ""
        day = (match["d"] or match["d2"] or match["d3"]).removeprefix("初")
    name = month.removeprefix("闰").removesuffix("月")
    number = _MONTH_WORDS.get(name) or (to_int(name) if name else None)
    of_month = to_int(day)
    return lunar_day(number, of_month, now.today, now.look_back) if of_month else None


_MONTH_DAY = re.compile(
    rf"(?<!\d)(?P<m>{NUMBER})月份?的?(?P<d>{NUMBER})(?:号|日|(?![号日天个次份点:时]))"
    r"|(?<![\d.])(?P<m2>\d{1,2})/(?P<d2>\d{1,2})(?![\d/])"
)


def _month_day(match: re.Match[str], now: _Now) -> date | None:
    month, day = to_int(match["m"] or match["m2"]), to_int(match["d"] or match["d2"])
    if not month or not day:
        return None
    return month_day(month, day, now.today, now.look_back)


_FULL = re.compile(r"(?<!\d)(?P<y>20\d\d)[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})(?!\d)[日号]?")


def _full(match: re.Match[str], now: _Now) -> date | None:
    try:
        return date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None


_THAT_MONTH = re.compile(
    rf"(?P<pre>下下个?月|下个?月|这个?月|本月|上个?月)份?的?(?:(?P<d>{NUMBER})[号日]"
    rf"|(?P<w>[底末尾初头中]))"
)
_NTH = re.compile(
    rf"(?P<pre>下下个?月|下个?月|这个?月"
    rf"|本月)份?的?第(?P<n>[一二三四1-4])个?{WEEK}(?P<d>[一二三四五六日天])"
)
_MONTHS_AWAY = {"下下": 2, "下": 1, "上": -1}
_EDGE = re.compile(
    rf"(?:(?P<m>{NUMBER})月份?|(?<![个下这本上\d])月)(?P<w>底|末|尾|初|头"
    rf"|中)(?![一二三四五六七八九十])"
)


def _first_of(pre: str, today: date) -> date:
    away = _MONTHS_AWAY.get(pre.removesuffix("月").rstrip("个"), 0)
    return add_months(today.replace(day=1), away)


def _nth(match: re.Match[str], now: _Now) -> date | None:
    first = _first_of(match["pre"], now.today)
    ahead = (_WEEKDAY[match["d"]] - first.weekday()) % 7
    return first + timedelta(days=ahead + 7 * ((to_int(match["n"]) or 1) - 1))


def _that_month(match: re.Match[str], now: _Now) -> date | None:
    first = _first_of(match["pre"], now.today)
    if match["w"]:
        return _edge_of(first, match["w"])
    day = to_int(match["d"])
    try:
        return first.replace(day=day) if day else None
    except ValueError:
        return None


def _edge(match: re.Match[str], now: _Now) -> date | None:
    if match["m"]:
        month = to_int(match["m"])
        first = month_day(month, 1, now.today.replace(day=1), now.look_back) if month else None
        return _edge_of(first, match["w"]) if first else None
    day = _edge_of(now.today.replace(day=1), match["w"])
    if day < now.today and not now.look_back:
        return _edge_of(add_months(now.today.replace(day=1), 1), match["w"])
    return day


def _edge_of(first: date, word: str) -> date:
    if word in "底末尾":
        return add_months(first, 1) - timedelta(days=1)
    return first.replace(day=15) if word == "中" else first


_DAY_OF_MONTH = re.compile(
    r"(?<![\d第月单:.\-一二三四五六七八九十零百])(?P<d>\d{1,2}|[一二三四五六七八九十廿]{1,3})"
    r"(?:号(?!楼|院|线|房|门|栋|单元|桌|工|室|订|机|公|床|码|技|套|餐|菜|店|电|座|巷|路|铺"
    r"|护|师|人)|日(?![三二一]餐))"
)


def _day_of_month(match: re.Match[str], now: _Now) -> date | None:
    if match.group().endswith("日") and len(match["d"]) == 1 and not match["d"].isdigit():
        return None  # 三日 is a length of time
    day = to_int(match["d"])
    return next_day_of_month(day, now.today, now.look_back) if day else None


def _festival(match: re.Match[str], now: _Now) -> date | None:
    return festival(match, now.today, now.look_back)


_TERM = re.compile("(?:" + "|".join(SOLAR_TERMS) + ")(?:节|那天|当天)?")


def _term(match: re.Match[str], now: _Now) -> date | None:
    return solar_term(match.group()[:2], now.today, now.look_back)


def _tail(match: re.Match[str], now: _Now) -> date | None:
    return read_tail(match.group(), now.today)


# Earlier readers take their words away from later ones.
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_FULL, _full),
    (TAIL, _tail),
    (_NTH, _nth),
    (_IN_DAYS, _in_days),
    (_THAT_MONTH, _that_month),
    (_LUNAR, _lunar),
    (_MONTH_DAY, _month_day),
    (_EDGE, _edge),
    (_WEEK_DAY, _week_day),
    (_RELATIVE_DAY, _relative_day),
    (FESTIVAL, _festival),
    (_TERM, _term),
    (_DAY_OF_MONTH, _day_of_month),
)


def _read_all(words: str, now: datetime, look_back: bool) -> Iterator[Found[date]]:
    local = now.astimezone(SHANGHAI) if now.tzinfo else now
    about = _Now(local.date(), look_back)
    moments = find_moments(words, local)
    yield from (found(one.value.date(), one.start, one.end) for one in moments)
    spans = [(one.start, one.end) for one in moments]
    hidden = mask(words, recurrence_spans(words) + spans)
    for pattern, reader in _READERS:
        taken: list[tuple[int, int]] = []
        for match in pattern.finditer(hidden):
            try:
                day = reader(match, about)
            except OverflowError:
                day = None
            if day is not None:
                yield found(day, *match.span())
                taken.append(match.span())
        hidden = mask(hidden, taken)


def find_dates(text: str, now: datetime, look_back: bool = False) -> list[Found[date]]:
    """Every day meant, after corrections, in the order said. Never raises.

    `now` is read in Asia/Shanghai (a naive one is taken as local already). The weekday inside a
    recurrence ("每周三") is no date.
    """
    words = plain(text)
    return settle(words, list(_read_all(words, now, look_back)))


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
