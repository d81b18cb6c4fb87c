"""Who does something, when, and in which transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.db.models import Account, Audit
from backend.domain.errors import NotFound
from backend.jobs.queue import enqueue
from backend.settings import TIMEZONE

T = TypeVar("T")

_AUDIT = insert(Audit.__table__)

BIGINT_MAX = 2**63 - 1


@dataclass(frozen=True)
class Actor:
    """Who acts and through what: wechat, voice, console, terminal or system.

    `account_id` None is the house itself (a job, a console user): it may do everything.
    """

    name: str
    channel: str
    account_id: int | None = None


SYSTEM = Actor("system", "system")


def actor_of(account: Account) -> Actor:
    """An account as the one who acts."""
    return Actor(f"account:{account.id}", account.channel, account.id)


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

    def get(self, model: type[T], key: int | str | None, *, lock: bool = False) -> T:
        """The row, locked if asked. Raises NotFound."""
        row = None
        if key is not None and (isinstance(key, str) or key <= BIGINT_MAX):
            row = self.session.get(
                model, key, with_for_update=True if lock else None, populate_existing=lock
            )
        if row is None:
            raise NotFound("not_found", what=model.__name__, key=key)
        return row
