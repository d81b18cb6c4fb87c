"""A call as its own record tells it, while it goes on: what was heard, understood and said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Call, CallTurn


@dataclass(frozen=True)
class Understood:
    """What the line made of the caller's words or keys."""

    text: str
    intent: str


@dataclass(frozen=True)
class SaidByLine:
    """What the line says in one breath."""

    text: str


News = Understood | SaidByLine


class Overheard:
    """The record of one call of ours. Every method is one short reading; belongs to one thread at
    a time."""

    def __init__(self, sessions: sessionmaker[Session], sip_id: str, number: str | None) -> None:
        """`sip_id` is the Call-ID on our side; behind a PBX the line knows another, and the call is
        the last one of our number, if we give one."""
        self._sessions = sessions
        self._sip_id, self._number = sip_id, number
        self._call_id: int | None = None
        self._told: dict[int, tuple[bool, int]] = {}
        """Of each turn: whether its words were told of, and how many of its replies."""

    def news(self, since: datetime) -> list[News]:
        """What was written since the last look; `since` (aware) is when we rang. Raises
        SQLAlchemy's errors."""
        with self._sessions() as session:
            call_id = self._call(session, since)
            if call_id is None:
                return []
            turns = session.scalars(
                select(CallTurn).where(CallTurn.call_id == call_id).order_by(CallTurn.no)
            )
            return [one for turn in turns for one in self._new(turn)]

    def outcome(self) -> str | None:
        """What came of the call, once it is closed."""
        if self._call_id is None:
            return None
        with self._sessions() as session:
            return session.scalar(select(Call.outcome).where(Call.id == self._call_id, _CLOSED))

    def _call(self, session: Session, since: datetime) -> int | None:
        if self._call_id is None:
            ours = Call.sip_id == self._sip_id
            if self._number is not None:
                ours = or_(ours, Call.number == self._number)
            self._call_id = session.scalar(
                select(Call.id)
                .where(ours, Call.direction == "in", Call.rang_at >= since)
                .order_by((Call.sip_id == self._sip_id).desc(), Call.id.desc())
                .limit(1)
            )
        return self._call_id

    def _new(self, turn: CallTurn) -> Iterator[News]:
        heard_before, said_before = self._told.get(turn.no, (False, 0))
        words = turn.text or turn.keys
        if words and not heard_before:
            yield Understood(words, str(turn.understood.get("intent", "")))
        for text in turn.said[said_before:]:
            yield SaidByLine(text)
        self._told[turn.no] = (heard_before or bool(words), len(turn.said))


_CLOSED = Call.ended_at.is_not(None)
