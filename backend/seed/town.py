"""A made-up town for those who try Yinling, show it or test it: nobody in it exists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.models import Elder, Provider
from backend.seed.duty import OnDuty, put_on_duty
from backend.seed.lists import SEED
from backend.seed.menus import seed_menus
from backend.seed.money import grant_to_all, seed_money_tables
from backend.seed.people import seed_elders
from backend.seed.places import towns
from backend.seed.providers import chosen, seed_items, seed_offerings, seed_providers
from backend.seed.seeded import Seeded, find_seeded
from backend.seed.workers import seed_workers
from backend.settings import TIMEZONE

__all__ = ["FULL", "SEED", "SMALL", "DatabaseInUse", "OnDuty", "Seeded", "Size", "seed_town"]


@dataclass(frozen=True)
class Size:
    """How large a town. A small one has only the providers marked so and their towns."""

    name: str
    elders: int
    small: bool


FULL = Size("full", elders=300, small=False)
"""All of Dongguan: 300 elders, 40 providers, 200 workers in 32 towns."""
SMALL = Size("small", elders=12, small=True)
"""For tests: 12 elders, 6 providers, 16 workers in 莞城 and 东城."""


class DatabaseInUse(RuntimeError):
    """The database holds people who are not of the made-up town: nothing was added."""


def seed_town(
    session: Session, now: datetime, size: Size = FULL, duty: Sequence[OnDuty] = ()
) -> Seeded:
    """Fill an empty database with the made-up town; on a seeded one, add nothing to it.

    `now` is aware; the same local day gives the same town (ids aside). Elders with a category
    have this month's allowance. `duty` are put on duty, once, whether or not the town was there.
    Does not commit. Raises DatabaseInUse where there are elders or providers of another origin.
    """
    if (found := find_seeded(session)) is None:
        if _in_use(session):
            raise DatabaseInUse("the database already has elders or providers")
        _seed(session, now, size)
        found = find_seeded(session)
        assert found is not None
    put_on_duty(session, now, duty)
    return found


def _seed(session: Session, now: datetime, size: Size) -> None:
    today = now.astimezone(TIMEZONE).date()
    lines = chosen(size.small)
    home_towns = sorted({line["town"] for line in lines}) if size.small else list(towns())
    seed_items(session)
    seed_money_tables(session)
    providers = seed_providers(session, today, lines, size.small, home_towns)
    can = seed_workers(session, today, providers)
    seed_offerings(session, providers, can)
    seed_menus(session, today, {p.name: p.id for p in providers if p.line["kind"] == "canteen"})
    seed_elders(session, today, size.elders, home_towns)
    grant_to_all(session, now)
    session.flush()


def _in_use(session: Session) -> bool:
    people = session.scalar(select(func.count()).select_from(Elder)) or 0
    providers = session.scalar(select(func.count()).select_from(Provider)) or 0
    return people + providers > 0
