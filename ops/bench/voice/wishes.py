"""What a caller wants, what she answers when she is asked, and whether she got it. No I/O but the
list itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LIST = Path(__file__).with_name("orders.yaml")
BEGINS_AT = time(9)
"""The bench's clock shows this on a Monday when it begins: 明天 and 星期五 mean the same in every
run, and nothing of tomorrow is too late to be ordered."""
PARTS = {"morning": (6, 12), "afternoon": (12, 18)}
"""Hours in which a visit of that part of the day may begin."""
_MEALS = "meal."


@dataclass(frozen=True)
class Wanted:
    """An order that has to come of a wish. `days` ahead of today; `count` None: as it comes."""

    code: str
    days: int
    time: time | None = None
    part: str | None = None
    count: int | None = None


@dataclass(frozen=True)
class Ordered:
    """An order as it stands in the database, or is read back. `starts_at`: the town's time."""

    code: str
    count: int
    starts_at: datetime


@dataclass(frozen=True)
class Wish:
    """What a caller says first, and what she means by it."""

    number: int
    say: str
    wants: tuple[Wanted, ...]

    @property
    def kind(self) -> str:
        """meal, nursing, home, …"""
        return self.wants[0].code.partition(".")[0]

    def is_met_by(self, orders: Sequence[Ordered], today: date) -> bool:
        """Whether these are the orders she wanted and no others."""
        left = list(orders)
        for want in self.wants:
            found = next((one for one in left if _fits(want, one, today)), None)
            if found is None:
                return False
            left.remove(found)
        return not left


def _fits(want: Wanted, order: Ordered, today: date) -> bool:
    starts = order.starts_at
    if (order.code, starts.date()) != (want.code, today + timedelta(days=want.days)):
        return False
    if want.count is not None and order.count != want.count:
        return False
    if want.time is not None:
        return starts.time() == want.time
    first, last = PARTS.get(want.part or "", (0, 24))
    return first <= starts.hour < last


def wishes() -> list[Wish]:
    """All of the list."""
    return [
        Wish(number, row["say"], tuple(map(_wanted, row["wants"])))
        for number, row in enumerate(_listed()["orders"], start=1)
    ]


def _wanted(row: dict[str, Any]) -> Wanted:
    at = row.get("time")
    is_meal = row["code"].startswith(_MEALS)
    return Wanted(
        code=row["code"],
        days=row["days"],
        time=time.fromisoformat(at) if at else None,
        part=row.get("part"),
        count=row.get("count", 1 if is_meal else None),
    )


def cries() -> list[str]:
    """Calls for help."""
    return list(_listed()["cries"])


@dataclass(frozen=True)
class Answers:
    """Short answers, by what was asked."""

    rows: dict[str, Any]

    def yes(self, turn: int) -> str:
        """People vary it."""
        said: list[str] = self.rows["yes"]
        return said[turn % len(said)]

    @property
    def no(self) -> str:
        return str(self.rows["no"][0])

    @property
    def no_thanks(self) -> str:
        return str(self.rows["no_thanks"][0])

    def service(self, want: Wanted) -> str:
        return str(self.rows["service"][want.code])

    def day(self, want: Wanted) -> str:
        return str(self.rows["days"][want.days])

    def hour(self, want: Wanted) -> str | None:
        """None where no hour matters to her."""
        if want.time is not None:
            return str(self.rows["time"][want.time.isoformat("minutes")])
        return str(self.rows["part"][want.part]) if want.part else None

    def count(self, want: Wanted) -> str:
        return str(self.rows["count"][want.count or 1])


def answers() -> Answers:
    """Those of the list."""
    return Answers(_listed()["answers"])


def texts() -> list[str]:
    """Everything a caller of the bench may say, each once, in a fixed order."""
    rows = _listed()
    short = [*_texts_in(rows["answers"]), *rows["cries"]]
    return list(dict.fromkeys([*(row["say"] for row in rows["orders"]), *short]))


def _texts_in(rows: dict[str, Any]) -> Iterator[str]:
    for row in rows.values():
        yield from row.values() if isinstance(row, dict) else row


@cache
def _listed() -> dict[str, Any]:
    rows: dict[str, Any] = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    return rows


def first_monday(today: date) -> date:
    """The next Monday behind `today`."""
    return today + timedelta(days=7 - today.weekday())
