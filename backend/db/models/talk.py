"""What is said: conversations, messages in, notices out; and the audit trail."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.models.base import Base, Id, Json, key
from backend.db.models.people import Account


class Conversation(Base):
    """The dialogue's memory with one account; `state` is the dialogue engine's."""

    __tablename__ = "conversations"

    account_id: Mapped[int] = key("accounts", primary=True)
    state: Mapped[Json]
    updated_at: Mapped[datetime]
    account: Mapped[Account] = relationship()


class Message(Base):
    """What an account said, and our answer. `source_id` is the channel's own id of the
    message: the second copy finds this row."""

    __tablename__ = "messages"
    __table_args__ = (
        sa.UniqueConstraint("channel", "source_id"),
        sa.Index("ix_messages_account_recent", "account_id", "id"),
        sa.Index("ix_messages_held", "id", postgresql_where=sa.text("state <> 'answered'")),
        sa.Index(
            "ix_messages_unsent",
            "answer_lease_until",
            postgresql_where=sa.text("state = 'answered' AND sent_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    channel: Mapped[str]
    source_id: Mapped[str]
    account_id: Mapped[int] = key("accounts", index=False)
    said: Mapped[Json]
    """kind (text, location, event, …) and its content."""
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="received", server_default="received")
    """received | held (understanding was out of reach: answered later) | answered."""
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often answering failed for a reason we did not foresee."""
    answer: Mapped[Json]
    """`{"replies": [{"text", "speech", "choices"}]}`."""
    answered_at: Mapped[datetime | None]
    answer_lease_until: Mapped[datetime | None]
    """Someone is about to deliver the answer until then."""
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[str | None]
    """passive | push | nothing (there was nothing to say)."""


class Notice(Base):
    """Something a person is to be told. Written with its cause, leased, sent, then marked."""

    __tablename__ = "notices"
    __table_args__ = (
        sa.Index("ix_notices_pending", "due_at", postgresql_where=sa.text("state = 'pending'")),
    )

    id: Mapped[Id]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = key("accounts")
    kind: Mapped[str]
    """Names the wording in `nlu/prompts`, e.g. `offer`, `order_accepted`, `incident`."""
    data: Mapped[Json]
    state: Mapped[str] = mapped_column(default="pending", server_default="pending")
    """pending | sent | failed (no way of delivery is left) | lapsed (no longer true)."""
    urgent: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    lapses_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[str | None]
    """customer_service | template | call (the phone line rings) | terminal …"""
    receipt: Mapped[str | None] = mapped_column(index=True)
    """The channel's own id of the delivery, by which it reports what became of it."""
    delivered: Mapped[bool | None]
    """What the channel reported; None while it has said nothing."""
    error: Mapped[str | None]
    incident_id: Mapped[int | None] = key("incidents", index=False)

    account: Mapped[Account] = relationship()


class Audit(Base):
    """Who did what, through which channel, when, and what changed."""

    __tablename__ = "audits"
    __table_args__ = (
        sa.Index("ix_audits_subject", "subject", "subject_id"),
        sa.Index(
            "ix_audits_looks",
            "id",
            postgresql_where=sa.text(
                "action IN ('look_at_elder', 'export_figures', 'print_meals')"
            ),
        ),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    actor: Mapped[str]
    channel: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int] = mapped_column(sa.BigInteger)
    changes: Mapped[Json]
