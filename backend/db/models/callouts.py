"""Calls that we make, and the greetings that elders asked for."""

from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.models.base import Base, Id, Json, key
from backend.db.models.people import Account, Elder
from backend.domain.callouts import CalloutState, Missed, Reason


class Callout(Base):
    """外呼: somebody to be rung for one thing. Leased, the try counted, rung, then marked."""

    __tablename__ = "callouts"
    __table_args__ = (
        sa.Index(
            "ix_callouts_waiting",
            "next_at",
            postgresql_where=sa.text("state IN ('pending', 'no_answer')"),
        ),
        sa.Index(
            "ix_callouts_under_way",
            "account_id",
            postgresql_where=sa.text("state IN ('ringing', 'answered')"),
        ),
    )

    id: Mapped[Id]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    why: Mapped[Reason]
    state: Mapped[CalloutState]
    account_id: Mapped[int] = key("accounts")
    """Of channel `phone`; its identifier is the number to ring."""
    elder_id: Mapped[int | None] = key("elders", index=False)
    order_id: Mapped[int | None] = key("orders")
    incident_id: Mapped[int | None] = key("incidents", index=False)
    greeting_id: Mapped[int | None] = key("greetings")
    notice_kind: Mapped[str | None]
    """The notice that this call brings, whose wording it has."""
    data: Mapped[Json]
    """Facts for the words: those of the notice."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    next_at: Mapped[datetime]
    """Not to be tried before."""
    lapses_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """Tries begun, each counted before it is dialled."""
    misses: Mapped[int] = mapped_column(default=0, server_default="0")
    """Tries that the person did not answer; troubles of our own line are none."""
    last_missed: Mapped[Missed | None]
    rung_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    """What it was for is done, by a turn of the call itself: it is not rung again, even if the
    line dies before the call is over."""
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()
    elder: Mapped[Elder | None] = relationship()


class Greeting(Base):
    """问候电话: an elder asked to be rung each day at an hour. The row is the proof of who asked
    for it, when and how, and is never deleted."""

    __tablename__ = "greetings"
    __table_args__ = (
        sa.Index(
            "uq_greetings_standing",
            "elder_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    elder_id: Mapped[int] = key("elders", index=False)
    account_id: Mapped[int] = key("accounts", index=False)
    """The telephone to ring."""
    at: Mapped[time]
    """Local."""
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    asked_through: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]

    account: Mapped[Account] = relationship()
    elder: Mapped[Elder] = relationship()
