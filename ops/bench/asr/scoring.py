"""From hearings to figures: plain functions. Shares are 0..1; a share of nothing is None."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from ivr.model.phones import Unreadable, phones_of
from nlu.alarms import Certainty
from nlu.dialogue.turns import Alternative
from nlu.hearing import BELIEVED, PLAUSIBLE
from nlu.rules import danger


@dataclass(frozen=True)
class Count:
    """`part` of `whole`: errors of characters, right ones of answers."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """Above 1 where more was made up than was said."""
        return self.part / self.whole if self.whole else None


NOTHING = Count(0, 0)


def counted(rights: Iterable[bool]) -> Count:
    """How many of them are."""
    found = list(rights)
    return Count(sum(found), len(found))


def total(counts: Iterable[Count]) -> Count:
    """Of all together."""
    found = list(counts)
    return Count(sum(one.part for one in found), sum(one.whole for one in found))


def errors(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> Count:
    """Characters or phones wrong, missing or made up, among those said: of (said, heard)."""
    wrong = whole = 0
    for said, heard in pairs:
        wrong += Levenshtein.distance(said, heard)
        whole += len(said)
    return Count(wrong, whole)


def nearest(heard: str, phrases: Sequence[str]) -> str | None:
    """The phrase that sounds most like what was heard, the first of equals; None for nothing
    heard. In phones without tones, as the model hears."""
    sounds = _sounds(heard)
    if not sounds:
        return None
    return min(phrases, key=lambda one: Levenshtein.normalized_distance(sounds, _sounds(one)))


def _sounds(text: str) -> list[str]:
    try:
        return phones_of(text)
    except Unreadable:
        return []


def cry_in(hearings: Sequence[Alternative]) -> Certainty:
    """What the rules make of the hearings as the line chooses among them: sure where the likeliest
    or half of the trust is a cry, doubtful where it is asked about."""
    cries = [
        (one, danger(one.text).certainty)
        for one in hearings
        if one.confidence >= PLAUSIBLE and danger(one.text).certainty >= Certainty.DOUBTFUL
    ]
    if not cries:
        return Certainty.NONE
    sure = [one for one, certainty in cries if certainty is Certainty.SURE]
    if not sure:
        return Certainty.DOUBTFUL
    trusted = sure[0] is hearings[0] or sum(one.confidence for one in sure) >= BELIEVED
    return Certainty.SURE if trusted else Certainty.DOUBTFUL
