"""What people allow beyond the service itself, and what is kept because they allowed it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.models.base import Base, Id, Strings, key
from backend.db.models.people import Account
from backend.domain.learning import WhyKept


class Consent(Base):
    """A purpose that was put to an account, and what became of it. A row is never deleted: it
    is the proof of who allowed what, in which words, and when they took it back."""

    __tablename__ = "consents"
    __table_args__ = (
        # At most one stands for each purpose.
        sa.Index(
            "uq_consents_standing",
            "account_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("given_at IS NOT NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = key("accounts")
    kind: Mapped[str]
    """learning (misunderstood sentences are kept, masked). Later purposes get their own."""
    text_version: Mapped[str]
    """Which wording of the question they were shown."""
    asked_at: Mapped[datetime]
    asked_through: Mapped[str]
    """The channel of question and answer: wechat, console, paper …"""
    given_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_through: Mapped[str | None]

    account: Mapped[Account] = relationship()


class Misunderstanding(Base):
    """A sentence that was misunderstood, masked, waiting to be labelled.

    It names no account and no elder: whoever labels need not know who spoke. It hangs on the
    consent it is kept under and cannot outlive it, so withdrawing deletes it.
    """

    __tablename__ = "misunderstandings"
    __table_args__ = (
        sa.Index(
            "ix_misunderstandings_unlabelled", "id", postgresql_where=sa.text("labelled_at IS NULL")
        ),
    )

    id: Mapped[Id]
    consent_id: Mapped[int] = key("consents", cascade=True)
    message_key: Mapped[str] = mapped_column(unique=True)
    """A digest of the message's own id: one message is kept once."""
    text: Mapped[str]
    """Masked, as every word kept here."""
    alternatives: Mapped[Strings]
    """What else a recogniser may have heard."""
    channel: Mapped[str]
    intent: Mapped[str]
    """What was understood …"""
    confidence: Mapped[float]
    """… and how sure we were, 0 to 1."""
    expected: Mapped[str]
    """What the conversation was waiting for, e.g. `order:date`; empty for nothing."""
    why: Mapped[WhyKept]
    said_at: Mapped[datetime]
    exported_at: Mapped[datetime | None]
    label: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """A line of the corpus (`nlu/corpus/lines.py`)."""
    labelled_at: Mapped[datetime | None]
