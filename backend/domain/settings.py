"""What a city may change, and what a value must be so that nothing fails because of it.

A value is plain JSON: what a version keeps is what was meant, whatever becomes of the tables.
Checks raise DomainError with a code of their own and what would be right.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum
from typing import Any

from backend.domain.errors import DomainError
from backend.domain.pricing import ANY
from backend.domain.qualification import PAPERS

Value = dict[str, Any]


class Kind(StrEnum):
    """What is changed. In brackets: the key."""

    SERVICE = "service"
    """A line of the city's catalogue [its code]."""
    ALLOWANCE = "allowance"
    """The table of monthly allowances [table]."""
    COVER = "cover"
    """The table of what the subsidy pays [table]."""
    QUIET = "quiet"
    """Hours in which the telephone stays silent [night, nap, workers_night]."""
    PROMPT = "prompt"
    """What we say [the prompt's id]."""
    CONSENT = "consent"
    """What people are asked to agree to [the prompt's id]."""
    HELP = "help"
    """Words that are heard as a call for help [the words]."""


TABLE = "table"
LAYERED = frozenset({Kind.PROMPT, Kind.CONSENT, Kind.HELP})
"""Laid over what is shipped, by every process for itself; all others are read where they are
needed."""

CATEGORIES = ("meal", "nursing", "home", "escort", "errand", "companion", "health")
LEVELS = ("intact", "mild", "moderate", "severe", "total", "unassessed")
LEAST_WHY, MOST_WHY = 2, 200
MOST_PRICE_FEN = 1_000_000
MOST_MONTHLY_FEN = 1_000_000
A_DAY_MIN = 24 * 60
MOST_LEAD_MIN = 14 * A_DAY_MIN
MOST_ROWS = 300
MOST_CATEGORY = 20


def require_why(why: str) -> str:
    """The reason without what hangs over. Raises DomainError `no_reason`."""
    why = " ".join(why.split())
    if not LEAST_WHY <= len(why) <= MOST_WHY:
        raise DomainError("no_reason", least=LEAST_WHY, most=MOST_WHY)
    return why


def checked_service(value: Value) -> Value:
    """The rules of one service. Raises DomainError `bad_base_price`, `bad_bounds`, `bad_hours`,
    `bad_duration_min` and the like, `bad_service`."""
    base, least, most = (value[f"{name}_price_fen"] for name in ("base", "least", "most"))
    if not 0 <= base <= MOST_PRICE_FEN:
        raise DomainError("bad_base_price", most=MOST_PRICE_FEN // 100)
    low = least if least is not None else base
    high = most if most is not None else base
    if not 0 <= low <= base <= high <= MOST_PRICE_FEN:
        raise DomainError("bad_bounds", base=base / 100)
    begins, ends = _clock(value["hours_from"]), _clock(value["hours_to"])
    if begins >= ends:
        raise DomainError("bad_hours")
    open_min = _minutes(ends) - _minutes(begins)
    for name, at_least, at_most in (
        ("duration_min", 5, A_DAY_MIN),
        ("window_min", 10, open_min),
        ("offer_minutes", 1, A_DAY_MIN),
        ("lead_min", 0, MOST_LEAD_MIN),
    ):
        if not at_least <= value[name] <= at_most:
            raise DomainError(f"bad_{name}", least=at_least, most=at_most)
    paper = value["required_qualification"]
    if value["category"] not in CATEGORIES or (paper is not None and paper not in PAPERS):
        raise DomainError("bad_service")
    return value


def checked_allowance(value: Value) -> Value:
    """The whole table. Raises DomainError `too_many_rows`, `bad_allowance`, `bad_since`,
    `row_twice`."""
    rows = _rows(value, ("category", "ability_level"))
    for row in rows:
        if row["ability_level"] not in LEVELS or not 0 <= row["monthly_fen"] <= MOST_MONTHLY_FEN:
            raise DomainError("bad_allowance", most=MOST_MONTHLY_FEN // 100)
    return {"rows": rows}


def checked_cover(value: Value) -> Value:
    """The whole table. Raises DomainError `too_many_rows`, `bad_cover`, `bad_since`,
    `row_twice`."""
    rows = _rows(value, ("category", "service_category"))
    for row in rows:
        ceilings = (row["max_per_unit_fen"], row["max_per_day_fen"])
        if (
            row["service_category"] not in (*CATEGORIES, ANY)
            or not 0 <= row["cover_percent"] <= 100
            or any(one is not None and not 0 <= one <= MOST_PRICE_FEN for one in ceilings)
        ):
            raise DomainError("bad_cover", most=MOST_PRICE_FEN // 100)
    return {"rows": rows}


def row_key(row: Mapping[str, Any]) -> str:
    """What makes a row of a table of money that row: whom and what it is for, and since when."""
    what = row.get("ability_level") or row.get("service_category")
    return f"{row['category']}/{what}/{row['valid_from']}"


def with_row(value: Value, old: str | None, row: Value | None) -> Value:
    """The table with a row in place of the one of the key `old` (None: added; `row` None: taken
    out). Raises DomainError `row_gone`."""
    rows = [one for one in value["rows"] if row_key(one) != old]
    if old is not None and len(rows) == len(value["rows"]):
        raise DomainError("row_gone")
    return {"rows": [*rows, row] if row is not None else rows}


def _rows(value: Value, by: tuple[str, str]) -> list[Value]:
    rows = sorted(value["rows"], key=lambda row: (row[by[0]] != ANY, row[by[0]], row[by[1]],
                                                  row["valid_from"]))  # fmt: skip
    if len(rows) > MOST_ROWS:
        raise DomainError("too_many_rows", most=MOST_ROWS)
    for row in rows:
        if not 1 <= len(row["category"]) <= MOST_CATEGORY or "/" in row["category"]:
            raise DomainError("bad_category", most=MOST_CATEGORY)
        since = date.fromisoformat(row["valid_from"])
        if row["valid_to"] is not None and date.fromisoformat(row["valid_to"]) < since:
            raise DomainError("bad_since")
    if len({row_key(row) for row in rows}) < len(rows):
        raise DomainError("row_twice")
    return rows


QUIET_WITHIN: Mapping[str, tuple[str, str, str, str]] = {
    "night": ("18:00", "23:30", "05:00", "10:00"),
    "nap": ("11:00", "14:30", "11:30", "16:00"),
    "workers_night": ("20:00", "23:30", "04:00", "08:00"),
}
"""The earliest and latest beginning, the earliest and latest end: nobody is rung at midnight, and
some of the day is always left to ring in."""


def checked_quiet(key: str, value: Value) -> Value:
    """Raises DomainError `bad_quiet`."""
    begins, ends = _clock(value["begins"]), _clock(value["ends"])
    first, last, first_end, last_end = map(_clock, QUIET_WITHIN[key])
    over_midnight = key != "nap"
    if not (first <= begins <= last and first_end <= ends <= last_end) or (
        not over_midnight and ends <= begins
    ):
        raise DomainError(
            "bad_quiet", first=f"{first:%H:%M}", last=f"{last:%H:%M}",
            first_end=f"{first_end:%H:%M}", last_end=f"{last_end:%H:%M}",
        )  # fmt: skip
    return {"begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}"}


def _clock(written: str) -> time:
    try:
        return time.fromisoformat(written)
    except ValueError:
        raise DomainError("bad_hours") from None


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
