"""The line's book of calls to make. Every method is one short transaction, called from threads."""

from __future__ import annotations

from sqlalchemy.orm import Session, sessionmaker

from backend.domain.callouts import Missed
from backend.services.ring_callout import (
    Leased,
    give_back,
    keep_lease,
    lease_callouts,
    pick_up,
    settle_overdue,
    was_missed,
    was_told,
)
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Actor

LINE = Actor("line", "voice")


class CallBook:
    """Callouts as rows: the truth about who was rung, how often, and what became of it."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def take(self, most: int) -> list[Leased]:
        """Up to `most` calls to make now, each already counted as tried."""
        with unit_of_work(self._sessions, LINE) as work:
            settle_overdue(work)
            return lease_callouts(work, most)

    def answered(self, leased: Leased) -> bool:
        """They have picked up; False when what we rang for was settled while it rang."""
        with unit_of_work(self._sessions, LINE) as work:
            return pick_up(work, leased) is not None

    def keep(self, leased: Leased) -> None:
        """The call still rings or goes on."""
        with unit_of_work(self._sessions, LINE) as work:
            keep_lease(work, leased)

    def told(self, leased: Leased, *, spoke: bool) -> None:
        """Over; our first words were heard. `spoke`: and answered."""
        with unit_of_work(self._sessions, LINE) as work:
            was_told(work, leased, spoke=spoke)

    def missed(self, leased: Leased, why: Missed) -> None:
        """Nobody was reached."""
        with unit_of_work(self._sessions, LINE) as work:
            was_missed(work, leased, why)

    def give_back(self, leased: Leased) -> None:
        """We could not even dial."""
        with unit_of_work(self._sessions, LINE) as work:
            give_back(work, leased)
