"""When somebody has finished speaking: by how long the pause is, after which words, and whose.

A bare "对" is at its end when it is said; "我要" is not, however long the breath. Whoever was cut
off once, or thinks in long pauses, is waited for longer for the rest of the call. Pure: time and
words are arguments, in seconds and as heard.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

from ivr.ears import STRAY
from ivr.everyday import clocks, days
from nlu.dialogue.listen import bare

SHORT_S = 0.35
"""After an answer that stands in the list: longer than the stops inside Chinese words (0.1-0.2 s),
short enough that our reply comes as quickly as a person's."""
ORDINARY_S = 0.7
"""After a sentence: people feel up to 0.8 s as a natural turn; most pauses inside are shorter."""
WHOLE_S = 0.5
"""After a sentence that is a whole order: there is more to say to it only now and then, and who
goes on is heard as one sentence all the same (ivr.call.going_on)."""
HANGING_S = 2.0
"""After words that want more. Somebody who is silent for longer has given up the sentence, and is
helped by a question rather than by more silence."""
BREATH_S = 0.25
"""Any breath, once somebody has spoken for LONG_S."""
LONG_S = 12.0
"""Nobody orders a meal in a longer sentence; a radio does, and so does somebody who is lost."""
LONGEST_S = 20.0
"""Then the end is made, breath or not: what is answered so late is not answered."""
INNER_S = 0.3
"""Shorter stops belong to the words and tell nothing about the speaker."""
RESUMED_S = 1.2
"""Whoever speaks again this soon after we took it for the end was cut off."""
MARGIN = 1.3
"""A little longer than this caller's longest pause: the next one may be longer."""
PATIENT_S = 1.6
"""The most that one caller is waited for after an ordinary sentence."""
CALMING = 0.85
"""What is left of a caller's excess patience after an utterance without a pause."""
FEW_FIGURES = 3
"""Figures in a row that hardly are a number somebody was asked for: codes have four and more."""
_FIGURES = frozenset("零一二三四五六七八九幺两0123456789")


@dataclass
class Pauses:
    """One caller's pauses over a call. Feed `hear` with every frame, ask `over` as often."""

    patience_s: float = ORDINARY_S
    """How long this caller is waited for after an ordinary sentence."""
    began: float | None = None
    """When the utterance under way began; None between utterances."""
    ended: float = 0.0
    """When the voice was last heard."""
    _speaking: bool = field(default=False, init=False)
    _paused: bool = field(default=False, init=False)
    """There was a pause inside this utterance."""
    _hung: bool = field(default=False, init=False)
    """The words before the pause under way want more: a pause behind them is nobody's habit."""
    _over_at: float | None = field(default=None, init=False)

    def hear(self, at: float, speaking: bool, late_s: float = 0.0) -> None:
        """The voice is there at `at`, or is not; if it just ended, that was `late_s` before it
        was heard last."""
        if not speaking:
            if self._speaking and self.began is not None:
                self.ended = max(self.ended - late_s, self.began)
            self._speaking = False
            return
        self._speaking = True
        if self.began is None:
            self.began, self._paused = at, False
            if self._over_at is not None and at - self._over_at <= RESUMED_S:
                self._learn(at - self.ended)  # the pause that we took for an end
            self._over_at = None
        elif at - self.ended >= INNER_S:
            self._learn(at - self.ended)
        self.ended, self._hung = at, False

    def silence(self, at: float) -> float:
        """Seconds since the voice was last heard; 0 between utterances."""
        return 0.0 if self.began is None else max(at - self.ended, 0.0)

    def over(self, at: float, so_far: str, complete: bool, whole: bool = False) -> bool:
        """Whether the utterance is at its end with these words heard; True once, and the next
        utterance may begin. `complete`: they are a whole answer to what was asked; `whole`: a
        wish that lacks nothing."""
        if self.began is None:
            return False
        spoke = self.ended - self.began
        self._hung = not (complete or whole) and hangs(so_far)
        if spoke <= LONGEST_S and self.silence(at) < self._needed(spoke, complete, whole):
            return False
        if not self._paused:
            self.patience_s = ORDINARY_S + (self.patience_s - ORDINARY_S) * CALMING
        self.began, self._over_at = None, at
        return True

    def _needed(self, spoke: float, complete: bool, whole: bool) -> float:
        if spoke > LONG_S:
            return BREATH_S
        if complete:
            return SHORT_S
        if whole:  # whoever has shown to think in long pauses is waited for here too
            return self.patience_s - ORDINARY_S + WHOLE_S
        return max(HANGING_S, self.patience_s) if self._hung else self.patience_s

    def _learn(self, pause: float) -> None:
        self._paused = True
        if not self._hung:
            self.patience_s = max(self.patience_s, min(pause * MARGIN, PATIENT_S))


def hangs(so_far: str) -> bool:
    """Whether these words want more: 我要, 明天, 嗯, three figures of a number.

    With a STRAY at the end nobody knows what stands there, so nothing hangs.
    """
    said = bare(so_far)
    if not said or so_far.endswith(STRAY):
        return False
    words = _words()
    return (
        _is_just_when(said)
        or (said.endswith(words["ends"]) and not said.endswith(words["chosen"]))
        or said in words["thinking"]
        or said.endswith(words["trailing"])
        or (len(said) <= FEW_FIGURES and _FIGURES.issuperset(said))
    )


def _is_just_when(said: str) -> bool:
    """Nothing but a day and a time of day: what is wanted then is still to come."""
    rest = said
    while rest:
        found = next((one for one in _whens() if rest.startswith(one)), None)
        if found is None:
            return False
        rest = rest[len(found) :]
    return bool(said)


@lru_cache(maxsize=1)
def _whens() -> tuple[str, ...]:
    """Longest first."""
    listed = {*_words()["begins"], *days(), *clocks()}
    return tuple(sorted(listed, key=len, reverse=True))


def is_hummed(said: str) -> bool:
    """Whether this is a sound people make while they think (嗯, 呃), though it may be a yes."""
    return len(said) == 1 and said in _words()["thinking"]


@lru_cache(maxsize=1)
def _words() -> dict[str, tuple[str, ...]]:
    text = Path(__file__).with_suffix(".yaml").read_text("utf-8")
    listed = {name: tuple(row) for name, row in yaml.safe_load(text).items()}
    # One syllable at the end of a sentence is a particle (好啊), longer ones are thinking.
    listed["trailing"] = tuple(one for one in listed["thinking"] if len(one) > 1)
    return listed
