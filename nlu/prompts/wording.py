"""Money, dates, numbers and word lists put the way people read them and the way they hear them.

Times are aware and shown in Asia/Shanghai, money is in fen. Every function takes a `Manner`:
for eyes "明天(3月5日周四)上午10点半", for ears "明天,三月五号星期四,上午十点半".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from enum import Enum
from functools import lru_cache, partial
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import cn2an
import yaml
from jinja2 import pass_context
from jinja2.runtime import Context

from backend.settings import TIMEZONE

WORDS_FILE = "words.yaml"


class Manner(Enum):
    """Who takes the words in."""

    EYES = "eyes"
    EARS = "ears"


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """The single words of `words.yaml`: diets, relations, states of an order, …"""
    listed: dict[str, Any] = yaml.safe_load(Path(__file__).with_name(WORDS_FILE).read_text("utf-8"))
    return listed


def word(table: str, value: object) -> str:
    """The word people use for `value` in a table of `words.yaml`; the value itself if unlisted."""
    return str(words()[table].get(str(value), value))


def number(value: float | int | str, manner: Manner = Manner.EYES) -> str:
    """A count or measure: 12.5, for ears 十二点五; a lone 2 before a unit is 两."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    if manner is Manner.EYES:
        return text
    return "两" if text == "2" else re.sub("二(?=[百千万])", "两", cn2an.an2cn(text, "low"))


def digits(value: object, manner: Manner = Manner.EYES) -> str:
    """An order number, a code or a telephone number, said figure by figure (1 is 幺), a long one
    in groups with a breath between, as people do: 幺三八,零零幺三,八零零零.
    """
    text = str(value)
    if manner is Manner.EYES:
        return text
    said = "".join("零幺二三四五六七八九"[int(c)] if c.isdecimal() else " " for c in text)
    sizes = _GROUPS.get(len(said)) if " " not in said else None
    if sizes is None:
        return said
    ends = list(accumulate(sizes, initial=0))
    return ",".join(said[begin:end] for begin, end in pairwise(ends))


_GROUPS: Mapping[int, tuple[int, ...]] = {
    7: (3, 4), 8: (4, 4), 9: (3, 3, 3), 10: (3, 3, 4), 11: (3, 4, 4), 12: (4, 4, 4),
    18: (3, 3, 4, 4, 4),
}  # fmt: skip
"""How a number of so many figures is said; a shorter one in one breath."""


def money(fen: int, manner: Manner = Manner.EYES) -> str:
    """Fen as people say them: 12元, 12.5元; for ears 十二块, 十二块五, 三毛五."""
    sign, fen = ("负" if manner is Manner.EARS else "-") if fen < 0 else "", abs(int(fen))
    yuan, rest = divmod(fen, 100)
    if manner is Manner.EYES:
        amount = str(yuan) + (f".{rest:02d}".rstrip("0") if rest else "")
        return f"{sign}{amount}元"
    jiao, odd = divmod(rest, 10)
    said = f"{number(yuan, manner)}块" if yuan or not rest else ""
    if jiao and odd:
        said += f"{number(jiao, manner)}毛{number(odd, manner) if odd != 2 else '二'}"
    elif jiao:
        said += f"{cn2an.an2cn(jiao, 'low')}" if yuan else f"{number(jiao, manner)}毛"
    elif odd:
        said += f"{'零' if yuan else ''}{number(odd, manner)}分"
    return sign + said


def _local(value: datetime | date | time | str) -> datetime | date:
    if isinstance(value, str) and re.fullmatch(r"\d\d:\d\d(?::\d\d)?", value):
        value = time.fromisoformat(value)
    if isinstance(value, time):
        return datetime.combine(date.min, value, TIMEZONE)
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return value.astimezone(TIMEZONE) if isinstance(value, datetime) else value


_NEAR = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def near_word(day: date, now: datetime | None) -> str:
    """今天, 明天, … as seen from `now`; empty for days farther off or without `now`."""
    return "" if now is None else _NEAR.get((day - now.astimezone(TIMEZONE).date()).days, "")


def day(
    value: datetime | date | str, now: datetime | None = None, manner: Manner = Manner.EYES
) -> str:
    """A day: 明天(3月5日周四); for ears 明天,三月五号星期四."""
    when = _local(value)
    on = when.date() if isinstance(when, datetime) else when
    near = near_word(on, now)
    if manner is Manner.EYES:
        exact = f"{on.month}月{on.day}日{words()['weekday'][on.weekday()]}"
        return f"{near}({exact})" if near else exact
    exact = (
        f"{cn2an.an2cn(on.month, 'low')}月{cn2an.an2cn(on.day, 'low')}号"
        f"{words()['weekday_spoken'][on.weekday()]}"
    )
    return f"{near},{exact}" if near else exact


def _part_of(hour: int) -> str:
    for until, name in ((5, "凌晨"), (8, "早上"), (11, "上午"), (13, "中午"), (19, "下午")):
        if hour < until:
            return name
    return "晚上"


