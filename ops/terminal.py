"""What commands share: a transaction, a moment somebody named, waiting until told to end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from sqlalchemy.exc import OperationalError

from backend.db.databases import databases, make_engine, make_sessions
from backend.domain.errors import DomainError
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Actor, Work
from backend.settings import TIMEZONE, get_settings


@contextmanager
def one_transaction() -> Iterator[Work]:
    """A transaction of whoever sits at the command line; refusals become plain sentences."""
    actor = Actor("command line", "terminal")
    try:
        with databases(get_settings()) as addresses:
            sessions = make_sessions(make_engine(addresses.database_url))
            with unit_of_work(sessions, actor) as work:
                yield work
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except OperationalError as away:
        raise click.ClickException("the database does not answer; see `yinling doctor`") from away


def moment_of(text: str | None) -> datetime:
    """The moment an option names, in ISO 8601, Dongguan's unless it says otherwise; without one,
    this moment. Raises click.BadParameter."""
    if text is None:
        return datetime.now(TIMEZONE)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not an ISO 8601 time", param_hint="--now") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=TIMEZONE)


def until_told() -> None:
    """Wait for SIGINT or SIGTERM."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    told.wait()
