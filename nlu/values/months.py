"""Days said by the month: 15号, 3月15号, 下个月头, 初八, 正月十五, 大年初二.

Each reader takes a match of its pattern; nlu.values.dates tries them in order.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from nlu.values.calendar import Now, add_months, lunar_day, month_day, next_day_of_month
from nlu.values.numbers import NUMBER, to_int
from nlu.values.recurrence import WEEK

_DAYS_OF_WEEK = {day: number for number, day in enumerate("一二三四五六日")} | {"天": 6}

# ------------------------------------------------------------------------ lunar

_MONTH_WORDS = {"正": 1, "冬": 11, "腊": 12}
_LUNAR_DAY = r"(?:(?:二十|廿|十)[一二三四五六七八九]|[二三]十|[一二三四五六七八九十廿])"
_LUNAR_MONTH = r"(?:正|冬|腊|十[一二]|[一二三四五六七八九十])月"
LUNAR = re.compile(
    rf"(?:(?P<pre>下下?个?月|下一?个?月|这个?月|本月|今个月)的?)?(?P<lunar>农历|阴历|旧历)?的?(?P<m>闰?{_LUNAR_MONTH})?"
    r"(?<![上读年])(?P<d>初(?:十|[一二三四五六七八九]))(?![中小高级年学班的]?[生班级学])"
    rf"|(?:农历|阴历|旧历)的?(?P<m2>{_LUNAR_MONTH})?(?P<d2>{_LUNAR_DAY})(?![一二三四五六七八九十])"
    rf"|(?P<m3>(?:正|腊|冬)月)(?P<d3>{_LUNAR_DAY})(?!天)"
    r"|大?年初(?P<d4>[一二三四五六七八九十])"
    r"|年(?P<d5>(?:廿|二十)[一二三四五六七八九])(?![号日天岁个])"
    r"|(?<![年月\d一二三四五六七八九十])(?P<d6>廿[一二三四五六七八九])(?![号日天岁个年块元份点分几味孝多来])"
    r"|(?<![年月号第\d一二三四五六七八九十])(?P<d7>十五|十六)(?=那[天日]|[要得]?(?:吃斋|拜神|食斋))"
)


def read_lunar(match: re.Match[str], now: Now) -> date | None:
    """A day of the lunar calendar; a bare one is the nearest, 下个月初五 the one after it."""
    if match["d4"]:
        month, day = "正月", match["d4"]
    elif match["d5"]:
        month, day = "腊月", match["d5"]
    else:
        month = match["m"] or match["m2"] or match["m3"] or ""
        day = match["d"] or match["d2"] or match["d3"] or match["d6"] or match["d7"]
    name = month.removeprefix("闰").removesuffix("月")
    number = _MONTH_WORDS.get(name) or (to_int(name) if name else None)
    of_month = to_int(day.removeprefix("初")) or 0
    first = lunar_day(number, of_month, now.today, now.look_back)
    # 下个月初五, while this lunar month's is still to come, is the one after it.
    this_month = lunar_day(None, 1, now.today, look_back=True)
    if this_month and (match["pre"] or "").startswith("下") and number is None:
        return lunar_day(None, of_month, this_month + timedelta(days=29))
    return first


# ------------------------------------------------------------------- month and day

MONTH_DAY = re.compile(
    rf"(?<!\d)(?P<m>{NUMBER})月份?的?(?P<d>{NUMBER})(?:号|日|(?![号日天个次份点:时]))"
    r"|(?<![\d.])(?P<m2>\d{1,2})(?:/(?P<d2>\d{1,2})(?![\d/])|[.\-](?P<d3>\d{1,2})[号日])"
)


def read_month_day(match: re.Match[str], now: Now) -> date | None:
    """3月15号, 3/15, 3.15号."""
    month, day = to_int(match["m"] or match["m2"]), to_int(match["d"] or match["d2"] or match["d3"])
    if not month or not day:
        return None
    return month_day(month, day, now.today, now.look_back)


FULL_DATE = re.compile(
    r"(?<!\d)(?P<y>20\d\d)[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})(?!\d)[日号]?"
)


def read_full_date(match: re.Match[str], now: Now) -> date | None:
    """2026-03-15."""
    try:
        return date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None


DAY_OF_MONTH = re.compile(
    r"(?<![\d第月单:.\-一二三四五六七八九十零百])(?P<d>\d{1,2}|[一二三四五六七八九十廿]{1,3})"
    r"(?:号(?!楼|院|线|房|门|栋|单元|桌|工|室|订|机|公|床|码|技|套|餐|菜|店|电|座|巷|路|铺"
    r"|护|师|人)|日(?![三二一]餐))"
)
# "莞太路八号", "12号二楼": a house, no day. "走不了路八号来" is one.
_STREET = re.compile(
    r"(?:(?<![走上带认赶半])(?<!走不了)(?<!走不动)路|(?<![逛上])街|[巷弄坊苑村寨栋座幢段]|大道|胡同|花园"
    r"|[东南西北\d一二三四五六七八九十][区组队里]|(?:地址|门牌|住址)[^,。;!?]{0,8})$"
)
_INDOORS = re.compile(
    r"[\d一二三四五六七八九十]{1,3}[楼层室房栋座幢梯单]|之[一二三]|大院|信箱|宿舍|门牌"
)
_EITHER = re.compile(r"([一二三四五六七八])([二三四五六七八九])")


def read_day_of_month(match: re.Match[str], now: Now) -> date | None:
    """15号, or of two ("五六号") the first."""
    said = match["d"]
    words = match.string
    if _STREET.search(words[: match.start()]) or _INDOORS.match(words, match.end()):
        return None
    if match.group().endswith("日") and len(said) == 1 and not said.isdigit():
        return None  # 三日 is a length of time
    either = _EITHER.fullmatch(said)
    day = to_int(either[1] if either else said)
    return next_day_of_month(day, now.today, now.look_back) if day else None


# ------------------------------------------------------------------ within a month

_PRE = r"(?P<pre>下下个?月|下一?个?月|[这今呢]个?月|本月|上一?个?月)份?的?"
_EDGE_WORD = r"(?P<w>[底末尾初头中](?![一二三四五六七八九十])|最后一天|第一天)"
THAT_MONTH = re.compile(rf"{_PRE}(?:(?P<d>{NUMBER})(?:[号日]|(?=$|[,。;]))|{_EDGE_WORD})")
NTH_WEEKDAY = re.compile(rf"{_PRE}第(?P<n>[一二三四1-4])个?{WEEK}(?P<d>[一二三四五六日天])")
EDGE = re.compile(
    rf"(?:(?P<m>{NUMBER})月份?|(?<![个下这本上今呢每\d])月)的?"
    r"(?P<w>[底末尾初头中](?![一二三四五六七八九十]))(?:最后一天)?"
)
_MONTHS_AWAY = {"下下": 2, "下": 1, "上": -1}


def _first_of(pre: str, today: date) -> date:
    away = _MONTHS_AWAY.get(pre.removesuffix("月").rstrip("个一"), 0)
    return add_months(today.replace(day=1), away)


def read_nth_weekday(match: re.Match[str], now: Now) -> date | None:
    """下个月第一个周三."""
    first = _first_of(match["pre"], now.today)
    ahead = (_DAYS_OF_WEEK[match["d"]] - first.weekday()) % 7
    return first + timedelta(days=ahead + 7 * ((to_int(match["n"]) or 1) - 1))


def read_that_month(match: re.Match[str], now: Now) -> date | None:
    """下个月5号, 这个月底, 下个月第一天."""
    first = _first_of(match["pre"], now.today)
    if match["w"]:
        return _edge_of(first, match["w"])
    day = to_int(match["d"])
    try:
        return first.replace(day=day) if day else None
    except ValueError:
        return None


def read_edge(match: re.Match[str], now: Now) -> date | None:
    """月底, 五月初; one that has passed is the next month's."""
    if match["m"]:
        month = to_int(match["m"])
        first = month_day(month, 1, now.today.replace(day=1), now.look_back) if month else None
        return _edge_of(first, match["w"]) if first else None
    day = _edge_of(now.today.replace(day=1), match["w"])
    if day < now.today and not now.look_back:
        return _edge_of(add_months(now.today.replace(day=1), 1), match["w"])
    return day


def _edge_of(first: date, word: str) -> date:
    if word in {"底", "末", "尾", "最后一天"}:
        return add_months(first, 1) - timedelta(days=1)
    return first.replace(day=15) if word == "中" else first
