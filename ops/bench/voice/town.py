"""The made-up town that rings: for each wish an elder who can have it, with a telephone of her own.

Rounds work on copies of one database, so that each begins with nothing ordered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import psycopg
from sqlalchemy import make_url, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.databases import Addresses, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.db.models import Account, Elder, Link, ServiceItem
from backend.domain.errors import DomainError
from backend.seed.town import FULL, seed_town
from backend.services.quote_order import OrderRequest, quote_orders
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work
from nlu.dialogue.windows import said_window
from ops.bench.voice.wishes import Wish

TEMPLATE = "voice_bench_town"
SPARE = 40
"""Elders beside those with wishes: who cry, and who hang up before they have said anything."""

_numbers = count(1)


class NobodyCanHaveIt(ValueError):
    """A wish of the list that nobody in the town can have; the message says which."""


@dataclass(frozen=True)
class Lady:
    """An elder and her telephone's number."""

    elder_id: int
    number: str


@dataclass(frozen=True)
class Town:
    """Who has which wish, and who has none. Its database is the template of all rounds'."""

    addresses: Addresses
    now: datetime
    wishing: dict[int, Lady]
    """By the wish's number."""
    others: list[Lady]

    @contextmanager
    def copy(self) -> Iterator[Addresses]:
        """A database like the town's, dropped afterwards."""
        name = f"voice_bench_{next(_numbers)}"
        with psycopg.connect(self.addresses.database_url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        yield Addresses(named(self.addresses.database_url, name), self.addresses.redis_url)
        with psycopg.connect(self.addresses.database_url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def found(addresses: Addresses, wishes: list[Wish], now: datetime) -> Town:
    """Make the town as it is at `now` (aware). Raises NobodyCanHaveIt."""
    with psycopg.connect(addresses.database_url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {TEMPLATE}")
    url = named(addresses.database_url, TEMPLATE)
    migrate(url)
    engine = make_engine(url)
    sessions = make_sessions(engine)
    with unit_of_work(sessions, now=now) as work:
        seed_town(work.session, now, FULL)
    wishing, others = _people(sessions, wishes, now)
    engine.dispose()  # a template must have no other users
    return Town(addresses, now, wishing, others)


def named(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _people(
    sessions: sessionmaker[Session], wishes: list[Wish], now: datetime
) -> tuple[dict[int, Lady], list[Lady]]:
    with unit_of_work(sessions, now=now) as work:
        elders = list(
            work.session.scalars(select(Elder).where(Elder.ended_on.is_(None)).order_by(Elder.id))
        )
        items = {one.code: one for one in work.session.scalars(select(ServiceItem))}
        wishing = {}
        # Those that few can have choose first.
        for wish in sorted(wishes, key=lambda one: -sum(items[w.code].needs_assessment
                                                        for w in one.wants)):  # fmt: skip
            elder = next((one for one in elders if _can_have(work, one, wish, items)), None)
            if elder is None:
                raise NobodyCanHaveIt(f"nobody in the town can have {wish.say}")
            elders.remove(elder)
            wishing[wish.number] = _with_telephone(work.session, elder)
        others = [_with_telephone(work.session, one) for one in elders[:SPARE]]
    return wishing, others


def _can_have(work: Work, elder: Elder, wish: Wish, items: dict[str, ServiceItem]) -> bool:
    requests = []
    for want in wish.wants:
        day = work.local_now.date() + timedelta(days=want.days)
        start, end = said_window(items[want.code], day, want.time, want.part, work.now)
        requests.append(OrderRequest(elder.id, want.code, start, end, want.count or 1))
    try:
        quote_orders(work, requests)
    except DomainError:
        return False
    return True


def _with_telephone(session: Session, elder: Elder) -> Lady:
    number = f"1390000{elder.id % 10_000:04d}"
    account = Account(channel="phone", identifier=number)
    session.add(account)
    session.flush()
    session.add(Link(account_id=account.id, elder_id=elder.id, relation="self"))
    return Lady(elder.id, number)
