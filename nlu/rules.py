"""Rules in front of the classifier: calls for help, yes and no. They work with Rasa dead.

The words live in `data/emergency.yaml` and `data/yes_no.yaml`. `emergency` leans towards
ringing: only a guard written down there takes a phrase back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from nlu.values.sounds import HAN, sounds_of
from nlu.values.text import normalise

DATA = Path(__file__).with_name("data")
_GAP = ".{0,4}?"
_PUNCTUATION = re.compile(r"[\s,。.!~、;:\-…]+")


@dataclass(frozen=True)
class _Guard:
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    anywhere: re.Pattern[str] | None
    only: frozenset[str]  # the groups it holds for; empty means all

    def holds(self, words: str, start: int, end: int) -> bool:
        if self.anywhere is not None and self.anywhere.search(words):
            return True
        if self.before is not None and self.before.search(words[:start]):
            return True
        return self.after is not None and self.after.match(words[end:]) is not None


@dataclass(frozen=True)
class _Emergencies:
    phrases: re.Pattern[str]
    groups: tuple[str, ...]
    keep: dict[str, frozenset[str]]
    by_sound: dict[tuple[str, ...], tuple[str, str]]
    guards: dict[str, _Guard]
    past: re.Pattern[str]
    past_over: re.Pattern[str]
    still: re.Pattern[str]
    over: re.Pattern[str]
    sure: re.Pattern[str]


def _load(name: str) -> Any:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _emergencies() -> _Emergencies:
    data = _load("emergency.yaml")
    groups = data["groups"]
    pattern = "|".join(
        f"(?P<{name}>"
        + "|".join(
            _GAP.join(re.escape(part) for part in phrase.split("…"))
            for phrase in sorted(group["phrases"], key=len, reverse=True)
        )
        + ")"
        for name, group in groups.items()
    )
    by_sound: dict[tuple[str, ...], tuple[str, str]] = {}
    for name, group in groups.items():
        for phrase in group["phrases"]:
            if len(phrase) >= 3 and HAN.fullmatch(phrase):
                by_sound.setdefault(_sound(phrase), (name, phrase))
    return _Emergencies(
        phrases=re.compile(f"(?=(?:{pattern}))"),
        groups=tuple(groups),
        keep={name: frozenset(group.get("keep", ())) for name, group in groups.items()},
        by_sound=by_sound,
        guards={
            name: _Guard(
                before=_maybe(guard.get("before")),
                after=_maybe(guard.get("after")),
                anywhere=_maybe(guard.get("anywhere")),
                only=frozenset(guard.get("only", ())),
            )
            for name, guard in data["guards"].items()
        },
        past=re.compile(data["past"]["before"]),
        past_over=re.compile(data["past"]["over"]),
        still=re.compile(data["past"]["still"]),
        over=re.compile(data["over"]),
        sure=re.compile(data["sure"]),
    )


def _maybe(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern else None


def _sound(han: str) -> tuple[str, ...]:
    return tuple(s.folded for s in sounds_of(han))


def _hits(words: str, rules: _Emergencies) -> Iterator[tuple[str, int, int]]:
    for match in rules.phrases.finditer(words):
        name = next(g for g in rules.groups if match[g] is not None)
        yield name, *match.span(name)


def _heard(words: str, rules: _Emergencies) -> Iterator[tuple[str, int, int]]:
    """Phrases of three syllables or more that only sound so ("喘不上汽"), half of them right."""
    for run in HAN.finditer(words):
        sounds = _sound(run.group())
        if len(sounds) != len(run.group()):
            continue
        for size in (3, 4, 5, 6):
            for i in range(len(sounds) - size + 1):
                hit = rules.by_sound.get(sounds[i : i + size])
                said = run.group()[i : i + size]
                if hit and sum(a == b for a, b in zip(said, hit[1], strict=True)) * 2 >= size:
                    yield hit[0], run.start() + i, run.start() + i + size


def _judge(words: str) -> tuple[tuple[int, int] | None, bool]:
    """(span of the phrase that stands, whether there was any phrase at all)."""
    rules = _emergencies()
    sure = rules.sure.search(words)
    if sure and not rules.guards["story"].holds(words, 0, 0):
        return sure.span(), True
    hits = list(_hits(words, rules)) or list(_heard(words, rules))
    if not hits:
        return None, False
    if rules.over.search(words):
        return None, True
    gone = (
        rules.past.search(words) and rules.past_over.search(words) and not rules.still.search(words)
    )
    for name, start, end in hits:
        guards = (
            guard
            for key, guard in rules.guards.items()
            if key not in rules.keep[name] and (not guard.only or name in guard.only)
        )
        if not gone and not any(guard.holds(words, start, end) for guard in guards):
            return (start, end), True
    return None, True


def emergency(text: str) -> str | None:
    """The words that call for help, as said, or None.

    Not for what is denied, feared, asked about, priced, long past and over, or told of others
    in the news: the guards of emergency.yaml.
    """
    source = normalise(text)
    span, _ = _judge(source.text)
    return source.verbatim(*span) if span else None


def only_sounds_urgent(text: str) -> bool:
    """Whether an emergency's words are there but taken back ("昨天摔了一跤,现在没事了")."""
    span, mentioned = _judge(normalise(text).text)
    return mentioned and span is None


@dataclass(frozen=True)
class _Answers:
    words: dict[str, str]
    longest_word: int
    longest: int
    signs: dict[str, str]


@lru_cache(maxsize=1)
def _answers() -> _Answers:
    data = _load("yes_no.yaml")
    words: dict[str, str] = {}
    for kind in ("fillers", "affirm", "deny"):
        words |= {normalise(word).text: kind for word in data[kind]}
    return _Answers(words, max(map(len, words)), int(data["longest"]), data["signs"])


def yes_no(text: str) -> Literal["affirm", "deny"] | None:
    """Whether a short utterance as a whole says yes or no; None when it carries more."""
    answers = _answers()
    for sign, word in answers.signs.items():
        text = text.replace(sign, f"{word},")
    pieces = _PUNCTUATION.sub(" ", normalise(text).text).split()
    if not pieces or sum(map(len, pieces)) > answers.longest:
        return None
    kinds: set[str] = set()
    for piece in pieces:
        kinds |= _kinds(piece, answers)
    if "more" in kinds:
        return None
    if "affirm" in kinds:
        return None if "deny" in kinds else "affirm"
    return "deny" if "deny" in kinds else None


def _kinds(words: str, answers: _Answers) -> set[str]:
    """Of what kinds of answer words the piece is made, longest first; "more" for anything else."""
    kinds: set[str] = set()
    position = 0
    while position < len(words):
        for size in range(min(answers.longest_word, len(words) - position), 0, -1):
            kind = answers.words.get(words[position : position + size])
            if kind is not None:
                kinds.add(kind)
                position += size
                break
        else:
            return {"more"}
    return kinds
