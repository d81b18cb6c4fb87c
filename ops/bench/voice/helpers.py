"""What rounds have done elsewhere, and what they read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from sqlalchemy.orm import Session, sessionmaker

from backend.db.databases import Addresses, make_engine, make_sessions


def run(module: str, arguments: list[str], environment: dict[str, str], folder: Path) -> float:
    """One of the bench's own processes; its processor time. Raises CalledProcessError."""
    argv = [sys.executable, "-W", "ignore", "-m", f"ops.bench.voice.{module}", *arguments]
    before = _children_s()
    with (folder / f"{module}.log").open("ab") as log:
        subprocess.run(argv, env={**os.environ, **environment}, stdout=log, stderr=log, check=True)
    return _children_s() - before


def _children_s() -> float:
    """Processor time of our children that are no more."""
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


@contextmanager
def reading(addresses: Addresses) -> Iterator[sessionmaker[Session]]:
    """Sessions that leave no connection open."""
    engine = make_engine(addresses.database_url)
    try:
        yield make_sessions(engine)
    finally:
        engine.dispose()
