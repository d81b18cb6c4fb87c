"""Choosing among the hearings of one utterance: a recogniser's n-best list in, one meaning out.

A recogniser knows sounds and words but not what was asked. Each hearing is understood, and the
one is taken that is likeliest to have been meant here: by the recogniser's trust in it, by how
sure its meaning is, and by whether it answers the question that stands. Before all that comes a
cry for help: if any hearing holds one, it is not lost.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from nlu.dialogue.turns import Alternative
from nlu.errors import RasaUnavailable
from nlu.expected import NOTHING_ASKED, Expected
from nlu.understanding import Understanding
from nlu.values.resemblance import resemblance
from nlu.values.text import plain
from nlu.values.windows import goes_with

MOST = 5
"""Hearings looked at, each at the cost of one parse: what follows the fifth is hardly ever it."""
PLAUSIBLE = 0.02
"""A hearing with less than this share of the recogniser's trust is noise, also if it is a cry."""
BELIEVED = 0.5
"""With this share the words are a cry; with less it is asked whether they were one."""
# A cry that is not the likeliest hearing must be able to be what was said. Of 911 spoken texts
# heard with six questions each, these and the agreement that ivr.nearest asks for leave 16 alarms
# of 47 where nobody cried, and 37 questions of 69; of 486 cries 476 were heard and are.
BESIDE = 0.1
"""Its trust, of that in the likeliest hearing, …"""
SOUNDS = 0.55
"""…and how much it sounds like it (nlu.values.resemblance): 救命 is not asked about for 算了, …"""
TOO_LIKELY = 0.25
"""…unless it has so large a share by itself."""

# A reading's score is the logarithm of its share, plus that of how sure its meaning is, plus
# these. They were chosen on made hearings (docs/decisions/0022-choosing-among-hearings.md); half
# or double of each changes little.
ANSWERS = 2.0
"""It answers what was asked: worth a hearing seven times as trusted that does not."""
SAYS = 1.0
"""For each value found (a day, a service, …): a misheard word loses one, and seldom makes one."""
OUT_OF_PLACE = -2.0
"""It is nothing we do, an answer to no question, talk of jobs from someone who has none, or an
hour that its part of the day does not have (下午九点)."""

_BARE = frozenset({"affirm", "deny", "inform"})
_LEAST = 1e-3
"""Stands for no trust at all where a logarithm is taken."""
_SILENT = " ,.。!?、~…"


class Understands(Protocol):
    """What nlu.understand.Understander does."""

    def understand(self, text: str, now: datetime, channel: str = ...) -> Understanding: ...

    def foresee(self, text: str) -> None: ...


class Why(StrEnum):
    """What decided."""

    NOTHING_HEARD = "nothing_heard"
    CRY = "cry"
    TRUSTED = "trusted"
    """The recogniser's first stays (or there is no other)."""
    MAKES_SENSE = "makes_sense"
    """Another is likelier to have been meant here."""


@dataclass(frozen=True)
class Choice:
    """The words taken as said, what they mean, and what decided."""

    text: str
    understanding: Understanding
    why: Why


@dataclass(frozen=True)
class _Reading:
    share: float
    u: Understanding


def choose(
    heard: Sequence[Alternative],
    understander: Understands,
    now: datetime,
    channel: str = "voice",
    expected: Expected = NOTHING_ASKED,
) -> Choice:
    """The likeliest of what was heard, said at `now` (aware) where `expected` was asked.

    Equals keep the recogniser's order. A cry for help that only a hearing of little trust holds
    comes back as a doubtful emergency. Raises nlu.errors.RasaUnavailable for what the rules
    alone cannot decide; a cry that they know is returned also then.
    """
    readings: list[_Reading] = []
    away: RasaUnavailable | None = None
    for text, share in _shares(heard, expected).items():
        try:
            readings.append(_Reading(share, understander.understand(text, now, channel)))
        except RasaUnavailable as error:
            away = error
    cry = _cry(readings)
    if away is not None and cry is None:
        raise away
    meant = [_without_doubt(one) for one in readings if not _is_only_cry(one)]
    best = max(meant, key=lambda one: _score(one, expected), default=None)  # the first of equals
    if cry is not None:
        instead = cry.instead or (best.u if best is not None else None)
        return Choice(cry.text, replace(cry, instead=instead) if cry.doubtful else cry, Why.CRY)
    if best is None:
        return Choice("", Understanding("", "out_of_scope", 0.0), Why.NOTHING_HEARD)
    why = Why.TRUSTED if best.u.text == readings[0].u.text else Why.MAKES_SENSE
    return Choice(best.u.text, best.u, why)


