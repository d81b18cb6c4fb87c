"""Orders placed per second against pgbench's simple-update on the same server in the same run,
with more and more orders stored."""

import multiprocessing
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psycopg
from pgserver._commands import POSTGRES_BIN_PATH
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.databases import databases, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.db.models import Elder, ServiceItem
from backend.domain.errors import DomainError
from backend.seed.town import FULL, seed_town
from backend.services.ledger import is_balanced
from backend.services.place_order import place_order
from backend.services.quote_order import OrderRequest
from backend.services.unit_of_work import unit_of_work
from backend.services.work import SYSTEM, Actor, Work
from backend.settings import TIMEZONE, Settings
from ops.bench import stored_orders

SIZES = (10_000, 100_000, 1_000_000)
SECONDS = 8
CLIENTS = (1, 4)
PGBENCH_SCALE = 10
GOAL = 0.25
WARM_UP = 50
"""Orders a client places before its time is taken: pgbench needs no warming, Python does."""
WISHES = {
    "meal.lunch": 45,
    "meal.dinner": 20,
    "meal.breakfast": 10,
    "home.clean": 15,
    "nursing.wound": 10,
}
"""What is ordered, by weight."""
DAYS_AHEAD = 55


@dataclass(frozen=True)
class Rate:
    """What was measured at one size and number of clients, in transactions a second."""

    stored: int
    clients: int
    pgbench: float
    orders: float
    refused: int

    @property
    def ratio(self) -> float:
        """Orders for each of pgbench's simple updates."""
        return self.orders / self.pgbench


def run(
    settings: Settings,
    sizes: Sequence[int] = SIZES,
    seconds: float = SECONDS,
    clients: Sequence[int] = CLIENTS,
    say: Callable[[str], None] = print,
) -> list[Rate]:
    """Measure at each size and number of clients; print a table.

    On a server of its own that is gone afterwards: `settings` only says the rest. Raises
    RuntimeError if the ledger does not balance at the end.
    """
    with tempfile.TemporaryDirectory(prefix="yl-bench-", ignore_cleanup_errors=True) as folder:
        # No Redis is needed here; an address given is one not started.
        own = settings.model_copy(
            update={"data_dir": Path(folder), "database_url": None, "redis_url": "redis://"}
        )
        with databases(own) as addresses:
            return _measure_all(addresses.database_url, sizes, seconds, clients, say)


def _measure_all(
    server: str,
    sizes: Sequence[int],
    seconds: float,
    clients: Sequence[int],
    say: Callable[[str], None],
) -> list[Rate]:
    ours, theirs = _database(server, "orders"), _database(server, "pgbench")
    _pgbench(theirs, "-i", "-q", "-s", str(PGBENCH_SCALE))
    migrate(ours)
    now = datetime.now(UTC)
    engine = make_engine(ours)
    with Session(engine) as session, session.begin():
        seed_town(session, now, FULL)
    rates = []
    with psycopg.connect(ours, autocommit=True) as connection:
        stored_orders.prepare(connection)
        stored_orders.copy_elders(connection, now)
        stored_orders.list_choices(connection)
        say(HEADER)
        for size in sizes:
            there = _stored(connection)
            stored_orders.add_orders(connection, max(0, size - there), now)
            stored_orders.settle(connection)
            for count in clients:
                rates.append(_measure(connection, ours, theirs, count, seconds))
                say(_row(rates[-1]))
    with Session(engine) as session:
        balanced = is_balanced(Work(session, SYSTEM, now))
    engine.dispose()
    if not balanced:
        raise RuntimeError("the ledger does not balance")
    say(_verdict(rates))
    return rates


HEADER = (
    f"{'stored':>10} {'clients':>8} {'pgbench -N':>12} {'orders/s':>10} {'ratio':>7} {'refused':>8}"
)


def _row(rate: Rate) -> str:
    return (
        f"{rate.stored:>10,} {rate.clients:>8} {rate.pgbench:>12,.0f} {rate.orders:>10,.0f}"
        f" {rate.ratio:>7.1%} {rate.refused:>8}"
    )


def _verdict(rates: Sequence[Rate]) -> str:
    worst = min(rate.ratio for rate in rates)
    return f"ledger balanced; lowest ratio {worst:.1%} (goal {GOAL:.0%})"


def _measure(
    connection: psycopg.Connection, ours: str, theirs: str, clients: int, seconds: float
) -> Rate:
    """pgbench before and after ours, so that a machine that slows down is fair to both."""
    stored = _stored(connection)
    before = _simple_updates(theirs, clients, seconds / 2)
    placed, refused = _orders(ours, clients, seconds)
    after = _simple_updates(theirs, clients, seconds / 2)
    return Rate(stored, clients, (before + after) / 2, placed / seconds, refused)


def _stored(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT count(*) FROM orders").fetchone()
    assert row is not None
    return int(row[0])


def _simple_updates(url: str, clients: int, seconds: float) -> float:
    told = _pgbench(
        url, "-N", "-n", "-c", str(clients), "-j", str(clients), "-T", str(max(1, round(seconds)))
    )
    found = re.search(r"tps = ([\d.]+)", told)
    if found is None:
        raise RuntimeError(f"pgbench said nothing of tps: {told}")
    return float(found[1])


def _pgbench(url: str, *options: str) -> str:
    argv = [str(POSTGRES_BIN_PATH / "pgbench"), *options, url]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def _database(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?", 1)


def _orders(url: str, clients: int, seconds: float) -> tuple[int, int]:
    """Orders placed and refused by so many people's processes in `seconds`."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(clients)
    with context.Pool(clients, _set_start, [start]) as pool:
        told = pool.starmap(
            _place_orders, [(url, seconds, random.random()) for _ in range(clients)], chunksize=1
        )
    return sum(placed for placed, _ in told), sum(refused for _, refused in told)


_start: Barrier


def _set_start(start: Barrier) -> None:
    global _start
    _start = start


def _place_orders(url: str, seconds: float, seed: float) -> tuple[int, int]:
    """One client: places orders, one after the other, until the time is over."""
    dice = random.Random(seed)
    engine = make_engine(url)
    sessions = make_sessions(engine)
    with sessions() as session:
        elders = session.scalars(select(Elder.id).where(Elder.id > stored_orders.COPY_STEP)).all()
        items = {i.code: i for i in session.scalars(select(ServiceItem))}
    today = datetime.now(TIMEZONE).replace(hour=0, minute=0, second=0, microsecond=0)

    def place(number: int) -> bool:
        elder_id = dice.choice(elders)
        item = items[dice.choices(list(WISHES), list(WISHES.values()))[0]]
        day = today + timedelta(days=dice.randint(1, DAYS_AHEAD))
        start = day.replace(hour=item.hours_from.hour, minute=item.hours_from.minute)
        request = OrderRequest(
            elder_id, item.code, start, start + timedelta(minutes=item.window_min)
        )
        actor = Actor(f"account:{elder_id}", "wechat", elder_id)
        try:
            with unit_of_work(sessions, actor) as work:
                place_order(work, request, f"bench:{seed}:{number}")
        except DomainError:
            return False
        return True

    for number in range(WARM_UP):
        place(-number - 1)
    _start.wait()
    deadline = time.perf_counter() + seconds
    placed = tried = 0
    while time.perf_counter() < deadline:
        placed += place(tried)
        tried += 1
    engine.dispose()
    return placed, tried - placed
