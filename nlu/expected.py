"""What a conversation expects to hear next, and whether some words are it.

The dialogue fills an `Expected` (nlu/dialogue/expects.py); whoever has to choose among several
hearings of one utterance asks it. Its phrases are the closed lists of the moment, so that a line
that can listen for given words only may build its grammar from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from nlu.dialogue import listen
from nlu.understanding import Understanding
from nlu.values.numbers import find_code, find_minutes, find_quantity, to_int
from nlu.values.sounds import HAN, Sound, sounds_of

# What is said around a short answer without changing it.
_FRAMED = re.compile(
    r"(?P<before>(?:嗯|呃|啊|哦|哎|那就?|就|还是|我?要|来|给|选|送)*)(?P<core>.+?)"
    r"(?P<after>(?:的|吧|啊|呀|了|哦|呢|嘛)*)"
)
_INITIAL = re.compile("[bpmhdtlgkjqxzcsrwy]?")
_MOST_OFF = 3
"""Of so many syllables one may be off by half (红烧楼 for 红烧肉); in shorter words none."""


class Slot(StrEnum):
    """What a question can be after."""

    YES_NO = "yes_no"
    DATE = "date"
    TIME = "time"
    QUANTITY = "quantity"
    DIET = "diet"
    PERSON = "person"
    SERVICE = "service"
    ORDER = "order"
    RATING = "rating"
    CODE = "code"
    MINUTES = "minutes"
    WORDS = "words"
    """Whatever is said."""
    LISTED = "listed"
    """One of the phrases, by its words alone."""


@dataclass(frozen=True)
class Phrase:
    """Words that may be said now. Phrases of one `means` are the same answer."""

    words: str
    means: str


def phrases(words: Iterable[str], means: str | None = None) -> tuple[Phrase, ...]:
    """A phrase of each: all of one meaning if it is given, else each of its own."""
    return tuple(Phrase(one, means or one) for one in words)


@dataclass(frozen=True)
class Expected:
    """What the conversation asks right now; without slots and phrases nothing is asked.

    `phrases` holds the lists an answer is picked from, likeliest first. `is_closed`: an answer is
    one of them, anything else is another matter. `by_worker`: a worker speaks, for whom words
    about jobs are at home.
    """

    slots: frozenset[Slot] = frozenset()
    phrases: tuple[Phrase, ...] = ()
    is_closed: bool = False
    by_worker: bool = False

    @property
    def is_question(self) -> bool:
        """Whether anything was asked."""
        return bool(self.slots)

    def is_answered_by(self, u: Understanding) -> bool:
        """Whether a sentence answers what was asked."""
        return self.names(u.text) or any(_ANSWERS[slot](u) for slot in self.slots)

    def names(self, text: str) -> bool:
        """Whether a text is one of the phrases, but for what is said around it."""
        said = listen.bare(text)
        return any(core in self._words for _, core, _ in cores(said))

    def as_meant(self, text: str) -> str:
        """A short answer that only sounds like one of the phrases, with that phrase in its place;
        the text itself when it is none of them, or could be two.

        "红烧楼" is 红烧肉 when that is listed, "给王见国吧" 给王建国吧 when he is asked about.
        """
        said = listen.bare(text)
        if self.names(said):
            return text
        for before, core, after in cores(said):
            # 四 sounds like 是, but a figure is an answer of its own.
            if HAN.fullmatch(core) and to_int(core) is None and (found := self._nearest(core)):
                return f"{before}{found}{after}"
        return text

    @property
    def _words(self) -> frozenset[str]:
        return frozenset(listen.bare(one.words) for one in self.phrases)

    def _nearest(self, core: str) -> str | None:
        near = [(far, one) for one in self.phrases if (far := _how_far(core, one.words))]
        if not near:
            return None
        least = min(far for far, _ in near)
        best = [one for far, one in near if far == least]
        return best[0].words if len({one.means for one in best}) == 1 else None


NOTHING_ASKED = Expected()


def cores(said: str) -> list[tuple[str, str, str]]:
    """(before, core, after): the whole of a text, then without what stands around it."""
    framed = _FRAMED.fullmatch(said)
    inner = [(framed["before"], framed["core"], framed["after"])] if framed else []
    return [("", said, ""), *inner]


def _how_far(heard: str, words: str) -> tuple[int, int] | None:
    """(syllables off, characters off) from words to what was heard; None if it is too far."""
    if len(heard) != len(words) or not HAN.fullmatch(words):
        return None
    pairs = list(zip(sounds_of(heard), sounds_of(words), strict=True))
    if len(words) == 1 and pairs[0][0] != pairs[0][1]:
        return None  # one syllable says so little that its tone must be right too
    off = [pair for pair in pairs if pair[0].folded != pair[1].folded]
    if len(off) * _MOST_OFF > len(words) or not all(_half(*pair) for pair in off):
        return None
    return len(off), sum(a != b for a, b in zip(heard, words, strict=True))


def _half(one: Sound, other: Sound) -> bool:
    """Whether two syllables begin or end alike."""
    begins, begins_other = _INITIAL.match(one.folded), _INITIAL.match(other.folded)
    assert begins is not None
    assert begins_other is not None
    ends, ends_other = one.folded[begins.end() :], other.folded[begins_other.end() :]
    return begins[0] == begins_other[0] or ends == ends_other


def _number(u: Understanding) -> int | None:
    return to_int(listen.bare(u.text).rstrip("份次个小时分钟"))


_ANSWERS: dict[Slot, Callable[[Understanding], object]] = {
    Slot.YES_NO: lambda u: u.intent in ("affirm", "deny"),
    Slot.DATE: lambda u: u.date or u.recurrence,
    Slot.TIME: lambda u: u.time or u.part,
    Slot.QUANTITY: lambda u: find_quantity(u.text) or _number(u),
    Slot.DIET: lambda u: u.diet,
    Slot.PERSON: lambda u: u.person,
    Slot.SERVICE: lambda u: u.services,
    Slot.ORDER: lambda u: (
        u.order_ref or listen.number_in(u.text) or listen.ordinal(u.text, 5) is not None
    ),
    Slot.RATING: lambda u: u.rating or listen.stars(u.text),
    Slot.CODE: lambda u: listen.bind_code(u.text) or find_code(u.text),
    Slot.MINUTES: lambda u: find_minutes(u.text) or _number(u),
    Slot.WORDS: lambda u: u.intent != "out_of_scope",
    Slot.LISTED: lambda u: False,  # the phrases are looked at by themselves
}
