"""How an entry point (a web request, a job, the command line) opens a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.services.work import SYSTEM, Actor, Work


@contextmanager
def unit_of_work(
    sessions: sessionmaker[Session], actor: Actor = SYSTEM, now: datetime | None = None
) -> Iterator[Work]:
    """One transaction: committed at the end, rolled back on any error."""
    with sessions() as session, session.begin():
        yield Work(session, actor, now or clock.now())
