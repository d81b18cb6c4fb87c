"""A real PostgreSQL for everyone: one server a run, one small town in it, rolled back after
each test; end-to-end tests get databases of their own, copied from the same town."""

import itertools
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.db.databases import Addresses, databases, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.seed.town import SMALL, Seeded, seed_town
from backend.services.work import SYSTEM, Work
from backend.settings import Settings
from nlu.errors import RasaTrainingFailed
from nlu.rasa_server import ensure_trained, is_trained
from ops.house import rasa_process
from ops.processes import House, free_port
from ops.stage import stage
from tests.scenarios.theatre import Theatre

NOW = datetime(2026, 3, 4, 9, 20, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
"""A Wednesday morning in Dongguan."""

# Nothing a developer has set may reach the tests.
for name in [name for name in os.environ if name.startswith("YINLING_")]:
    del os.environ[name]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screens", default=None, help="Folder for pictures of the console.")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories that Rasa listens to come last: on a fresh machine it is taught for minutes, beside
    all the others."""
    items.sort(key=_needs_rasa)


def pytest_collection_finish(session: pytest.Session) -> None:
    if any(map(_needs_rasa, session.items)) and not is_trained():
        threading.Thread(target=_teach_rasa, name="teaching", daemon=True).start()


def _needs_rasa(item: pytest.Item) -> bool:
    return "rasa_url" in getattr(item, "fixturenames", ()) or any(item.iter_markers("rasa"))


def _teach_rasa() -> None:
    """In nobody's way. What goes wrong is told by `rasa_url`, which then tries again."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
    with suppress(RasaTrainingFailed, FileNotFoundError):
        ensure_trained()


@pytest.fixture(scope="session")
def addresses() -> Iterator[Addresses]:
    """The servers of this run; their folder is short because socket paths must be."""
    with tempfile.TemporaryDirectory(prefix="yl-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data_dir=Path(folder), database_url=None, redis_url=None)
        with databases(settings) as running:
            yield running


def _database(addresses: Addresses, name: str) -> str:
    return addresses.database_url.replace("/postgres?", f"/{name}?", 1)


@pytest.fixture(scope="session")
def town(addresses: Addresses) -> tuple[str, Seeded]:
    """The URL of the database with the small town in it, and who lives there."""
    with psycopg.connect(addresses.database_url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE town")
    url = _database(addresses, "town")
    migrate(url)
    engine = make_engine(url)
    with Session(engine) as session, session.begin():
        seeded = seed_town(session, NOW, SMALL)
    engine.dispose()
    return url, seeded


@pytest.fixture(scope="session")
def engine(town: tuple[str, Seeded]) -> Iterator[Engine]:
    engine = make_engine(town[0])
    yield engine
    engine.dispose()


@pytest.fixture
def seeded(town: tuple[str, Seeded]) -> Seeded:
    return town[1]


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose commits are savepoints; all is undone after the test."""
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            yield session
        transaction.rollback()


@pytest.fixture
def work(session: Session) -> Work:
    """The house itself at work on Wednesday, 4 March 2026, 9:20."""
    return Work(session, SYSTEM, NOW)


@pytest.fixture(scope="session")
def rasa_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Rasa, once for all who need one; waits until it is taught."""
    ensure_trained()
    with House() as house:
        process, url = rasa_process(tmp_path_factory.mktemp("rasa"), free_port())
        house.start(process)
        house.wait()
        yield url


@pytest.fixture(scope="session")
def theatre(
    addresses: Addresses,
    town: tuple[str, Seeded],
    engine: Engine,
    rasa_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Theatre]:
    """A running house, used by one story after the other."""
    engine.dispose()  # a template must have no other users
    with psycopg.connect(addresses.database_url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE theatre TEMPLATE town")
        url = _database(addresses, "theatre")
        own_engine = make_engine(url)
        here = Addresses(url, addresses.redis_url)
        with stage(here, rasa_url, tmp_path_factory.mktemp("stage")) as ready:
            yield Theatre(ready, own_engine, make_sessions(own_engine))
        own_engine.dispose()
        admin.execute("DROP DATABASE theatre WITH (FORCE)")


_numbers = itertools.count(1)


@pytest.fixture
def own_database(
    addresses: Addresses, town: tuple[str, Seeded], engine: Engine
) -> Iterator[Callable[[], str]]:
    """Makes databases that other processes may use: copies of the town, dropped afterwards."""
    made: list[str] = []

    def make() -> str:
        name = f"copy_{next(_numbers)}"
        engine.dispose()  # a template must have no other users
        with psycopg.connect(addresses.database_url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE town")
        made.append(name)
        return _database(addresses, name)

    yield make
    with psycopg.connect(addresses.database_url, autocommit=True) as admin:
        for name in made:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
