"""Between the sentences kept to learn from and the files of those who label them.

An exported line is a line of the corpus (`nlu/corpus/lines.py`) with today's best guess as its
labels, and one field more, `kept`: its id, why it was kept, and `state`, which whoever labels
sets from `open` to `done` (the labels are right now) or `discard` (it must not be kept, e.g.
because a name was overlooked). A guess nobody looked at is never taken for a label: it is by
definition a guess we had reason to doubt.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from backend.db.models import Misunderstanding
from nlu.corpus.lines import SAID_AT, Line, faults, line_of
from nlu.masking import SAMPLES, mask
from nlu.rasa_client import IntentGuess
from nlu.understand import Understander
from nlu.understanding import Understanding
from nlu.values.services import Gazetteer

LEARNED = "learned.yml"
"""The file under the data folder that training adds to the corpus."""
STATES = ("open", "done", "discard")
_FIELDS = {one.name for one in fields(Line)}
_STYLE = {"voice": "recogniser", "wechat": "family"}


class BadLabels(ValueError):
    """A file that cannot be taken in; `problems` says what is wrong in which line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass
class Labels:
    """What a file of labels says: labels by id, what to discard, how many lines are untouched."""

    labels: dict[int, dict[str, Any]] = field(default_factory=dict)
    discarded: list[int] = field(default_factory=list)
    untouched: int = 0


# ---- out


def exported_line(row: Misunderstanding, gazetteer: Gazetteer) -> dict[str, Any]:
    """A kept sentence as a line to be labelled."""
    kept: dict[str, Any] = {
        "id": row.id,
        "state": "open",
        "why": row.why.value,
        "expected": row.expected,
        "confidence": round(row.confidence, 2),
        "alternatives": list(row.alternatives),
    }
    line = _guess(row, gazetteer)
    return {**line.to_json(), "kept": {name: value for name, value in kept.items() if value != ""}}


class _Kept:
    """A classifier that says what the real one said at the time."""

    def __init__(self, row: Misunderstanding) -> None:
        self._guess = IntentGuess(row.intent, row.confidence, ((row.intent, row.confidence),))

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        return self._guess


def _guess(row: Misunderstanding, gazetteer: Gazetteer) -> Line:
    """The intent as it was understood, the values as they are read today, at the moment that
    all lines of the corpus are said."""
    whole = row.text
    for slot, sample in SAMPLES.items():
        whole = whole.replace(slot, sample)
    found = Understander(_Kept(row), gazetteer).understand(whole, SAID_AT, row.channel)
    line = _line(found, row)
    # What was read out of a sample is given back as its slot, the day of a masked date not at all.
    return replace(
        line, person=_slotted(line.person, row.text), order_ref=_slotted(line.order_ref, row.text)
    )


def _line(found: Understanding, row: Misunderstanding) -> Line:
    return Line(
        text=row.text,
        intent=found.intent,
        style=_STYLE.get(row.channel, "family"),
        channel=row.channel if row.channel in _STYLE else "wechat",
        services=tuple((wish.code, wish.quantity) for wish in found.services),
        date=found.date,
        time=found.time,
        part=found.part,
        recurrence=found.recurrence,
        person=found.person,
        diet=found.diet,
        rating=found.rating,
        order_ref=found.order_ref,
    )


def _slotted(words: str | None, masked: str) -> str | None:
    """Words read out of the whole sentence, as they stand in the masked one."""
    for slot, sample in SAMPLES.items():
        words = words.replace(sample, slot) if words is not None and slot in masked else words
    return words if words and words in masked else None


# ---- in


def read_labels(path: Path, codes: Collection[str] | None = None) -> Labels:
    """The labels of a file; `codes`: a city's own service codes.

    Raises BadLabels, naming every faulty line, OSError and UnicodeDecodeError.
    """
    found, problems = Labels(), []
    seen: dict[int, int] = {}
    for number, raw in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not raw.strip():
            continue
        try:
            _take(raw, found, codes, seen, number)
        except BadLabels as bad:
            problems += [f"line {number}: {problem}" for problem in bad.problems]
    if problems:
        raise BadLabels(problems)
    return found


def _take(
    raw: str, found: Labels, codes: Collection[str] | None, seen: dict[int, int], number: int
) -> None:
    said = _object(raw)
    kept = said.pop("kept", None)
    key = kept.get("id") if isinstance(kept, dict) else None
    if not isinstance(kept, dict) or not isinstance(key, int) or isinstance(key, bool):
        raise BadLabels(
            ['the field "kept" with its id is missing; it tells which sentence this is']
        )
    if key in seen:
        raise BadLabels([f"sentence {key} stands in line {seen[key]} already"])
    seen[key] = number
    match kept.get("state"):
        case "open":
            found.untouched += 1
        case "discard":
            found.discarded.append(key)
        case "done":
            found.labels[key] = _checked(said, codes)
        case other:
            raise BadLabels([f"the state {other!r} is none of {', '.join(STATES)}"])


def _object(raw: str) -> dict[str, Any]:
    try:
        said = json.loads(raw)
    except json.JSONDecodeError as error:
        raise BadLabels([f"this is no JSON: {error.msg} (column {error.colno})"]) from error
    if not isinstance(said, dict):
        raise BadLabels(["a line is one JSON object in braces"])
    return said


def _checked(said: dict[str, Any], codes: Collection[str] | None) -> dict[str, Any]:
    strange = sorted(set(said) - _FIELDS)
    missing = [name for name in ("text", "intent") if not isinstance(said.get(name), str)]
    if strange or missing:
        raise BadLabels(
            [f"the field {name!r} is not one of a label's" for name in strange]
            + [f"{name} is missing or no text" for name in missing]
        )
    try:
        line = line_of(said)
        wrong = faults(line, codes)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadLabels([f"the labels cannot be read: {error}"]) from error
    if not wrong and mask(line.text) != line.text:
        wrong = [f"the text is not masked; it would be {mask(line.text)!r}"]
    if wrong:
        raise BadLabels(wrong)
    label: dict[str, Any] = json.loads(json.dumps(line.to_json()))  # as the database gives it back
    return label


# ---- on to training


def training_file(labels: Iterable[Mapping[str, Any]]) -> str | None:
    """The labelled sentences as Rasa reads them, slots open; None for no sentence.

    Not those that only repeat each other: a sentence stands once under its intent.
    """
    by_intent: dict[str, dict[str, None]] = {}
    for label in labels:
        by_intent.setdefault(label["intent"], {})[label["text"]] = None
    if not by_intent:
        return None
    blocks = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
        for intent, texts in sorted(by_intent.items())
    ]
    return yaml.safe_dump(
        {"version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False, width=10**6
    )


def write_learned(data_dir: Path, labels: Iterable[Mapping[str, Any]]) -> Path | None:
    """Bring `learned.yml` into step with the labels; its path, None when there is nothing.

    Replaced in one step, and gone when the last sentence is.
    """
    path = data_dir / LEARNED
    text = training_file(labels)
    if text is None:
        path.unlink(missing_ok=True)
        return None
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    return path
