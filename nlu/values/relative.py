"""Moments counted from now: "两小时后", "半个钟后", "再过二十分钟"; "半小时之内" is today."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from nlu.values.found import Found, found
from nlu.values.misheard import as_meant
from nlu.values.numbers import NUMBER, to_int


def _length(k: int) -> str:
    return (
        rf"(?:(?P<half{k}>半)个?(?:小时|钟头|钟)|(?P<cantonese{k}>个半)(?:小时|钟头?)"
        rf"|(?P<n{k}>{NUMBER})(?:(?P<minutes{k}>分钟?)"
        rf"|(?P<quarters{k}>刻钟)|(?P<words{k}>个字)|个?(?P<more{k}>半)?(?:小时|钟头"
        rf"|钟)(?P<plus{k}>半)?))"
    )


# "饭后半小时" and "晚到二十分钟" are no moments: either 后 follows or 过 leads.
_LATER = re.compile(
    rf"{_length(1)}(?:左右)?(?:之后|以后|过后|后(?!天))|(?:再过|过|再等|等){_length(2)}(?!了|咗)"
)
_WITHIN = re.compile(rf"{_length(1)}(?:之内|以内|内)")
_ROUGH = re.compile(r"[一二两三四五六七八九]{2}")  # 两三个小时


def find_moments(text: str, now: datetime) -> list[Found[datetime]]:
    """Each moment said relative to now. "一会儿" and "等下" say no length and give nothing."""
    moments: list[Found[datetime]] = []
    for match in _LATER.finditer(as_meant(text)):
        minutes = _minutes(match, 1) or _minutes(match, 2)
        if minutes and minutes <= 24 * 60:
            moments.append(found(now + timedelta(minutes=minutes), *match.span()))
    return moments


def find_deadlines(text: str, now: datetime) -> list[Found[datetime]]:
    """ "半小时之内": by when something must be done. It tells the day, not the hour."""
    return [
        found(now + timedelta(minutes=minutes), *match.span())
        for match in _WITHIN.finditer(as_meant(text))
        if (minutes := _minutes(match, 1)) and minutes <= 24 * 60
    ]


def _minutes(match: re.Match[str], k: int) -> int | None:
    if match[f"half{k}"]:
        return 30
    if match[f"cantonese{k}"]:
        return 90
    if match[f"n{k}"] and _ROUGH.fullmatch(match[f"n{k}"]):
        return None
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
