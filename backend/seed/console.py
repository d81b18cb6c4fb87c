"""People at the console of the made-up town: one of each role, and one more of a single town."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.models import ConsoleUser, Provider
from backend.domain.console import Role
from backend.seed.lists import read
from backend.services.passwords import hashed

DEMO_PASSWORD = "yinling-demo-bell"
"""Of all of them in `yinling demo` and the tests, whose databases nobody else reaches; `yinling
seed` makes a password of chance instead."""


def seed_console_users(session: Session, now: datetime, password: str) -> list[str]:
    """Make those who are not there yet; their logins. `now` is aware. Does not commit."""
    known = set(session.scalars(select(ConsoleUser.login)))
    ids = session.execute(select(Provider.name, Provider.id))
    providers = dict(ids.tuples().all())
    kept = hashed(password)
    rows = [row for row in read("console") if row["login"] not in known]
    for row in rows:
        session.add(
            ConsoleUser(
                login=row["login"],
                name=row["name"],
                role=Role(row["role"]),
                towns=row.get("towns", []),
                provider_id=providers[row["provider"]] if "provider" in row else None,
                password_hash=kept,
                password_set_at=now,
                created_at=now,
            )
        )
    session.flush()
    return [row["login"] for row in rows]
