"""What a recogniser with a closed list heard, taken for the nearest whole phrase of the list.

Such a recogniser is not bound to whole phrases: it strings their words together, and a word that
stands alone in what it heard ("…八…") was as a rule never said. So its hearing counts by how much
it sounds like one whole phrase, and by whether the free recogniser heard the like. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from ivr.ears import STRAY
from ivr.everyday import DIGITS
from nlu.dialogue.turns import Alternative
from nlu.expected import cores
from nlu.hearing import MOST
from nlu.rules import emergency
from nlu.values.resemblance import resemblance
from nlu.values.sounds import HAN, Sound, sounds_of

LEAST = 0.7
"""Of the sounds that must agree: of two syllables one half may be off, of three not a whole one."""
FRAMED = 0.95
"""What is left of a score where words stand around the phrase (我要…吧)."""
STRUNG = 0.85
"""…and where the phrase is figures strung together, which no list can hold."""
ALONE = 0.75
"""Trust in a phrase of the list where the free recogniser heard nothing."""
AGREE = 0.6
"""How much one of its hearings must sound like the phrase (nlu.values.resemblance). Of 911 spoken
texts (240 of them in noise at 10 dB), each against the lists of six questions, other words were
taken for a phrase of the list in 16.3 % without this and are in 4.8 %; for a cry in 0.9 % and
0.3 %; texts of the list come first in 82.2 % (84.9 %), all others in 47.7 % (42.7 %). As many
cries are heard, 476 of 486. At 0.5 it is 6.5 % of other words, at 0.7 cries are lost."""
JUST, ALIKE = 0.2, 0.9
"""Trust where it heard what sounds just enough like the phrase, and the very same."""
LONE = 0.45
"""Least trust in a yes or no of the list where the free recogniser made no sense of it: one or two
syllables leave it little to go by. Of 645 other words spoken where yes or no was asked, clean and
in noise, 7.9 % are taken for one with this and the sums (7.0 % without), at 0.6 it is 9.6 %."""
SHORT = 3
"""Syllables up to which words that mean nothing are no sentence."""
YES_OR_NO = frozenset({"affirm", "deny"})
_WITNESS = 0.02
"""A hearing of less trust than this bears out nothing."""
_LOOKED_AT = 3
"""Hearings of each recogniser that are compared; those behind them have next to no trust."""
_STRAYS = re.compile(f"({STRAY})")
_INITIAL = re.compile("[bpmhdtlgkjqxzcsrwy]?")
_BREATH = re.compile("[吧啊呀了哦呢嘛]+")
_FIGURES = frozenset(DIGITS)
_FEWEST_FIGURES = 2

Means = Callable[[str], str | None]
"""What a text means: one word for all texts that are the same answer (YES_OR_NO among them), None
for words that mean nothing by themselves. nlu.gist has one."""


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
    free: Sequence[Alternative],
    listed: Sequence[Alternative],
    phrases: Collection[str],
    means: Means | None = None,
) -> tuple[Alternative, ...]:
    """One list of hearings for nlu.hearing.choose, likeliest first, at most as many as it looks
    at; confidences sum to one.

    Phrases that the closed recogniser was near to go before the free hearings as far as both
    sound alike, and are nothing where they do not. A cry for help in any of the hearings stays
    among them. `means` is for a question that yes or no answers: hearings that mean the same add
    up, and a yes or no of the list is trusted at least LONE where no free hearing makes sense
    (but for the same).
    """
    free = [one for one in free if one.text.strip(STRAY)]
    sense = None if means is None else _sense(free, phrases, means)
    near = [
        (found, one.confidence)
        for one in listed[:_LOOKED_AT]
        if (found := nearest(one.text, phrases) or _strung(one.text, phrases, free)) is not None
    ]
    trust: dict[str, float] = {}
    in_list = 0.0
    plain = {found.text for found, _ in near}
    for found, confidence in near:
        text = _without_particle(found.text, plain)
        borne_out = _borne_out(found.text, free)
        if means is not None and sense is not None:
            meaning = means(text)
            if meaning in YES_OR_NO and sense <= {meaning}:
                borne_out = max(borne_out, LONE)
        share = confidence * found.score * borne_out
        if share > 0:
            trust[text] = trust.get(text, 0.0) + share
            in_list += share
    heard = sum(one.confidence for one in free) or 1.0
    for one in free:
        text = one.text.replace(STRAY, "")
        share = (1 - min(in_list, 1.0)) * one.confidence / heard
        trust[text] = trust.get(text, 0.0) + share
    return _fewest(trust if means is None else _summed(trust, means))


def _sense(free: Sequence[Alternative], phrases: Collection[str], means: Means) -> frozenset[str]:
    """All that the free hearings may mean; a sentence, and words that are listened for, mean
    themselves."""
    said = [_BREATH.sub("", one.text.replace(STRAY, "")) for one in _witnesses(free)]
    found = (
        means(one) or (one if len(one) > SHORT or one in phrases else None) for one in said if one
    )
    return frozenset(one for one in found if one is not None)


def _summed(trust: dict[str, float], means: Means) -> dict[str, float]:
    """The trust in all yeses together goes to the likeliest of them; so with noes."""
    summed: dict[str, float] = {}
    stands_for: dict[str, str] = {}
    for text in sorted(trust, key=lambda text: -trust[text]):
        meaning = means(text)
        first = stands_for.setdefault(meaning, text) if meaning in YES_OR_NO else text
        summed[first] = summed.get(first, 0.0) + trust[text]
    return summed


def _borne_out(phrase: str, free: Sequence[Alternative]) -> float:
    """How far what was heard among all words bears out a phrase of the list: 0 to 1."""
    heard = [one.text for one in _witnesses(free)]
    if not heard:
        return ALONE
    agreed = max(resemblance(phrase, text) for text in heard)
    return 0.0 if agreed < AGREE else JUST + (ALIKE - JUST) * (agreed - AGREE) / (1 - AGREE)


def _witnesses(free: Sequence[Alternative]) -> list[Alternative]:
    return [one for one in free if one.confidence >= _WITNESS]


def _without_particle(text: str, plain: Collection[str]) -> str:
    """A phrase as another hearing has it without the breath behind it (后天了, 后天)."""
    shorter = [one for one in plain if text.startswith(one) and _BREATH.fullmatch(text[len(one) :])]
    return min(shorter, key=len, default=text)


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
