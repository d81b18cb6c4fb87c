"""Who does something, when, and in which transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

import psycopg
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.db.models import Account, Base
from backend.domain.errors import NotFound
from backend.jobs.queue import enqueue
from backend.settings import TIMEZONE

T = TypeVar("T")

_AUDIT = insert(Base.metadata.tables["audits"])

LOCK = {"key_share": True}
"""`FOR NO KEY UPDATE`: rows that point to a locked one may still be written meanwhile, else a
notice being marked and its incident being answered would wait for each other."""

BIGINT_MAX = 2**63 - 1


@dataclass(frozen=True)
class Actor:
    """Who acts and through what: wechat, voice, console, terminal or system.

    `account_id` None is the house itself (a job, a console user): it may do everything.
    """

    name: str
    channel: str
    account_id: int | None = None
    called: str | None = None
    """As people call them, where `name` is not for their ears."""


SYSTEM = Actor("system", "system")


ACTS_THROUGH = {"phone": "voice"}
"""What a channel's people act through, where it has another name: a number acts by voice."""


def actor_of(account: Account) -> Actor:
    """An account as the one who acts."""
    through = ACTS_THROUGH.get(account.channel, account.channel)
    return Actor(f"account:{account.id}", through, account.id)


@dataclass
class Work:
    """One unit of work. `now` is aware UTC and the only clock the use cases know."""

    session: Session
    actor: Actor
    now: datetime

    @property
    def local_now(self) -> datetime:
        """Now, as the people see it."""
        return self.now.astimezone(TIMEZONE)

    def audit(self, action: str, subject: str, subject_id: int, **changes: Any) -> None:
        """Leave a row that says who did what."""
        self.session.execute(
            _AUDIT,
            {
                "at": self.now,
                "actor": self.actor.name,
                "channel": self.actor.channel,
                "action": action,
                "subject": subject,
                "subject_id": subject_id,
                "changes": changes,
            },
        )

    def later(self, task: str, at: datetime | None = None, priority: int = 0, **args: Any) -> None:
        """Enqueue a job with this transaction."""
        enqueue(self.session, task, at, priority, **args)

    def run(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one of the few queries that must be quick, by the driver alone; its rows.

        `%(name)s` stands for a value. Changes of loaded objects reach the database first, as with
        any query; errors are SQLAlchemy's, as with any query.
        """
        self.session.flush()
        connection = self.session.connection()
        driver = cast(psycopg.Connection[Any], connection.connection.driver_connection)
        try:
            return driver.execute(sql, values).fetchall()
        except psycopg.Error as error:
            if driver.broken:
                connection.invalidate(error)
            raise DBAPIError.instance(
                sql, None, error, psycopg.Error, dialect=connection.dialect
            ) from error

    def get(self, model: type[T], key: int | str | None, *, lock: bool = False) -> T:
        """The row, locked if asked. Raises NotFound."""
        row = None
        if key is not None and (isinstance(key, str) or key <= BIGINT_MAX):
            row = self.session.get(
                model, key, with_for_update=LOCK if lock else None, populate_existing=lock
            )
        if row is None:
            raise NotFound("not_found", what=model.__name__, key=key)
        return row
