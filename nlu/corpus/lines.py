"""Labelled lines: a sentence with what the understanding should make of it.

One JSON object a line, in files under `dev/` and `heldout/`; what was not said is left out. The
conventions are in README.md beside this file; `faults` checks those that can be checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import date as Date  # noqa: N812 - the fields are named date and time
from datetime import datetime
from datetime import time as Time  # noqa: N812
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from backend.seed.catalogue import load_catalogue
from nlu.values.dates import SHANGHAI

CORPUS = Path(__file__).resolve().parent
DEV, HELDOUT = CORPUS / "dev", CORPUS / "heldout"
SAID_AT = datetime(2026, 3, 4, 9, 20, tzinfo=SHANGHAI)
"""The moment at which all labelled lines were said: a Wednesday morning."""

STYLES = ("elder", "family", "cantonese", "worker", "recogniser", "edge")
CHANNELS = ("voice", "wechat")
PARTS = ("early_morning", "morning", "noon", "afternoon", "evening")
DIETS = (
    "soft", "low_salt", "low_sugar", "low_fat", "no_pork", "vegetarian", "no_fish", "minced"
)  # fmt: skip
CONSULT = "health.consult"
# Talk that is about no service, whatever words it uses.
_NO_SERVICE = frozenset(
    {
        "emergency", "greet", "thanks", "goodbye", "chitchat", "out_of_scope", "transfer_agent",
        "repeat_prompt", "query_balance", "bind_elder", "unbind_elder",
    }
)  # fmt: skip
_DAYS = "MON|TUE|WED|THU|FRI|SAT|SUN"
_RHYTHM = re.compile(
    rf"daily|weekdays|weekly:(?:{_DAYS})(?:,(?:{_DAYS}))*|every:\d|odd_days|even_days|monthly:\d{{1,2}}"
)


class BadLine(ValueError):
    """A line that is no labelled sentence; the message says which and why."""


@dataclass(frozen=True)
class Line:
    """A sentence and its labels, by the names of the understanding contract."""

    text: str
    intent: str
    style: str = "family"
    channel: str = "wechat"
    services: tuple[tuple[str, int], ...] = ()
    date: Date | None = None
    time: Time | None = None
    part: str | None = None
    recurrence: str | None = None
    person: str | None = None
    diet: tuple[str, ...] = ()
    rating: int | None = None
    order_ref: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in a file: nothing that was not said."""
        said = {name: value for name, value in asdict(self).items() if value not in (None, ())}
        if self.date is not None:
            said["date"] = self.date.isoformat()
        if self.time is not None:
            said["time"] = f"{self.time:%H:%M}"
        return said


def read_lines(path: Path) -> list[Line]:
    """The lines of one file, or of all files of a folder in the order of their names.

    Raises BadLine for what cannot be read; conventions are checked by `faults`.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    return [line for file in files for line in _of_file(file)]


def _of_file(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8") as file:
        for number, raw in enumerate(file, 1):
            if raw.strip():
                try:
                    yield line_of(json.loads(raw))
                except (ValueError, TypeError, KeyError) as error:
                    raise BadLine(f"{path.name}, line {number}: {error}") from error


def line_of(said: dict[str, Any]) -> Line:
    """The line of a JSON object. Raises ValueError, TypeError or KeyError."""
    fields = dict(said)
    if "date" in fields:
        fields["date"] = Date.fromisoformat(fields["date"])
    if "time" in fields:
        fields["time"] = Time.fromisoformat(fields["time"])
    fields["services"] = tuple((str(code), int(n)) for code, n in fields.get("services", ()))
    fields["diet"] = tuple(fields.get("diet", ()))
    return Line(**fields)


@lru_cache(maxsize=1)
def intents() -> frozenset[str]:
    """Every intent the classifier knows."""
    domain = CORPUS.with_name("rasa") / "domain.yml"
    return frozenset(yaml.safe_load(domain.read_text(encoding="utf-8"))["intents"])


@lru_cache(maxsize=1)
def catalogue_codes() -> frozenset[str]:
    """The codes of the shipped catalogue."""
    return frozenset(item.code for item in load_catalogue())


def faults(line: Line, codes: Collection[str] | None = None) -> list[str]:
    """What of the conventions the labels break, in words; empty if nothing.

    `codes`: a city's own service codes, by default those of the shipped catalogue.
    """
    known = catalogue_codes() if codes is None else codes
    named = [code for code, _ in line.services]
    checks = {
        "no text": bool(line.text.strip()),
        f"unknown intent {line.intent}": line.intent in intents(),
        f"unknown style {line.style}": line.style in STYLES,
        f"unknown channel {line.channel}": line.channel in CHANNELS,
        f"unknown service among {named}": set(named) <= set(known),
        "a service stands twice": len(set(named)) == len(named),
        "a quantity below one": all(n >= 1 for _, n in line.services),
        f"unknown part of day {line.part}": line.part in (None, *PARTS),
        f"unknown diet among {line.diet}": set(line.diet) <= set(DIETS),
        f"unknown recurrence {line.recurrence}": _RHYTHM.fullmatch(line.recurrence or "daily"),
        f"rating {line.rating} is not 1 to 5": line.rating in (None, 1, 2, 3, 4, 5),
        "the person is not in the text": (line.person or "") in line.text,
        "the order_ref is not in the text": (line.order_ref or "") in line.text,
        f"{line.intent} carries no services": line.intent not in _NO_SERVICE
        and not line.intent.startswith("job_")
        or not named,
        f"health_consult carries {CONSULT} alone": line.intent != "health_consult"
        or named == [CONSULT],
    }
    return [fault for fault, holds in checks.items() if not holds]
