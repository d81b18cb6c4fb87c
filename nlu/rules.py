"""Rules in front of the classifier: calls for help, yes and no. They work with Rasa dead.

The words live in `data/emergency.yaml` (read by `nlu.alarms`) and `data/yes_no.yaml`.
`emergency` leans towards ringing: only a guard written down there takes a word back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from nlu.alarms import Alarms, Certainty
from nlu.values.text import normalise

DATA = Path(__file__).with_name("data")
_PUNCTUATION = re.compile(r"[\s,。.!~、;:\-…]+")


def _load(name: str) -> Any:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def alarms() -> Alarms:
    """The frames and guards of `emergency.yaml`."""
    return Alarms(_load("emergency.yaml"))


_NEVER = "(?!)"
_added: Alarms | None = None


def hear_also(phrases: Mapping[str, str]) -> None:
    """Let these words be heard as calls for help beside those of `emergency.yaml`, instead of
    whichever were added before: `alarm` at once, `ask` after a question unless they are said to be
    new. Nothing that is shipped can be taken away so. Raises ValueError for another level."""
    global _added
    _added = Alarms(_data_of(phrases)) if phrases else None


def _data_of(phrases: Mapping[str, str]) -> dict[str, Any]:
    """A data file of these words alone, with the guards that hold for every frame."""
    shipped = _load("emergency.yaml")
    levels = {"alarm": "event", "ask": "state"}
    if unknown := set(phrases.values()) - set(levels):
        raise ValueError(f"no such level: {unknown}")
    frames = {
        name: {"level": level, "say": [one for one, how in phrases.items() if how == name]}
        for name, level in levels.items()
        if name in phrases.values()
    }
    everywhere = {
        name: {part: words for part, words in guard.items() if part != "except"}
        for name, guard in shipped["guards"].items()
        if set(guard.get("of", ())) <= {"state"}
    }
    return {
        **shipped,
        "frames": frames,
        "guards": everywhere,
        "beyond doubt": {"cry": _NEVER, "guards": []},
        "heard": [],
    }


@dataclass(frozen=True)
class Danger:
    """What the rules hear of danger; `phrase` are the words as said, None where there are none.
    `cried`: help itself was called for. `added`: by words that the city has added itself, which no
    classifier has learnt."""

    certainty: Certainty
    phrase: str | None = None
    cried: bool = False
    added: bool = False


def danger(text: str) -> Danger:
    """What the frames and guards of emergency.yaml make of a text.

    Sure: not denied, feared, asked about, priced, long past and over, or told of others in the
    news. Doubtful: states that may be old (手抬不起来), what happened a while ago, and what a
    guard takes back beside words of haste.
    """
    source = normalise(text)
    verdict, also = alarms().judge(source.text), _added
    own = also.judge(source.text) if also is not None else None
    is_added = own is not None and own.certainty >= max(verdict.certainty, Certainty.DOUBTFUL)
    told = own if own is not None and is_added else verdict
    phrase = None if told.span is None else source.verbatim(*told.span)
    return Danger(told.certainty, phrase, verdict.cried, is_added)


def emergency(text: str) -> str | None:
    """The words that call for help beyond the rules' doubt, as said, or None."""
    found = danger(text)
    return found.phrase if found.certainty is Certainty.SURE else None


def maybe_emergency(text: str) -> str | None:
    """The words that may call for help, as said, or None."""
    found = danger(text)
    return found.phrase if found.certainty is Certainty.DOUBTFUL else None


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


def words_of(answer: Literal["affirm", "deny"]) -> tuple[str, ...]:
    """The plain words that say yes, or no."""
    return tuple(word for word, kind in _answers().words.items() if kind == answer)


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
