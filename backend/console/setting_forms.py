"""What the forms of settings say, as the values that are kept."""

from __future__ import annotations

from backend.console.forms import day, fen, number, text
from backend.console.words import words
from backend.domain.errors import DomainError
from backend.domain.pricing import ANY
from backend.domain.settings import TABLE, Kind, Value, with_row
from backend.services.change_setting import Setting, stands
from backend.services.work import Work

MOST_TEXT = 4000
TAKE_OUT = "take_out"
"""What a form's button says: the row goes, the shipped words come back, the phrase is dropped."""


def setting_of(kind: Kind, key: str) -> Setting:
    """The setting that a form is about; of a table of money its key names a row."""
    return Setting(kind, TABLE if kind in (Kind.ALLOWANCE, Kind.COVER) else key)


def value_of(work: Work, kind: Kind, key: str) -> Value | None:
    """What should stand there by the form. Raises DomainError for what is not written right."""
    out = text("what") == TAKE_OUT
    match kind:
        case Kind.SERVICE:
            return _service()
        case Kind.ALLOWANCE | Kind.COVER:
            table = stands(work, setting_of(kind, key)).value
            assert table is not None
            row = None if out else (_allowance() if kind is Kind.ALLOWANCE else _cover())
            return with_row(table, key or None, row)
        case Kind.QUIET:
            return {"begins": text("begins"), "ends": text("ends")}
        case Kind.HELP:
            return None if out else {"level": text("level")}
    if out:
        return None
    said = text("text", MOST_TEXT).replace("\r\n", "\n")
    return {"text": said, "speech": text("speech", MOST_TEXT).replace("\r\n", "\n") or None}


def _service() -> Value:
    return {
        "category": text("category"),
        "base_price_fen": fen("base"),
        "least_price_fen": fen("least") if text("least") else None,
        "most_price_fen": fen("most") if text("most") else None,
        "subsidised": bool(text("subsidised")),
        "hours_from": text("hours_from"),
        "hours_to": text("hours_to"),
        "lead_min": _required("lead_min"),
        "window_min": _required("window_min"),
        "duration_min": _required("duration_min"),
        "offer_minutes": _required("offer_minutes"),
        "needs_assessment": bool(text("needs_assessment")),
        "required_qualification": text("required_qualification") or None,
    }


def _allowance() -> Value:
    return {
        "category": _category(),
        "ability_level": text("level"),
        "monthly_fen": fen("monthly"),
        **_dates(),
    }


def _cover() -> Value:
    return {
        "category": _category(),
        "service_category": text("service"),
        "cover_percent": _required("percent"),
        "max_per_unit_fen": fen("per_unit") if text("per_unit") else None,
        "max_per_day_fen": fen("per_day") if text("per_day") else None,
        **_dates(),
    }


def _category() -> str:
    said = text("category")
    return ANY if said in ("", ANY, words()["settings"]["anybody"]) else said


def _dates() -> Value:
    until = day("valid_to").isoformat() if text("valid_to") else None
    return {"valid_from": day("valid_from").isoformat(), "valid_to": until}


def _required(name: str) -> int:
    found = number(name)
    if found is None:
        raise DomainError("bad_number")
    return found
