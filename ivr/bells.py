"""Who is let in when all lines are taken: the numbers of alarm bells, kept in memory."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Elder
from ivr.caller import number_of


class Bells:
    """The bells' numbers as they were at the last `look`; none before the first."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._numbers: frozenset[str] = frozenset()

    def look(self) -> None:
        """Read them anew; blocks."""
        theirs = select(Elder.bell_number).where(
            Elder.bell_number.is_not(None), Elder.ended_on.is_(None)
        )
        with self._sessions() as session:
            self._numbers = frozenset(number for number in session.scalars(theirs) if number)

    def rings(self, caller: str) -> bool:
        """Whether a SIP address is a bell's."""
        return number_of(caller) in self._numbers
