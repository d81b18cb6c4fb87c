"""The words that decide: what can be answered to a question of the line, kind by kind.

Read from the same files as the dialogue and the catalogue, so a city's own words are in. Nothing
here needs more than the recipe's environment has.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import yaml

from ivr.model.spoken import digits_spoken, number_spoken, speakable

ROOT = Path(__file__).resolve().parents[3]
KINDS = ("service", "day", "time", "number", "yes_no", "help", "dish", "code")
DECIDING = KINDS[:6]
"""Words of which a wrong one makes a wrong order, or none."""
CODE = "code"
"""Four digits. It has no list: any digit may follow any other."""
DIGITS = (*"零一二三四五六七八九", "幺", "两")
SPOKEN_OF_EACH = {
    "service": 30, "day": 25, "time": 25, "number": 20, "yes_no": 25, "help": 20, "dish": 15,
    "code": 30,
}  # fmt: skip
"""How many of each kind an engine speaks for the bench."""

_PARTS = {
    "早上": "六 七 八 九",
    "上午": "八 九 十 十一",
    "中午": "十一 十二 一",
    "下午": "一 两 三 四 五 六",
    "晚上": "五 六 七 八 九",
}
_MINUTES = ("", "半", "一刻", "三刻", "十分", "二十分", "四十分", "五十分")
_MEASURES = "份个次位"
_MOST = 99
_NO_MANDARIN = frozenset("唔嘅冇嘢啱系嘞咧勒滴哒喔嘀啲")
"""Characters of other dialects, which none of the engines speaks."""


@cache
def phrases(kind: str) -> tuple[str, ...]:
    """All phrases of a kind but CODE. Raises KeyError for another kind."""
    return tuple(dict.fromkeys(_MADE[kind]()))


def to_speak(engine: str) -> list[tuple[str, str]]:
    """(kind, text) that an engine says for the bench: another fixed sample for each engine."""
    chosen = []
    for kind in KINDS:
        dice, count = Random(f"{engine} {kind}"), SPOKEN_OF_EACH[kind]
        if kind == CODE:
            texts = [_code(dice) for _ in range(count)]
        else:
            spoken = [one for one in phrases(kind) if speakable(one) and not _NO_MANDARIN & {*one}]
            texts = dice.sample(spoken, min(count, len(spoken)))
        chosen += [(kind, text) for text in texts]
    return chosen


def kind_of(text: str) -> str | None:
    """The kind that a phrase is of, the first of KINDS if it is in several lists; None for any
    other text."""
    if len(text) == 4 and set(text) <= {*DIGITS}:
        return CODE
    return next((kind for kind in KINDS if kind != CODE and text in _set_of(kind)), None)


@cache
def _set_of(kind: str) -> frozenset[str]:
    return frozenset(phrases(kind))


def _code(dice: Random) -> str:
    return digits_spoken(f"{dice.randrange(10_000):04d}", dice.choice("一幺"))


def _services() -> Iterator[str]:
    for item in _read("backend/seed/catalogue.yaml")["items"]:
        yield from (item["name"], *item.get("synonyms", ()))


def _days() -> Iterator[str]:
    said = _read("ivr/model/sayings.yaml")
    yield from said["day"][:4]
    weeks = ("周", "星期", "礼拜", "这周", "下周", "下星期", "下个礼拜")
    yield from map("".join, product(weeks, said["weekday"]))
    yield from (f"{number_spoken(day)}号" for day in range(1, 32))


def _times() -> Iterator[str]:
    for part, hours in _PARTS.items():
        clocks = [f"{hour}点{minute}" for hour, minute in product(hours.split(), _MINUTES)]
        yield from (part, *clocks, *(part + clock for clock in clocks))


def _numbers() -> Iterator[str]:
    yield from map(number_spoken, range(1, _MOST + 1))
    yield from map("".join, product("一两三四五六七八九十", _MEASURES))


def _answers() -> Iterator[str]:
    said = _read("nlu/data/yes_no.yaml")
    yield from (str(word) for word in (*said["affirm"], *said["deny"]))


def _dishes() -> Iterator[str]:
    for kind in _read("backend/seed/data/dishes.yaml")["dishes"].values():
        yield from (dish["name"] for dish in kind)


def _read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


_MADE = {
    "service": _services,
    "day": _days,
    "time": _times,
    "number": _numbers,
    "yes_no": _answers,
    "help": lambda: iter(_read("ivr/model/sayings.yaml")["cry"]),
    "dish": _dishes,
}