def clock(
    value: datetime | time | str, manner: Manner = Manner.EYES, after: datetime | None = None
) -> str:
    """A time of day: 上午10点半. `after`: a time just said; its half of the day is understood."""
    when = _local(value)
    assert isinstance(when, datetime)
    part = _part_of(when.hour)
    hour = when.hour - 12 if when.hour > 12 else when.hour
    said = f"{number(hour, manner)}点"
    if when.minute == 30:
        said += "半"
    elif when.minute:
        minute = cn2an.an2cn(when.minute, "low") if manner is Manner.EARS else str(when.minute)
        said += minute if manner is Manner.EARS and when.minute >= 10 else f"{minute}分"
        if manner is Manner.EARS and when.minute < 10:
            said = said.replace("点", "点零", 1)
    understood = after is not None and (after.hour >= 12 or when.hour <= 12)
    return said if understood else part + said


def window(
    start: datetime | str,
    end: datetime | str,
    now: datetime | None = None,
    manner: Manner = Manner.EYES,
) -> str:
    """A bookable stretch: 明天(3月5日周四)中午11点到12点."""
    first, last = _local(start), _local(end)
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    gap = "," if manner is Manner.EARS else ""
    begins = day(first, now, manner) + gap + clock(first, manner)
    if last <= first:
        return begins
    if last.date() != first.date():
        return f"{begins}到{day(last, now, manner)}{gap}{clock(last, manner)}"
    return f"{begins}到{clock(last, manner, after=first)}"


def diet(codes: Iterable[str], manner: Manner = Manner.EYES) -> str:
    """Diet words joined: 软一点、少盐."""
    return ("、" if manner is Manner.EYES else ",").join(word("diet", code) for code in codes)


def recurrence(value: str, manner: Manner = Manner.EYES) -> str:
    """A rhythm in words: 每天, 每周一、周三, 隔天, 每两周, 每月15号. What has no code is given back
    as it was said (每周两次)."""
    kind, _, rest = value.partition(":")
    match kind:
        case "weekly":
            names = words()["weekday" if manner is Manner.EYES else "weekday_spoken"]
            order = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
            days = [order.index(d) for d in rest.split(",") if d in order]
            return "每" + "、".join(names[d] for d in days) if days else "每周"
        case "every":
            weeks, over = divmod(int(rest), 7)
            count, unit = (int(rest), "天") if over else (weeks, "周")
            return "隔天" if (count, unit) == (2, "天") else f"每{number(count)}{unit}"
        case "monthly":
            named = ["最后一天" if d == "31" else f"{d}号" for d in rest.split(",")]
            return "每月" + "、".join(named)
    known = words()["recurrence"]
    return str(known.get(value, value))


_HAN = "\u3000-\u303f\u3400-\u9fff\uff00-\uffef"
_WIDE = {ord(narrow): ord(narrow) + 0xFEE0 for narrow in ",?!:;()"}
_NARROW_BY_HAN = re.compile(rf"(?<=[{_HAN}])[,?!:;()]|[,?!:;()](?=[{_HAN}])")


def tidy(text: str) -> str:
    """Chinese punctuation beside Chinese words, whatever the keyboard of the prompt's writer."""
    once = _NARROW_BY_HAN.sub(lambda m: m[0].translate(_WIDE), text)
    # "(3月5日)?" needs a second pass: its marks only now stand beside wide ones.
    twice = _NARROW_BY_HAN.sub(lambda m: m[0].translate(_WIDE), once)
    paired = re.sub(r"\uff08([^()\uff08\uff09\n]*)\)", "\uff08\\1\uff09", twice)
    quoted = re.sub(r'"([^"\n]*)"', "\u201c\\1\u201d", paired)
    return re.sub(r"[ \t]*\n(?:[ \t]*\n)+|[ \t]+\n", "\n", quoted).strip()


def _filters(manner: Manner) -> Mapping[str, Callable[..., str]]:
    def relative_day(context: Context, value: Any) -> str:
        return day(value, context.get("now"), manner)

    def relative_window(context: Context, start: Any, end: Any) -> str:
        return window(start, end, context.get("now"), manner)

    return {
        "money": partial(money, manner=manner),
        "number": partial(number, manner=manner),
        "digits": partial(digits, manner=manner),
        "clock": partial(clock, manner=manner),
        "day": pass_context(relative_day),
        "window": pass_context(relative_window),
        "diet": partial(diet, manner=manner),
        "recurrence": partial(recurrence, manner=manner),
        "relation": partial(word, "relation"),
        "state": partial(word, "state"),
        "category": partial(word, "category"),
    }


FILTERS: Mapping[Manner, Mapping[str, Callable[..., str]]] = {
    manner: _filters(manner) for manner in Manner
}
"""The filters of prompts: `{{ fen | money }}`, `{{ start | window(end) }}`, `{{ at | clock }}`,
`{{ when | day }}`, `{{ 2 | number }}`, `{{ phone | digits }}`, `{{ codes | diet }}`,
`{{ rule | recurrence }}`, `{{ daughter | relation }}`, `{{ placed | state }}`,
`{{ meal | category }}`."""
