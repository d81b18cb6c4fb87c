"""What humans must take up: incidents and tickets."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.models.base import Base, Id, Json, key
from backend.db.models.people import Elder
from backend.domain.incidents import IncidentState


class Incident(Base):
    """警情: a call for help."""

    __tablename__ = "incidents"
    __table_args__ = (
        sa.Index(
            "ix_incidents_unanswered",
            "raised_at",
            postgresql_where=sa.text("state = 'raised'"),
        ),
        sa.Index("ix_incidents_raised_at", "raised_at"),
    )

    id: Mapped[Id]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    elder_id: Mapped[int | None] = key("elders")
    """None while we do not know who calls; it rings all the same."""
    account_id: Mapped[int | None] = key("accounts")
    state: Mapped[IncidentState]
    channel: Mapped[str]
    words: Mapped[str]
    place: Mapped[Json]
    """address, lat, lon, call_back: as far as known; why, where no words were said."""
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    dispatched_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

    elder: Mapped[Elder | None] = relationship()
    events: Mapped[list["IncidentEvent"]] = relationship(order_by="IncidentEvent.id")


class IncidentEvent(Base):
    """A step on an incident's timeline."""

    __tablename__ = "incident_events"

    id: Mapped[Id]
    incident_id: Mapped[int] = key("incidents")
    at: Mapped[datetime]
    step: Mapped[str]
    """raised | said | told | delivered | failed | acknowledged | dispatched | resolved."""
    actor: Mapped[str]
    detail: Mapped[Json]


class Ticket(Base):
    """工单: a complaint, call-back, dispatch or handover that someone must close."""

    __tablename__ = "tickets"
    __table_args__ = (
        sa.Index("ix_tickets_open", "due_at", postgresql_where=sa.text("state = 'open'")),
    )

    id: Mapped[Id]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    """complaint | call_back | dispatch | handover | review_follow_up | greeting_unanswered |
    not_reached."""
    state: Mapped[str] = mapped_column(default="open", server_default="open")
    elder_id: Mapped[int | None] = key("elders")
    order_id: Mapped[int | None] = key("orders")
    account_id: Mapped[int | None] = key("accounts")
    summary: Mapped[str]
    transcript: Mapped[Json]
    """`{"turns": [{"at", "who", "text"}]}`: what was said before a human was asked for."""
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    outcome: Mapped[str | None]
