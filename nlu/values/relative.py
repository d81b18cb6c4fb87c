"""Moments counted from now: "两小时后", "半个钟后", "再过二十分钟"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from nlu.values.found import Found, found
from nlu.values.numbers import NUMBER, to_int
from nlu.values.text import plain


def _length(k: int) -> str:
    return (
        rf"(?:(?P<half{k}>半)个?(?:小时|钟头|钟)|(?P<n{k}>{NUMBER})(?:(?P<minutes{k}>分钟?)"
        rf"|(?P<quarters{k}>刻钟)|(?P<words{k}>个字)|个?(?P<more{k}>半)?(?:小时|钟头"
        rf"|钟)(?P<plus{k}>半)?))"
    )


# "饭后半小时" and "晚到二十分钟" are no moments: either 后 follows or 过 leads.
_LATER = re.compile(rf"{_length(1)}(?:之后|以后|过后|后(?!天))|(?:再过|过|再等){_length(2)}")


def find_moments(text: str, now: datetime) -> list[Found[datetime]]:
    """Each moment said relative to now. "一会儿" and "等下" say no length and give nothing."""
    moments: list[Found[datetime]] = []
    for match in _LATER.finditer(plain(text)):
        minutes = _minutes(match, 1) or _minutes(match, 2)
        if minutes and minutes <= 24 * 60:
            moments.append(found(now + timedelta(minutes=minutes), *match.span()))
    return moments


def _minutes(match: re.Match[str], k: int) -> int | None:
    if match[f"half{k}"]:
        return 30
    number = to_int(match[f"n{k}"]) if match[f"n{k}"] else None
    if number is None:
        return None
    if match[f"minutes{k}"]:
        return number
    if match[f"quarters{k}"]:
        return number * 15
    if match[f"words{k}"]:
        return number * 5
    return number * 60 + (30 if match[f"more{k}"] or match[f"plus{k}"] else 0)
