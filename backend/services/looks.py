"""Who looked at whose file, and who took lists of people out of the house."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, or_, select

from backend.db.models import Audit, ConsoleUser, Elder
from backend.services.work import Work
from backend.settings import TIMEZONE

LOOK = "look_at_elder"
TAKEN_OUT = ("export_figures", "print_meals")


@dataclass(frozen=True)
class Look:
    """`who` None: somebody who is no console user. `elder` is set for looks at a file; `facts`
    says what led there (`why`), or what was taken out."""

    id: int
    at: datetime
    user_id: int | None
    who: str | None
    role: str | None
    action: str
    elder_id: int | None
    elder: str | None
    town: str | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """Local days, both included. `user_id`: of a console user; `elder`: part of a name."""

    since: date
    until: date
    user_id: int | None = None
    elder: str = ""


def looks(
    work: Work, asked: Asked, ours: ColumnElement[bool], whole_city: bool, limit: int,
    before_id: int | None = None,
) -> list[Look]:  # fmt: skip
    """The newest first. `ours`: a condition on elders; lists taken out of the house are for those
    who see the whole city."""
    of_file = and_(Audit.action == LOOK, ours)
    shown = or_(of_file, Audit.action.in_(TAKEN_OUT)) if whole_city and not asked.elder else of_file
    query = (
        select(
            Audit.id, Audit.at, ConsoleUser.id, ConsoleUser.name, ConsoleUser.role, Audit.action,
            Elder.id, Elder.name, Elder.town, Audit.changes,
        )
        .outerjoin(Elder, and_(Audit.action == LOOK, Elder.id == Audit.subject_id))
        .outerjoin(ConsoleUser, ConsoleUser.id == _user_id())
        .where(
            Audit.action.in_([LOOK, *TAKEN_OUT]),
            Audit.at >= _midnight(asked.since),
            Audit.at < _midnight(asked.until + timedelta(days=1)),
            shown,
        )
        .order_by(Audit.id.desc())
        .limit(limit)
    )  # fmt: skip
    if asked.user_id is not None:
        query = query.where(Audit.actor == f"console:{asked.user_id}")
    if asked.elder:
        query = query.where(Elder.name.contains(asked.elder, autoescape=True))
    if before_id is not None:
        query = query.where(Audit.id < before_id)
    rows: Iterable[Any] = work.session.execute(query)
    return [Look(*row) for row in rows]


def _user_id() -> ColumnElement[int | None]:
    """Who acts stands as `console:7`."""
    return cast(func.substring(Audit.actor, "^console:([0-9]+)$"), BigInteger)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), TIMEZONE)
