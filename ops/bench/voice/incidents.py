"""When an incident can be seen by others than the line."""

from __future__ import annotations

import threading
import time

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Account, Incident

LOOK_S = 0.02
"""How often it is looked for one."""


class Incidents:
    """Looks all the time whether a number's incident can be seen."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self.seen: dict[str, int] = {}
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._leaving.set()
        self._thread.join()

    def _look(self) -> None:
        raised = select(Account.identifier).join(Incident, Incident.account_id == Account.id)
        with self._sessions() as session:
            while not self._leaving.wait(LOOK_S):
                for number in session.scalars(raised):
                    self.seen.setdefault(number, time.time_ns())
                session.rollback()  # the next look is a new one
