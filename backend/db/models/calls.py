"""Telephone calls: each from its first ring, what was said in it, and its sound where allowed."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.models.base import Base, Id, Json, Strings, key
from backend.db.models.people import Account


class Call(Base):
    """A call in or out. Written at its first ring, so that a process that dies leaves a trace."""

    __tablename__ = "calls"
    __table_args__ = (
        sa.Index("ix_calls_on", "alive_until", postgresql_where=sa.text("ended_at IS NULL")),
        sa.Index("ix_calls_account_recent", "account_id", "id"),
        sa.Index("ix_calls_rang_at", "rang_at"),
    )

    id: Mapped[Id]
    ring_key: Mapped[str] = mapped_column(unique=True)
    """The same ring, written twice, finds this row."""
    sip_id: Mapped[str]
    """SIP's Call-ID. Cheap devices use one again after each power cut."""
    direction: Mapped[str]
    """in | out."""
    number: Mapped[str | None]
    """The other side's; None when it is withheld."""
    called: Mapped[str | None]
    """The number that was dialled to reach us."""
    account_id: Mapped[int] = key("accounts", index=False)
    elder_id: Mapped[int | None] = key("elders")
    """Whom the call is about, where only one comes into question."""
    is_bell: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    rang_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    alive_until: Mapped[datetime]
    """Its process has said so lately; a call that is on after this has lost its process."""
    how_ended: Mapped[str | None]
    """caller | us | transferred | failed | lost."""
    outcome: Mapped[str | None]
    """What came of it: order | alarm | human | talked | nothing."""
    doing: Mapped[str | None]
    """The matter the conversation is at, e.g. `order:confirm`; None when nothing is open."""
    pace: Mapped[float | None]
    """The speed of speech the caller was content with, 1.0 being the voice's own."""
    ticket_id: Mapped[int | None] = key("tickets", index=False)
    """The human who was asked for, or rings back."""
    human_wanted_at: Mapped[datetime | None]
    """A human was asked for, by the caller or by a conversation that went nowhere."""
    human_at: Mapped[datetime | None]
    """One has picked up and hears the caller."""
    human_telephone: Mapped[str | None]
    """Theirs, as it was rung."""
    incident_id: Mapped[int | None] = key("incidents", index=False)

    account: Mapped[Account] = relationship()
    turns: Mapped[list["CallTurn"]] = relationship(order_by="CallTurn.no")


class CallTurn(Base):
    """One exchange of words in a call; number 0 is our greeting."""

    __tablename__ = "call_turns"

    call_id: Mapped[int] = key("calls", primary=True, cascade=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    heard: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]", default=list)
    """The recogniser's hearings, `[{"text", "confidence"}]`, likeliest first."""
    keys: Mapped[str] = mapped_column(default="", server_default="")
    text: Mapped[str] = mapped_column(default="", server_default="")
    """The words taken as said."""
    understood: Mapped[Json]
    """intent, confidence and source."""
    said: Mapped[Strings]
    """What was spoken to the caller."""
    times: Mapped[Json]
    """Moments in seconds since the call began: began, ended, decided, answered, sounded …"""


class CallSound(Base):
    """A call's sound, sealed. It hangs on the consent it is kept under and cannot outlive it."""

    __tablename__ = "call_sounds"

    call_id: Mapped[int] = key("calls", primary=True, cascade=True)
    consent_id: Mapped[int] = key("consents", cascade=True)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    """AES-256-GCM: nonce, then the sealed sound of the caller's side."""
    kept_at: Mapped[datetime]
    delete_at: Mapped[datetime] = mapped_column(index=True)
