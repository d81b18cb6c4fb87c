"""Again and again: the rhythm of a service, as a short code.

daily, weekdays, weekly:MON,WED for the week; every:N for every N-th day (隔天 is every:2, 每两周
every:14), odd_days and even_days of the month (逢单日), monthly:1,15 (a month too short for the
day keeps it on its last). 每周两次 says how often and not when: it has no code, but its words
are kept, so that the conversation can ask. docs/decisions/0020 tells why these and no others.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta

from nlu.values.found import Found, found, settle
from nlu.values.misheard import as_meant
from nlu.values.numbers import NUMBER, to_int
from nlu.values.text import mask

# 拜三 is how Cantonese speakers shorten 礼拜三.
WEEK = r"(?:周|星期|礼拜|(?<![崇参朝叩跪结])拜(?=[一二三四五六日](?![拜个跪]|下(?![昼午晏]))))"
_CODES = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_DAY = {day: number for number, day in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_DAY |= {str(n + 1): n for n in range(7)}
# A numeral after the weekday may begin a clock time or a count: 每周一三点, 每周三一份.
_MORE = (
    rf"(?:[、,和与及跟同]?{WEEK}?[一二三四五六日天1-7]"
    r"(?![点时:份个次趟回月号分刻天十\d]))"
)
_ONE = r"[一二三四五六日天末1-7](?![点时:\d])"
_TIMES = r"[次趟回遍顿针]"
_OUT = rf"(?:周末|双休日?|{WEEK}(?:[一二三四五六日天1-7]{_MORE}*))"
_NOT_THEN = r"(?:除外|以外|之外|不用|不要|不送|不来|休息|唔使|唔要|别)"
_EXCEPT = re.compile(
    rf"除[了开去]?(?P<a>{_OUT})(?:以外|之外|外)?|(?P<b>{_OUT})(?:就|都|那?两天)?{_NOT_THEN}"
)
_UNSAID_WEEK = re.compile(
    rf"除[了开]?(?:周末|双休日?|{WEEK}六[和、]?{WEEK}?[日天])(?:以外|之外|外)?,?的?(?:每天|天天|都)"
)
_WORKDAYS = re.compile(r"(?:每个?|逢)?(?:工作日|上班日)(?:每天|天天)?")
_RANGE = re.compile(
    rf"(?<![上下这本])(?<![上下这]个)(?:每个?)?{WEEK}(?P<a>[一二三四五六1-6])(?:到|至|-"
    rf"|~)(?:{WEEK})?(?P<b>[二三四五六日天2-7])(?![点时:\d])(?:每天|天天)?"
)
_WEEKLY = re.compile(
    rf"(?:每逢|每到|逢|每个?{WEEK}?的?|(?<![周期拜])一到){WEEK}(?P<days>{_ONE}{_MORE}*)"
    rf"(?![一两二三四五]?{_TIMES})"
    r"|(?:每逢|逢)(?P<bare>[一二三四五六][一二三四五六日天]+)(?![点号月次])"
    r"|(?<![\d第周期拜一二三四五六七八九十月])(?P<usual>一三五日?|二四六日?)(?![\d一二三四五六七八九十点号月楼层份个块室栋房单])"
)
_LISTED = re.compile(
    rf"(?<![上下这本]){WEEK}(?P<days>[一二三四五六日天](?:[一二三四五六日天](?![点份个次时月号十刻])){{2,6}})"
)
_ALL_OF = re.compile(rf"(?<![上下这本]){WEEK}(?P<days>{_ONE}{_MORE}+)(?=都)")
_DAILY = re.compile(
    r"每一?天|每日|(?<![今明后昨前每])天天(?!气|向上)|日日|晚晚|(?<!今)朝朝"
    rf"|每个?(?:早|晚|中午|早上|晚上|下午|上午|朝)|一[天日](?:要?[来去送打换洗做])?一{_TIMES}"
)
# The rhythms that days can be taken out of.
_MANY: dict[str | None, set[int]] = {"daily": set(range(7)), "weekdays": set(range(5))}
_UNIT = rf"(?:[天日晚]|个?{WEEK}|个?月)"
_EVERY = re.compile(
    rf"(?P<apart>每?(?:隔|相隔)(?P<n1>{NUMBER}|几|半)?(?P<u1>{_UNIT})(?!壁|离|再))"
    rf"|每(?P<n2>{NUMBER}|半|几)(?P<u2>{_UNIT})"
    rf"|(?<![第这那住隔])(?P<n3>{NUMBER}|半)(?P<u3>{_UNIT})(?:才|就|要|得)?[来去送打换洗做扫剪理抽量]?一{_TIMES}"
)
_OF_MONTH = r"(?:[一二三四五六七八九十廿]{1,3}|\d{1,2})"
_MONTHLY = re.compile(
    rf"(?:每个?月|逢月|月月)的?(?P<days>{_OF_MONTH}(?:[号日]?[、,和跟与同]?{_OF_MONTH})*)[号日]"
    rf"|(?:每逢|逢|每到){_OF_MONTH}号|每个?月的?月?(?P<edge>[初头中底末尾])(?![一二三四五六七八九十])"
)
_EDGES = {"初": 1, "头": 1, "中": 15}
_LAST_OF_MONTH = 31
_PARITY = re.compile(
    r"(?:每逢|逢|每到?|每个|碰到?)(?:(?P<odd>单|奇)|双|偶)(?:数)?(?:日子?|号|天)?"
    r"|(?:^|(?<=[,。;!?、就在是要月]))(?:(?P<odd2>单|奇)|双|偶)数?[日号](?:子|那天)?"
    r"(?=来|送|去|上门|做|打|要|都|过|行|吧|[双单])"
)
# How often, but not on which days; and 每个月 with nothing we can count.
_UNCLEAR = re.compile(
    rf"(?:每|一)个?(?:{WEEK}|月)(?:要|来|去|洗|做|打|送|大概|差不多|至少|最少|要来){{0,2}}"
    rf"[一二两三四五几\d](?:到[二三四五])?(?:{_TIMES}|天(?!就|后))"
    rf"|每个?月的?第[一二三四]个?{WEEK}[一二三四五六日天]"
    r"|每个?月的?初[一二三四五六七八九十](?:[和跟、]?十[一二三四五六七八九])?|初一(?:和|跟|、)?十五"
    rf"|每年|每个?月|每个?{WEEK}(?![一二三四五六日天末1-7])"
    r"|逢(?:三六九|[一二三四五]?(?:年|节)|年过节)"
)

_TELLS_MORE = re.compile(rf"{_TIMES}$|天$|第|初|十五|三六九")
# "一个礼拜两次,礼拜二礼拜五": the days of a rhythm already said.
_ITS_DAYS = re.compile(rf"(?<![上下这本]){WEEK}(?P<days>{_ONE}{_MORE}*)")
_SOME_TIMES_A_WEEK = re.compile(rf"(?:每|一)个?{WEEK}[^,。]*?{_TIMES}$")

_Reader = Callable[[re.Match[str]], str | None]


def _every(match: re.Match[str]) -> str | None:
    k = next(k for k in "123" if match[f"u{k}"])
    unit, said = match[f"u{k}"], match[f"n{k}"]
    if said == "半" and unit.endswith("月"):
        return "every:15"
    number = to_int(said) if said else 1
    if said == "半" or number is None or unit.endswith("月"):
        return None
    days = (number + bool(match["apart"])) * (1 if unit in "天日晚" else 7)
    if days == 1:
        return "daily"
    return f"every:{days}" if days > 1 and (days != 7 or match["apart"]) else None


def _monthly(match: re.Match[str]) -> str | None:
    if match["edge"]:
        return f"monthly:{_EDGES.get(match['edge'], _LAST_OF_MONTH)}"
    days = {to_int(said) for said in re.findall(_OF_MONTH, match["days"] or match.group())}
    named = sorted(day for day in days if day and 1 <= day <= _LAST_OF_MONTH)
    return "monthly:" + ",".join(map(str, named)) if named else None


def _parity(match: re.Match[str]) -> str:
    return "odd_days" if match["odd"] or match["odd2"] else "even_days"


def _weekly(match: re.Match[str]) -> str:
    said = next(days for days in match.groups() if days)
    days = {_DAY[c] for c in said if c in _DAY}
    if "末" in said:
        days.add(6)
    return _name(days)


def _range(match: re.Match[str]) -> str | None:
    first, last = _DAY[match["a"]], _DAY[match["b"]]
    return _name(range(first, last + 1)) if first < last else None


def _always(code: str) -> _Reader:
    return lambda match: code


# Earlier readers take their words away from later ones.
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_UNSAID_WEEK, _always("weekdays")),
    (_MONTHLY, _monthly),
    (_EVERY, _every),
    (_UNCLEAR, lambda match: None),
    (_PARITY, _parity),
    (_WORKDAYS, _always("weekdays")),
    (_RANGE, _range),
    (_WEEKLY, _weekly),
    (_LISTED, _weekly),
    (_ALL_OF, _weekly),
    (_DAILY, _always("daily")),
)


def _read_all(words: str) -> list[Found[str | None]]:
    """Every rhythm said, None for those without a code."""
    values: list[Found[str | None]] = []
    whole = words
    for pattern, reader in _READERS:
        taken = []
        for match in pattern.finditer(words):
            values.append(found(reader(match), *match.span()))
            taken.append(match.span())
        words = mask(words, taken)
    for match in _ITS_DAYS.finditer(words):
        days = _weekly(match)
        if any(_told_by(one, days, whole) for one in values):
            values.append(found(days, *match.span()))
    return sorted(values, key=lambda one: one.start)


def _told_by(said: Found[str | None], days: str, words: str) -> bool:
    """Whether bare weekdays only tell the days of a rhythm: "每周两次,周二周五"."""
    if said.value is None:
        return _SOME_TIMES_A_WEEK.match(words[said.start : said.end]) is not None
    kind, _, named = said.value.partition(":")
    return kind == "weekly" and set(days.partition(":")[2].split(",")) <= set(named.split(","))


def find_recurrences(text: str) -> list[Found[str]]:
    """Each rhythm with a code, after corrections, in order. A more exact one beside 每天 wins
    ("工作日每天"); days taken out of 每天 leave the others ("每天都要,周末除外")."""
    words = as_meant(text)
    coded = [Found(v.value, v.start, v.end, v.at) for v in _read_all(words) if v.value]
    if any(one.value in _MANY for one in coded) and (out := _EXCEPT.search(words)):
        coded = [one for one in coded if not out.start() < one.end <= out.end()]
        without = _days_in(out["a"] or out["b"])
        coded = [replace(one, value=_left(one.value, without)) for one in coded]
    exact = [one for one in coded if one.value != "daily"]
    kept = [one for one in coded if one.value != "daily" or not _beside(one, exact)]
    return settle(mask(words, _spans(_EXCEPT, words)), kept)


def recurrence_spans(text: str) -> list[tuple[int, int]]:
    """Where a rhythm stands, with a code or not, so that its weekday is not read as a date."""
    words = as_meant(text)
    said = _read_all(words)
    spans = [(one.start, one.end) for one in said]
    if any(one.value in _MANY for one in said):
        spans += _spans(_EXCEPT, words)
    return spans


def find_recurrence(text: str) -> str | None:
    """The first rhythm said, as its code (see the module), or None."""
    values = find_recurrences(text)
    return values[0].value if values else None


def unclear_rhythm(text: str) -> str | None:
    """The words of a rhythm that has no code ("每周两次"), None if there is none such."""
    words = as_meant(text)
    said = (words[one.start : one.end] for one in _read_all(words) if not one.value)
    return next((rhythm for rhythm in said if _TELLS_MORE.search(rhythm)), None)


def next_day(code: str, today: date) -> date | None:
    """The first day after today on which a rhythm falls; tomorrow for every:N, which may begin
    on any day; None for what is no code."""
    kind, _, rest = code.partition(":")
    ahead = (today + timedelta(days=n) for n in range(1, 62))
    match kind:
        case "daily" | "every":
            return next(ahead)
        case "weekdays":
            return next(day for day in ahead if day.weekday() < 5)
        case "weekly":
            named = rest.split(",")
            return next((day for day in ahead if _CODES[day.weekday()] in named), None)
        case "odd_days" | "even_days":
            odd = kind == "odd_days"
            return next(day for day in ahead if day.day % 2 == odd)
        case "monthly":
            named_days = [int(day) for day in rest.split(",")]
            return next((day for day in ahead if _is_of_month(day, named_days)), None)
    return None


def _is_of_month(day: date, named: list[int]) -> bool:
    last = monthrange(day.year, day.month)[1]
    return any(day.day == min(one, last) for one in named)


def _spans(pattern: re.Pattern[str], words: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(words)]


def _days_in(said: str) -> set[int]:
    if "末" in said or "双休" in said:
        return {5, 6}
    return {_DAY[c] for c in said if c in _DAY}


def _left(code: str, without: set[int]) -> str:
    """What is left of 每天 or 工作日 without some days; all, where nothing would be."""
    days = _MANY.get(code, set())
    return _name(days - without) if days - without else code


def _name(days: Iterable[int]) -> str:
    chosen = sorted(days)
    if chosen == list(range(7)):
        return "daily"
    if chosen == list(range(5)):
        return "weekdays"
    return "weekly:" + ",".join(_CODES[day] for day in chosen)


def _beside(daily: Found[str], others: list[Found[str]]) -> bool:
    return any(0 <= daily.start - one.end <= 3 or 0 <= one.start - daily.end <= 3 for one in others)
