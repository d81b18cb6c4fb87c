"""Orders placed per second against pgbench's simple-update on the same server in the same run,
with more and more orders stored."""

import re
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import psycopg
from pgserver._commands import POSTGRES_BIN_PATH
from sqlalchemy.orm import Session

from backend.db.databases import databases, make_engine
from backend.db.migrate import migrate
from backend.seed.town import FULL, seed_town
from backend.services.ledger import is_balanced
from backend.services.work import SYSTEM, Work
from backend.settings import Settings
from ops.bench import stored_orders
from ops.bench.order_clients import OrderClients

SIZES = (10_000, 100_000, 1_000_000)
SECONDS = 8
TURN = 2
CLIENTS = (1, 4)
PGBENCH_SCALE = 10
GOAL = 0.25


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
    """In turns of TURN seconds, so that a machine that is slow for a while is so for both."""
    stored = _stored(connection)
    updates, orders, refused = [], [], 0
    with OrderClients(ours, clients) as people:
        for _ in range(max(1, round(seconds / TURN))):
            updates.append(_simple_updates(theirs, clients, TURN))
            placed = people.place_for(TURN)
            orders.append(placed.orders / TURN)
            refused += placed.refused
    return Rate(stored, clients, median(updates), median(orders), refused)


def _stored(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT count(*) FROM orders").fetchone()
    assert row is not None
    return int(row[0])


def _simple_updates(url: str, clients: int, seconds: int) -> float:
    count = str(clients)
    told = _pgbench(url, "-N", "-n", "-c", count, "-j", count, "-T", str(seconds))
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
