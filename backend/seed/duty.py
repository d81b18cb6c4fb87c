"""People on duty, where a test or a demo wants some: the town itself has none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.models import Account, Duty


@dataclass(frozen=True)
class OnDuty:
    """Someone to put on duty, by the account they talk to us with. `town` None: the whole
    city; `role` agent, dispatcher or supervisor."""

    channel: str
    identifier: str
    name: str
    role: str = "agent"
    town: str | None = None


def put_on_duty(session: Session, now: datetime, people: Sequence[OnDuty]) -> None:
    """Make accounts and open-ended duties for `people`, for those who have none yet."""
    for person in people:
        account = session.scalar(
            select(Account).where(
                Account.channel == person.channel, Account.identifier == person.identifier
            )
        )
        if account is None:
            account = Account(
                channel=person.channel, identifier=person.identifier, name=person.name
            )
            session.add(account)
            session.flush()
        standing = session.scalar(
            select(Duty.id).where(
                Duty.account_id == account.id,
                Duty.role == person.role,
                Duty.town.is_not_distinct_from(person.town),
            )
        )
        if standing is None:
            session.add(
                Duty(account_id=account.id, role=person.role, town=person.town, starts_at=now)
            )
    session.flush()
