"""Tables of figures and lists: their columns, and how a value is read on a page and in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backend.console.words import word, words
from backend.services.figures.slice import By
from backend.settings import TIMEZONE

PER = {"share": 100.0, "hours": 1 / 3600}
WORDS_OF = {
    "state": "orders",
    "posting": "postings",
    "channel": "channels",
    "incident": "incidents",
    "outcome": "outcomes",
}
"""Kinds of value that have a word in `words.yaml`."""


@dataclass(frozen=True)
class Column:
    """`name` is the figure's or the query's, `kind` how it is read: count, fen, hours (from
    seconds), share (of one), stars, seconds, text, day, moment, or a kind of WORDS_OF. `part`: the
    list behind it has these; `chart`: its place among the colours of the chart."""

    name: str
    kind: str
    part: str | None = None
    chart: int | None = None


@dataclass(frozen=True)
class Section:
    """A chart with its table. `behind` names the list that its figures count."""

    name: str
    behind: str
    columns: tuple[Column, ...]


_C = Column
SECTIONS = (
    Section("orders", "orders", (
        _C("orders", "count", "all"), _C("done", "count", "done", 1),
        _C("open", "count", "open", 2), _C("cancelled", "count", "cancelled", 4),
        _C("missed", "count", "missed", 3),
        _C("people", "count", "done"), _C("seconds", "hours", "done"),
        _C("portions", "count", "done"),
    )),
    Section("money", "orders", (
        _C("subsidy_fen", "fen", "done", 1), _C("self_pay_fen", "fen", "done", 2),
        _C("total_fen", "fen", "done"),
    )),
    Section("allowance", "allowance", (
        _C("granted_fen", "fen", "granted"), _C("captured_fen", "fen", "captured", 1),
        _C("held_fen", "fen", "held", 2), _C("returned_fen", "fen", "returned", 4),
        _C("available_fen", "fen", "available", 5),
    )),
    Section("satisfaction", "orders", (
        _C("happy", "count", "happy", 1), _C("middle", "count", "middle", 2),
        _C("unhappy", "count", "unhappy", 3), _C("silent", "count", "silent", 4),
        _C("silent_share", "share", "silent"), _C("happy_share", "share", "happy"),
        _C("average_stars", "stars"),
    )),
    Section("punctuality", "orders", (
        _C("on_time", "count", "on_time", 1), _C("late", "count", "late", 2),
        _C("missed", "count", "missed", 3),
    )),
    Section("alarms", "alarms", (
        _C("alarms", "count", "all"), _C("first", "count", "first", 1),
        _C("second", "count", "second", 2), _C("later", "count", "later", 3),
        _C("unanswered", "count", "unanswered", 4), _C("median_s", "seconds"),
        _C("p95_s", "seconds"),
    )),
    Section("calls", "calls", (
        _C("calls", "count", "all"), _C("soon", "count", "soon", 1), _C("slow", "count", "slow", 2),
        _C("unanswered", "count", "unanswered", 3), _C("median_s", "seconds"),
        _C("p95_s", "seconds"),
    )),
    Section("humans", "calls", (
        _C("human", "count", "human"), _C("joined", "count", "joined", 1),
        _C("rung_back", "count", "rung_back", 3), _C("joined_share", "share", "joined"),
        _C("human_median_s", "seconds"), _C("human_p95_s", "seconds"),
    )),
)  # fmt: skip

OF_SERVICES = (
    _C("reserved_fen", "fen", "reserved"), _C("captured_fen", "fen", "captured", 1),
    _C("released_fen", "fen", "released", 4),
)  # fmt: skip
"""Of the allowance, where it is asked for by service or provider."""

LISTS: Mapping[str, tuple[Column, ...]] = {
    "orders": (
        _C("number", "text"), _C("day", "day"), _C("elder", "text"), _C("town", "text"),
        _C("service", "text"), _C("provider", "text"), _C("worker", "text"), _C("state", "state"),
        _C("window_start", "moment"), _C("window_end", "moment"), _C("checked_in_at", "moment"),
        _C("checked_out_at", "moment"), _C("stars", "count"), _C("total_fen", "fen"),
        _C("subsidy_fen", "fen"), _C("self_pay_fen", "fen"), _C("captured_fen", "fen"),
        _C("owed_fen", "fen"),
    ),
    "allowance": (
        _C("at", "moment"), _C("month", "text"), _C("kind", "posting"), _C("elder", "text"),
        _C("town", "text"), _C("number", "text"), _C("fen", "fen"),
    ),
    "alarms": (
        _C("id", "text"), _C("at", "moment"), _C("elder", "text"), _C("town", "text"),
        _C("channel", "channel"), _C("state", "incident"), _C("answered_at", "moment"),
        _C("seconds", "seconds"), _C("outcome", "text"),
    ),
    "calls": (
        _C("id", "text"), _C("at", "moment"), _C("elder", "text"), _C("town", "text"),
        _C("answered_at", "moment"), _C("seconds", "seconds"), _C("human_wanted_at", "moment"),
        _C("human_s", "seconds"), _C("ended_at", "moment"), _C("outcome", "outcome"),
    ),
}  # fmt: skip
ON_PAGE = {
    "orders": ("number", "day", "elder", "town", "service", "provider", "worker", "state",
               "checked_in_at", "stars", "subsidy_fen", "self_pay_fen"),
}  # fmt: skip
"""A screen has less room than a file."""


def heading(table: str, name: str) -> str:
    """What a column is called; some names mean something else in some tables."""
    known: Mapping[str, str] = words()["figures"]["columns"]
    return known.get(f"{table}.{name}") or known[name]


def section(name: str) -> Section | None:
    """The section of that name."""
    return next((one for one in SECTIONS if one.name == name), None)


def group(by: By, key: str | None, providers: Mapping[str, str]) -> str:
    """What a row is called. `providers`: names by id."""
    if key is None:
        return str(words()["figures"]["whole"])
    if by is By.MONTH:
        return str(words()["figures"]["month"]).format(year=key[:4], month=int(key[5:]))
    if by is By.CATEGORY:
        return str(word("categories", key))
    if by is By.PROVIDER:
        return providers.get(key, key)
    return str(words()["figures"]["unknown"]) if key == "-" else key


def number(kind: str, value: Any) -> float | int | None:
    """A value as spreadsheets and charts count it: yuan, hours, per cent."""
    if value is None:
        return None
    if kind == "fen":
        return int(value) / 100
    if kind in PER:
        return round(float(value) * PER[kind], 1)
    if kind in ("stars", "seconds"):
        return round(float(value), 1)
    return int(value)


def shown(kind: str, value: Any) -> str:
    """A value as it is read on a page; nothing for nothing."""
    if value is None or value == "":
        return ""
    if kind == "fen":
        return yuan_exact(int(value), ",")
    if kind == "share":
        return f"{float(value):.1%}"
    if kind in ("hours", "stars", "seconds"):
        return f"{number(kind, value):,.1f}"
    if kind == "count":
        return f"{int(value):,}"
    return text(kind, value)


def text(kind: str, value: Any) -> str:
    """A value that is no number, as it is read on a page and in a file."""
    if value is None:
        return ""
    if kind in WORDS_OF:
        found = word(WORDS_OF[kind], value)
        return str(found["word"] if isinstance(found, dict) else getattr(found, "value", found))
    if isinstance(value, datetime):
        return f"{value.astimezone(TIMEZONE):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def is_number(kind: str) -> bool:
    """Whether a spreadsheet may add it up."""
    return kind in ("count", "fen", "hours", "share", "stars", "seconds")


def yuan_exact(fen: int, thousands: str = "") -> str:
    """Fen as yuan with two places, without any rounding: -120 is -1.20."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:{thousands}}.{abs(fen) % 100:02d}"
