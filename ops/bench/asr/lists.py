"""The words that decide: what can be answered to a question of the line, kind by kind.

Read from the same files as the dialogue and the catalogue, so a city's own words are in. Nothing
here needs more than the recipe's environment has.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from ivr.everyday import DIGITS, clocks, counts, days, sayings
from ivr.model.spoken import digits_spoken, speakable

ROOT = Path(__file__).resolve().parents[3]
KINDS = ("service", "day", "time", "number", "yes_no", "help", "dish", "code")
DECIDING = KINDS[:6]
"""Words of which a wrong one makes a wrong order, or none."""
CODE = "code"
"""Four digits. It has no list: any digit may follow any other."""
SPOKEN_OF_EACH = {
    "service": 30, "day": 25, "time": 25, "number": 20, "yes_no": 25, "help": 20, "dish": 15,
    "code": 30,
}  # fmt: skip
"""How many of each kind an engine speaks for the bench."""

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
    "day": days,
    "time": clocks,
    "number": counts,
    "yes_no": _answers,
    "help": lambda: iter(sayings()["cry"]),
    "dish": _dishes,
}
