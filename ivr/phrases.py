"""The closed list of the moment: all that is likely to be said to the question that stands.

Closed lists hear real people where dictation does not yet, so every question is asked such that
its answer lies in one. What somebody may want at any time (once more, slower, a human, help, to
stop) is always in it. Pure: the question and the facts about the caller are arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import yaml

from ivr.call.manners import manner_words
from ivr.everyday import DIGITS, PARTS, clocks, counts, days, lies_within, sayings
from ivr.model.spoken import number_spoken
from ivr.pauses import hangs, is_hummed
from nlu.expected import Expected, Slot
from nlu.prompts.wording import words
from nlu.rules import words_of
from nlu.values.numbers import VERDICTS
from nlu.values.sounds import HAN
from nlu.values.times import Hours

MOST = 1000
"""Phrases a recogniser is narrowed to: a list of 900 is made in 7 ms, and among more of them the
right one is found less often."""
_NEAR_DAYS = 3
"""So many days, today first, are spoken of together with an hour."""
_SMALL = 30
"""Bare numbers up to this are an amount of anything that is ordered."""


@dataclass(frozen=True)
class Extras:
    """What is known of the caller beside the conversation, likeliest first: what they usually
    choose, the everyday names of services, people they speak of. Nobody is waited for to ask for a
    time outside `hours`, those of all services together."""

    usual: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    hours: Hours | None = None


def listed(expected: Expected, extra: Extras | None = None) -> list[str]:
    """What to listen for, likeliest first and at most MOST; only what is written in Chinese
    characters can be listened for."""
    extra = extra or Extras()
    if expected.slots == {Slot.CODE}:
        return _sayable((*DIGITS, *_texts()["beside_figures"], *cries()))
    wanted = _sayable(_asked(expected, extra))
    always = _sayable(_always())
    kept = [*wanted[: MOST - len(always)], *always]
    return list(dict.fromkeys(kept))


def complete(expected: Expected, extra: Extras | None = None) -> set[str]:
    """Those of them behind which nothing more is waited for.

    A day is whole only where no hour was asked for with it, a figure of a code never is, and what
    is said while thinking ("嗯") never either, though it may be a yes.
    """
    extra = extra or Extras()
    asked: set[str] = {*extra.usual, *(one.words for one in expected.phrases)}
    for slot in expected.slots:
        asked.update(_whole(slot, expected.slots, extra.hours))
    if not expected.is_question or Slot.SERVICE in expected.slots:
        asked.update(extra.services)
    asked.update(one for one in _always() if not hangs(one))
    return {one for one in asked if _is_said(one) and not is_hummed(one)}


def standing(expected: Expected) -> frozenset[str]:
    """Those that may be all of an answer, or lack the hour: a part of the day, asked for a time."""
    return frozenset(PARTS) if Slot.TIME in expected.slots else frozenset()


def _asked(expected: Expected, extra: Extras) -> Iterator[str]:
    """What answers the question, then what people say though something else was asked."""
    yield from extra.usual
    yield from (one.words for one in expected.phrases)
    if {Slot.DATE, Slot.TIME} <= expected.slots:
        yield from _days_with_hours(extra.hours)
    for slot in sorted(expected.slots):
        yield from _of(slot, extra)
    if not expected.is_question or Slot.SERVICE in expected.slots:
        yield from extra.services
    yield from _texts()["around"]
    if not expected.is_question:
        yield from sayings()["day"][:_NEAR_DAYS]
        yield from PARTS


def _of(slot: Slot, extra: Extras) -> Iterator[str]:
    found = _LISTS.get(slot)
    yield from extra.people if slot is Slot.PERSON else ()
    yield from clocks(extra.hours) if slot is Slot.TIME else ()
    yield from found() if found is not None else ()


def _whole(slot: Slot, asked: frozenset[Slot], hours: Hours | None) -> Iterable[str]:
    match slot:
        case Slot.DATE if Slot.TIME in asked:
            return _days_with_hours(hours)
        case Slot.CODE | Slot.WORDS | Slot.ORDER:
            return ()
        case Slot.TIME:
            return (one for one in clocks(hours) if one not in PARTS)
    found = _LISTS.get(slot)
    return found() if found is not None else ()


def _days_with_hours(hours: Hours | None) -> Iterator[str]:
    near = sayings()["day"][:_NEAR_DAYS]
    yield from map("".join, product(near, PARTS))
    for part, said in PARTS.items():
        for day, hour, half in product(near, said.split(), ("", "半")):
            if lies_within(time := f"{part}{hour}点{half}", hours):
                yield f"{day}{time}"


def _dates() -> Iterator[str]:
    yield from days()
    yield from map("".join, product(sayings()["day"][:_NEAR_DAYS], PARTS))


def _yes_no() -> Iterator[str]:
    """Beside them, how people say that they need help or none, when asked that."""
    yield from (*words_of("affirm"), *words_of("deny"))
    yield from (*words()["come"], *words()["no_help"])


def _amounts() -> Iterator[str]:
    """Measures before bare numbers, and of those the small ones only."""
    found = list(counts())
    yield from (one for one in found if one[-1] not in "一二三四五六七八九十")
    yield from found[:_SMALL]


def _minutes() -> Iterator[str]:
    yield from _texts()["minutes"]
    yield from (f"{number_spoken(count)}分钟" for count in (*range(5, 61, 5), *range(1, 5)))


def _diet() -> Iterator[str]:
    yield from (*words()["diet"].values(), *_texts()["diet"])


def _verdicts() -> Iterator[str]:
    yield from (*VERDICTS, *_texts()["verdicts"])


_LISTS: dict[Slot, Callable[[], Iterable[str]]] = {
    Slot.YES_NO: _yes_no,
    Slot.DATE: _dates,
    Slot.QUANTITY: _amounts,
    Slot.DIET: _diet,
    Slot.PERSON: lambda: sayings()["kin"],
    Slot.ORDER: lambda: DIGITS,
    Slot.RATING: _verdicts,
    Slot.CODE: lambda: DIGITS,
    Slot.MINUTES: _minutes,
}


@cache
def cries() -> tuple[str, ...]:
    """How people call for help, likeliest first."""
    return tuple(dict.fromkeys((*sayings()["cry"], *_texts()["cries"])))


@cache
def _always() -> tuple[str, ...]:
    """Help, how we speak, a human, to stop; yes and no, which are said to anything."""
    return tuple(
        dict.fromkeys(
            (
                *cries(),
                *manner_words(),
                *sayings()["to_the_line"],
                *words()["give_up"],
                *words_of("affirm"),
                *words_of("deny"),
            )
        )
    )


@cache
def _texts() -> dict[str, list[str]]:
    text = Path(__file__).with_suffix(".yaml").read_text("utf-8")
    found: dict[str, list[str]] = yaml.safe_load(text)
    return found


def _sayable(texts: Iterable[str]) -> list[str]:
    return [one for one in dict.fromkeys(texts) if _is_said(one)]


def _is_said(text: str) -> bool:
    return HAN.fullmatch(text) is not None
