"""Again and again: 每天 → daily, 工作日 → weekdays, 每周一三五 → weekly:MON,WED,FRI."""

from __future__ import annotations

import re

from nlu.values.found import Found, found
from nlu.values.text import mask, plain

WEEK = r"(?:周|星期|礼拜)"
_CODES = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_DAY = {day: number for number, day in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_DAY |= {str(n + 1): n for n in range(7)}
# A numeral after the weekday may begin a clock time or a count: 每周一三点, 每周三一份.
_MORE = r"(?:[、,和与及跟]?(?:周|星期|礼拜)?[一二三四五六日天1-7](?![点时:份个次趟回月号分刻十\d]))"
_ONE = r"[一二三四五六日天末1-7](?![点时:\d])"

_WORKDAYS = re.compile(
    r"(?:每个?)?(?:工作日|上班日)(?:每天|天天)?|除[了开]?(?:周末|周六周?日"
    r"|星期六星期天)(?:以外|之外|外)?,?的?(?:每天|天天|都)"
)
_RANGE = re.compile(
    rf"(?:每个?)?{WEEK}(?P<a>[一二三四五六1-6])(?:到|至|-"
    rf"|~)(?:{WEEK})?(?P<b>[二三四五六日天2-7])(?![点时:\d])(?:每天|天天)?"
)
_WEEKLY = re.compile(
    rf"(?:每逢|每到|逢|每个?(?:周|星期|礼拜)?的?"
    rf"|一到){WEEK}(?P<days>{_ONE}{_MORE}*)(?![一两二三四五]?[次趟回遍])"
)
_LISTED = re.compile(
    rf"(?<![上下这本]){WEEK}(?P<days>[一二三四五六日天](?:[一二三四五六日天](?![点份个次时月号十刻])){{2,6}})"
)
_ALL_OF = re.compile(rf"(?<![上下这本]){WEEK}(?P<days>{_ONE}{_MORE}+)(?=都)")
_DAILY = re.compile(r"每一?天|每日|天天|日日|每(?:个)?(?:早|晚|中午|早上|晚上|下午|上午|朝)")
# Said, but beyond the contract: every other day, monthly, n times a week.
_OTHER = re.compile(
    rf"每?隔[一二两三\d]?天|隔日|每个?月(?:初?[一二三四五六七八九十廿\d]+[号日]?)?|(?:每"
    rf"|一)个?{WEEK}[一二两三四五\d][次趟回遍]"
)


def find_recurrences(text: str) -> list[Found[str]]:
    """Each recurrence said, in order. A more exact one beside 每天 wins ("工作日每天")."""
    words = plain(text)
    hidden = mask(words, _spans(_OTHER, words))
    values: list[Found[str]] = []
    for match in _WORKDAYS.finditer(hidden):
        values.append(found("weekdays", *match.span()))
    hidden = mask(hidden, [(one.start, one.end) for one in values])
    for match in _RANGE.finditer(hidden):
        first, last = _DAY[match["a"]], _DAY[match["b"]]
        if first < last:
            values.append(found(_name(range(first, last + 1)), *match.span()))
    hidden = mask(hidden, [(one.start, one.end) for one in values])
    for pattern in (_WEEKLY, _LISTED, _ALL_OF):
        for match in pattern.finditer(hidden):
            days = {_DAY[c] for c in match["days"] if c in _DAY}
            if "末" in match["days"]:
                days.add(6)
            values.append(found(_name(sorted(days)), *match.span()))
        hidden = mask(hidden, [(one.start, one.end) for one in values])
    daily = [found("daily", *match.span()) for match in _DAILY.finditer(hidden)]
    values += [one for one in daily if not _beside(one, values)]
    return sorted(values, key=lambda one: one.start)


def recurrence_spans(text: str) -> list[tuple[int, int]]:
    """Where a recurrence stands, known or not, so that its weekday is not read as a date."""
    words = plain(text)
    return [(one.start, one.end) for one in find_recurrences(words)] + _spans(_OTHER, words)


def find_recurrence(text: str) -> str | None:
    """The first recurrence said: "daily", "weekdays", "weekly:MON,…", or None."""
    values = find_recurrences(text)
    return values[0].value if values else None


def _spans(pattern: re.Pattern[str], words: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(words)]


def _name(days: range | list[int]) -> str:
    chosen = list(days)
    if chosen == list(range(7)):
        return "daily"
    if chosen == list(range(5)):
        return "weekdays"
    return "weekly:" + ",".join(_CODES[day] for day in chosen)


def _beside(daily: Found[str], others: list[Found[str]]) -> bool:
    return any(0 <= daily.start - one.end <= 3 or 0 <= one.start - daily.end <= 3 for one in others)
