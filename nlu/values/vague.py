"""Times said that cannot be booked: too vague ("吃完饭那会儿") or gone by ("昨天下午三点").

They give no date and no time. The conversation asks instead, and names what it heard.
"""

from __future__ import annotations

import re
from datetime import datetime

from nlu.values.dates import SHANGHAI, find_dates, find_limits
from nlu.values.misheard import as_meant
from nlu.values.recurrence import WEEK
from nlu.values.text import normalise
from nlu.values.times import find_clocks, find_parts

_WHEN = r"(?:那会儿|那阵子?|那个?时候?|的时候|以后|之后|过后|后|了?再|咗)"
_MEAL = r"(?:[早中午晚夜]?[饭餐]|早点|宵夜|药)"
# Hours of the day without a clock: by meals, sleep, comings and goings, or just later.
_VAGUE_HOUR = re.compile(
    rf"(?:吃|食|用|做)(?:完|过|好|咗|了)?了?{_MEAL}(?:{_WHEN})|{_MEAL}(?:前后|后|前|那会儿|的?时候)"
    rf"|饭点|(?:午睡|睡醒|睡好|起床|起来|睡完|睡觉|下班|放学|回来|到家|散步|买完?菜){_WHEN}"
    r"|(?:[早晚迟晏][点些啲]|早一点|晚一点|迟一点)(?!餐)|(?:等|待|过)?一?(?:会儿|阵间?)|等下|等一下|等阵|阵间"
    r"|有空(?:的时候|时|再|就|来)?|得闲(?:嘅?时候|时|再|就)?|方便的?时候|天黑之?前|什么时候都"
)
# Days nobody can point at.
_VAGUE_DAY = re.compile(
    r"(?:再?过|再等|隔)(?:几|两|些|一阵|阵)(?:天|日|子)?|[这前头]?(?:两|几)[天日](?:里|内|之内)?(?!后|以后|之后|前)"
    r"|改[天日]|哪天|第日|[一二两三四五六七八九]{2}天(?:之?后|以后)|年底|过(?:一阵|阵)子?"
    r"|(?:一|两|三|几|\d)[天日](?:之内|以内|内)"
    rf"|下下?一?个?{WEEK}(?![一二三四五六日天末尾\d])|下下?个?月(?![\d一二三四五六七八九十初头中底末尾])"
)

_TOLD = re.compile(r"[^,。;!?]*(?:[了过咗完]|说好|约好|订的|约的|送的|来的|那[单次顿个天])")


def vague_hour(text: str) -> str | None:
    """The words of a time of day nobody can book, as said; None if there are none."""
    return _said(_VAGUE_HOUR, text)


def vague_day(text: str, now: datetime) -> str | None:
    """The words of a day nobody can book, or only of a limit ("后天之前"), as said; or None."""
    if limits := find_limits(text, now):
        return normalise(text).verbatim(limits[0].start, limits[0].end)
    return _said(_VAGUE_DAY, text)


def past_when(text: str, now: datetime) -> str | None:
    """The words of a day gone by, with the hour said beside it ("昨天下午三点"); else None.

    What is told of that day ("昨天摔了一跤,想换药") asks nothing for it.
    """
    today, words = now.astimezone(SHANGHAI).date(), as_meant(text)
    day = next((one for one in find_dates(text, now) if one.value < today), None)
    if day is None or _TOLD.match(words, day.end):
        return None
    end = day.end
    hours = [(one.start, one.end) for one in find_parts(text)]
    hours += [(one.start, one.end) for one in find_clocks(text)]
    for start, stop in sorted(hours):
        if start <= end <= stop:
            end = stop
    return normalise(text).verbatim(day.start, end)


def _said(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(as_meant(text))
    return normalise(text).verbatim(*match.span()) if match else None