def foresee(
    heard: Sequence[Alternative], understander: Understands, expected: Expected = NOTHING_ASKED
) -> None:
    """Have the classifier asked ahead what `choose` would ask it about these hearings. Chooses
    nothing and changes nothing; raises nlu.errors.RasaUnavailable at the first it cannot ask."""
    for text in _shares(heard, expected):
        understander.foresee(text)


def hearings_of(line: str) -> tuple[Alternative, ...]:
    """The hearings written as a JSON array of {"text", "confidence"}; whatever is no such array
    is one hearing, word for word."""
    try:
        rows = [(str(row["text"]), float(row.get("confidence", 1.0))) for row in json.loads(line)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        rows = []
    if not rows or not all(math.isfinite(confidence) for _, confidence in rows):
        return (Alternative(line),)
    return tuple(Alternative(*row) for row in rows)


def _shares(heard: Sequence[Alternative], expected: Expected) -> dict[str, float]:
    """Each different reading with its share of the trust, in the recogniser's order. Hearings
    that come to the same words add up."""
    trust: dict[str, float] = {}
    same: dict[str, str] = {}
    for one in [one for one in heard if plain(one.text).strip(_SILENT)][:MOST]:
        meant = expected.as_meant(one.text)
        text = same.setdefault(plain(meant), meant)
        trust[text] = trust.get(text, 0.0) + max(one.confidence, _LEAST)
    whole = sum(trust.values())
    return {text: share / whole for text, share in trust.items() if share / whole >= PLAUSIBLE}


def _cry(readings: Sequence[_Reading]) -> Understanding | None:
    """The cry for help among the readings, if any; doubtful when too little trust is in it.

    What is a doubtful cry by itself and little trusted is too much of a doubt to ask about.
    """
    cries = [one for one in readings if one.u.intent == "emergency" and _may_be(one, readings)]
    if not cries:
        return None
    gravest = min(cries, key=lambda one: (one.u.doubtful, -one.share))
    if cries[0] is readings[0] or sum(one.share for one in cries) >= BELIEVED:
        return gravest.u
    return None if gravest.u.doubtful else replace(gravest.u, doubtful=True)


def _may_be(one: _Reading, readings: Sequence[_Reading]) -> bool:
    """Whether a reading can be what was said, beside the likeliest."""
    best = max(readings, key=lambda other: other.share)
    near = resemblance(one.u.text, best.u.text) >= SOUNDS
    return one.share >= TOO_LIKELY or (near and one.share >= BESIDE * best.share)


def _is_only_cry(one: _Reading) -> bool:
    return one.u.intent == "emergency" and one.u.instead is None


def _without_doubt(one: _Reading) -> _Reading:
    """A reading as it is meant if it is no cry for help."""
    return replace(one, u=one.u.instead) if one.u.instead is not None else one


def _score(one: _Reading, expected: Expected) -> float:
    sure = max(one.u.confidence, _LEAST)
    return math.log(one.share) + math.log(sure) + _fit(one.u, expected) + SAYS * _values(one.u)


def _fit(u: Understanding, expected: Expected) -> float:
    if u.part is not None and u.time is not None and not goes_with(u.part, u.time):
        return OUT_OF_PLACE
    if expected.is_answered_by(u):
        return ANSWERS
    answers_nothing = u.intent in _BARE and not expected.is_question
    job = u.intent.startswith("job_") and not expected.by_worker
    return OUT_OF_PLACE if u.intent == "out_of_scope" or answers_nothing or job else 0.0


def _values(u: Understanding) -> int:
    """Values found, but for a person: 送份晚饭来 is misheard as 送份我爸来, and hardly ever the
    other way round."""
    said = (u.services, u.date, u.time, u.part, u.recurrence, u.diet, u.rating)
    return sum(map(bool, (*said, u.order_ref)))
