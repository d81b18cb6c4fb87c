"""The lists a made-up town is put together from (`data/*.yaml`), and writing rows in bulk."""

import calendar
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.db.models import Base

FOLDER = Path(__file__).with_name("data")
SEED = 42195
"""Fixed, so that a town seeded on the same day is the same town."""

Row = dict[str, Any]


@cache
def read(name: str) -> Any:
    """The contents of `data/<name>.yaml`. Do not change what you get."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def dice(part: str) -> Random:
    """Chance for one part of the town: a change in one part leaves the others as they were."""
    return Random(f"{SEED}:{part}")


def years_before(day: date, years: int) -> date:
    """The same day `years` earlier (later if negative); 29 February becomes the 28th."""
    year = day.year - years
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def insert_all(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert rows in bulk. All rows have the same keys."""
    if rows:
        session.execute(insert(model), rows)


def insert_for_ids(session: Session, model: Any, rows: Sequence[Row]) -> list[int]:
    """Insert rows in bulk; their ids, in the order of the rows."""
    statement = insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows)) if rows else []
