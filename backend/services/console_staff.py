"""Who sits at the console, and who came to its door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from backend.db.models import Audit, ConsoleSession, ConsoleUser, Elder, Provider, ServiceArea
from backend.services.work import Work

SUBJECT = "console_user"
AT_THE_DOOR = (
    "sign_in", "sign_out", "wrong_password", "wrong_name", "shut_out", "shut_out_address",
    "open_address", "change_password", "give_password", "lock_console_user",
    "unlock_console_user", "make_console_user", "change_console_user", "give_telephone",
)  # fmt: skip


@dataclass(frozen=True)
class Seat:
    """A user, and how many sessions of theirs are open."""

    user: ConsoleUser
    provider: str | None
    sessions: int

    def is_shut(self, now: datetime) -> bool:
        """By too many wrong passwords."""
        return self.user.shut_until is not None and self.user.shut_until > now


@dataclass(frozen=True)
class Came:
    """Somebody at the door, or what an admin did with a user. `whom` None: a name that nobody
    has."""

    id: int
    at: datetime
    action: str
    whom: str | None
    actor: str
    facts: dict[str, Any]


def seats(work: Work, login: str | None = None) -> list[Seat]:
    """Everybody, or one."""
    open_ = (
        select(func.count())
        .where(ConsoleSession.user_id == ConsoleUser.id, ConsoleSession.ends_at > work.now)
        .scalar_subquery()
    )
    query = (
        select(ConsoleUser, Provider.name, open_)
        .outerjoin(Provider, Provider.id == ConsoleUser.provider_id)
        .order_by(ConsoleUser.is_active.desc(), ConsoleUser.role, ConsoleUser.name)
    )
    if login is not None:
        query = query.where(ConsoleUser.login == login)
    return [Seat(*row) for row in work.session.execute(query)]


def came_to_the_door(
    work: Work, user_id: int | None = None, before_id: int | None = None, most: int = 40
) -> list[Came]:
    """The newest first; of one user where `user_id` is given."""
    query = (
        select(Audit.id, Audit.at, Audit.action, ConsoleUser.name, Audit.actor, Audit.changes)
        .outerjoin(ConsoleUser, ConsoleUser.id == Audit.subject_id)
        .where(Audit.subject == SUBJECT, Audit.action.in_(AT_THE_DOOR))
        .order_by(Audit.id.desc())
        .limit(most)
    )
    if user_id is not None:
        query = query.where(Audit.subject_id == user_id)
    if before_id is not None:
        query = query.where(Audit.id < before_id)
    rows: Iterable[Any] = work.session.execute(query)
    return [Came(*row) for row in rows]


def all_towns(work: Work) -> list[str]:
    """Towns that somebody lives in or serves."""
    of_elders = select(Elder.town).distinct()
    return sorted(set(work.session.scalars(of_elders.union(select(ServiceArea.town)))))


def all_providers(work: Work) -> list[Provider]:
    """Those that somebody could sit at the console for."""
    today = work.local_now.date()
    under_contract = or_(Provider.contract_to.is_(None), Provider.contract_to >= today)
    return list(
        work.session.scalars(select(Provider).where(under_contract).order_by(Provider.name))
    )
