"""What a recogniser with a closed list heard, taken for the nearest whole phrase of the list.

Such a recogniser is not bound to whole phrases: it strings their words together, and a word that
stands alone in what it heard ("…八…") was as a rule never said. So its hearing counts by how much
it sounds like one whole phrase, and by whether the free recogniser heard the like. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from ivr.ears import STRAY
from ivr.everyday import DIGITS
from nlu.dialogue.turns import Alternative
from nlu.expected import cores
from nlu.hearing import MOST
from nlu.rules import emergency
from nlu.values.sounds import HAN, Sound, sounds_of

LEAST = 0.7
"""Of the sounds that must agree: of two syllables one half may be off, of three not a whole one."""
FRAMED = 0.95
"""What is left of a score where words stand around the phrase (我要…吧)."""
STRUNG = 0.85
"""…and where the phrase is figures strung together, which no list can hold."""
ALONE = 0.75
"""Trust in a phrase of the list where the free recogniser heard nothing."""
UNLIKE, ALIKE = 0.45, 0.9
"""…where it heard something that sounds altogether different, and the very same."""
_LOOKED_AT = 3
"""Hearings of each recogniser that are compared; those behind them have next to no trust."""
_STRAYS = re.compile(f"({STRAY})")
_INITIAL = re.compile("[bpmhdtlgkjqxzcsrwy]?")
_FIGURES = frozenset(DIGITS)
_FEWEST_FIGURES = 2


@dataclass(frozen=True)
class Near:
    """A phrase of the list, with the words said around it, and how near it is: 1.0 is the same
    sound."""

    text: str
    score: float


def nearest(heard: str, phrases: Collection[str]) -> Near | None:
    """The phrase that sounds most like what was heard; of equals the one written like it, then
    the first. None where nothing is near, or nothing was heard."""
    best: Near | None = None
    for before, core, after in cores(heard) if heard else ():
        share = FRAMED if before or after else 1.0
        found = _nearest(core, phrases)
        if found is not None and (best is None or found.score * share > best.score):
            best = Near(f"{before}{found.text}{after}", found.score * share)
    if (best is None or best.score < STRUNG) and _is_strung(heard):
        return Near(heard, STRUNG)
    return best


def alike(one: str, other: str) -> float:
    """How much two texts sound alike: 0 (nothing in common) to 1. Tones do not count, nor what
    southern speakers do not tell apart; a STRAY is a syllable like no other."""
    return float(Levenshtein.normalized_similarity(_units(one), _units(other)))


def better(
    free: Sequence[Alternative], listed: Sequence[Alternative], phrases: Collection[str]
) -> tuple[Alternative, ...]:
    """One list of hearings for nlu.hearing.choose, likeliest first, at most as many as it looks
    at; confidences sum to one.

    Phrases that the closed recogniser was near to go before the free hearings as far as both
    sound alike. A cry for help in any of the hearings stays among them.
    """
    free = [one for one in free if one.text.strip(STRAY)]
    near = [
        (found, one.confidence)
        for one in listed[:_LOOKED_AT]
        if (found := nearest(one.text, phrases) or _strung(one.text, phrases, free)) is not None
    ]
    trust: dict[str, float] = {}
    in_list = 0.0
    for found, confidence in near:
        share = confidence * found.score * _borne_out(found.text, free)
        trust[found.text] = trust.get(found.text, 0.0) + share
        in_list += share
    heard = sum(one.confidence for one in free) or 1.0
    for one in free:
        text = one.text.replace(STRAY, "")
        share = (1 - min(in_list, 1.0)) * one.confidence / heard
        trust[text] = trust.get(text, 0.0) + share
    return _fewest(trust)


def _borne_out(phrase: str, free: Sequence[Alternative]) -> float:
    if not free:
        return ALONE
    agreed = max(alike(phrase, one.text) for one in free[:_LOOKED_AT])
    return UNLIKE + (ALIKE - UNLIKE) * agreed


def _fewest(trust: dict[str, float]) -> tuple[Alternative, ...]:
    ranked = sorted(trust, key=lambda text: -trust[text])
    kept = ranked[:MOST]
    cry = next((text for text in ranked if emergency(text) is not None), None)
    if cry is not None and cry not in kept:
        kept[-1] = cry
    whole = sum(trust[text] for text in kept) or 1.0
    return tuple(Alternative(text, trust[text] / whole) for text in kept)


def _nearest(heard: str, phrases: Iterable[str]) -> Near | None:
    units = _units(heard)
    if not units:
        return None
    best: tuple[float, bool, str] | None = None
    for phrase in phrases:
        its = _units(phrase)
        if not its:
            continue
        least = max(LEAST, best[0] if best else 0.0)
        score = Levenshtein.normalized_similarity(units, its, score_cutoff=least)
        if score < LEAST or (len(phrase) == 1 and phrase != heard):
            continue  # 四 sounds like 是: one syllable says too little to be mended
        if best is None or (score, phrase == heard) > best[:2]:
            best = (float(score), phrase == heard, phrase)
    return None if best is None else Near(best[2], best[0])


def _strung(heard: str, phrases: Collection[str], free: Sequence[Alternative]) -> Near | None:
    """Several phrases in a row (帮我订, 午餐) are believed where the free recogniser heard them
    too."""
    agreed = max((alike(heard, one.text) for one in free[:_LOOKED_AT]), default=0.0)
    if agreed < LEAST or not _is_made_of(heard, frozenset(phrases)):
        return None
    return Near(heard, STRUNG)


def _is_made_of(heard: str, phrases: frozenset[str]) -> bool:
    """Whether it can be cut into phrases without a rest."""
    reached = {0}
    for end in range(1, len(heard) + 1):
        if any(heard[start:end] in phrases for start in reached):
            reached.add(end)
    return len(heard) in reached


def _is_strung(heard: str) -> bool:
    return len(heard) >= _FEWEST_FIGURES and _FIGURES.issuperset(heard)


@lru_cache(maxsize=8192)  # a list of a thousand phrases is gone through again and again
def _units(text: str) -> tuple[str, ...]:
    """Begin and end of each syllable; figures and letters, which no recogniser gives, are none."""
    units: list[str] = []
    for piece in _STRAYS.split(text):
        if piece == STRAY:
            units += (STRAY, STRAY)
        for run in HAN.findall(piece):
            for sound in sounds_of(run):
                units += _halves(sound)
    return tuple(units)


def _halves(sound: Sound) -> tuple[str, str]:
    begins = _INITIAL.match(sound.folded)
    assert begins is not None
    return f"{begins[0]}-", f"-{sound.folded[begins.end() :]}"
