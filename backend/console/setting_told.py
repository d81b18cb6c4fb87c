"""How settings are told on pages: what each is called, what stands in it, what a change changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import select

from backend.console.words import lasting, word, words, yuan
from backend.db.models import ConsoleUser, ServiceItem
from backend.domain.settings import Kind, Value
from backend.domain.wording import Wording
from backend.services.work import Work

LONG = 16
"""Characters; what is longer is compared piece by piece."""
_MINUTES = frozenset({"lead_min", "window_min", "duration_min", "offer_minutes"})


@dataclass(frozen=True)
class Piece:
    """Of a long text: `is_old`, `is_new`, or in both."""

    text: str
    is_old: bool = False
    is_new: bool = False


@dataclass(frozen=True)
class Changed:
    """One line of a difference. None: not there. `pieces`: for long texts."""

    label: str
    before: str | None
    after: str | None
    pieces: tuple[Piece, ...] = ()


def differences(
    kind: Kind, key: str, before: Value | None, after: Value | None, wording: Wording
) -> list[Changed]:
    """What a change changes, line by line."""
    old, new = (_told(kind, key, value, wording) for value in (before, after))
    return [
        Changed(label, old.get(label), new.get(label), _pieces(old.get(label), new.get(label)))
        for label in dict.fromkeys((*old, *new))
        if old.get(label) != new.get(label)
    ]


def names(work: Work) -> dict[str, str]:
    """What services are called."""
    return dict(work.session.execute(select(ServiceItem.code, ServiceItem.name)).tuples().all())


def called(kind: Kind, key: str, services: Mapping[str, str]) -> str:
    """What a setting is called."""
    if kind is Kind.SERVICE:
        return services.get(key, key)
    if kind in (Kind.ALLOWANCE, Kind.COVER):
        return str(words()["settings"]["kinds"][kind.value])
    if kind in (Kind.QUIET, Kind.CONSENT):
        return str(words()["settings"][kind.value].get(key, key))
    return key


def people(work: Work) -> dict[str, str]:
    """Who acts at the console, by the name that audits and versions know them by."""
    rows = work.session.execute(select(ConsoleUser.id, ConsoleUser.name)).tuples()
    return {f"console:{id_}": name for id_, name in rows}


def row_called(row: Mapping[str, Any]) -> str:
    """Whom a row of a table of money is for, and what."""
    whom = word("settings", "anybody") if row["category"] == "*" else row["category"]
    if "ability_level" in row:
        what = word("levels", row["ability_level"])
    else:
        what = word("categories", row["service_category"])
        what = word("settings", "any_service") if what == "*" else what
    return str(word("settings", "row")).format(whom=whom, what=what, since=row["valid_from"])


def row_says(row: Mapping[str, Any]) -> str:
    """What a row gives."""
    said = words()["settings"]["row_says"]
    if "monthly_fen" in row:
        parts = [said["monthly"].format(money=yuan(row["monthly_fen"]))]
    else:
        parts = [said["percent"].format(percent=row["cover_percent"])]
        for name in ("max_per_unit_fen", "max_per_day_fen"):
            if row[name] is not None:
                parts.append(said[name].format(money=yuan(row[name])))
    if row["valid_to"]:
        parts.append(said["valid_to"].format(until=row["valid_to"]))
    return str(said["between"]).join(parts)


def _told(kind: Kind, key: str, value: Value | None, wording: Wording) -> dict[str, str]:
    labels: Mapping[str, str] = words()["settings"]["fields"]
    if kind in (Kind.PROMPT, Kind.CONSENT):
        return _prompt(key, value, wording, labels)
    if value is None:
        return {}
    if kind in (Kind.ALLOWANCE, Kind.COVER):
        return {row_called(row): row_says(row) for row in value["rows"]}
    if kind is Kind.QUIET:
        return {labels["quiet"]: f"{value['begins']}–{value['ends']}"}
    if kind is Kind.HELP:
        return {labels["level"]: str(words()["settings"]["levels"][value["level"]])}
    return {labels[name]: _of_service(name, one) for name, one in value.items()}


def _prompt(
    key: str, value: Value | None, wording: Wording, labels: Mapping[str, str]
) -> dict[str, str]:
    shipped = wording.prompts().get(key)
    text = value["text"] if value is not None else shipped.text if shipped else ""
    speech = value["speech"] if value is not None else shipped.speech if shipped else None
    told = {labels["text"]: str(text)}
    if speech:
        told[labels["speech"]] = str(speech)
    return told


def _of_service(name: str, value: Any) -> str:
    said = words()["settings"]
    if name.endswith("_fen"):
        return yuan(value) if value is not None else str(said["by_percent"])
    if name in _MINUTES:
        return lasting(value)
    if name == "category":
        return str(word("categories", value))
    if name == "required_qualification":
        return str(word("papers", value)) if value else str(said["no_paper"])
    if isinstance(value, bool):
        return str(said["yes" if value else "no"])
    return str(value)


def _pieces(before: str | None, after: str | None) -> tuple[Piece, ...]:
    if before is None or after is None or max(len(before), len(after)) <= LONG:
        return ()
    pieces: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append(Piece(before[a:b]))
            continue
        if a < b:
            pieces.append(Piece(before[a:b], is_old=True))
        if c < d:
            pieces.append(Piece(after[c:d], is_new=True))
    return tuple(pieces)
