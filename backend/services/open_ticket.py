"""Hand something to a human, who must close it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Elder, Ticket
from backend.services.notices import notify, on_duty
from backend.services.work import Work

DUE = {
    "handover": timedelta(minutes=5),
    "dispatch": timedelta(minutes=15),
    "call_back": timedelta(minutes=30),
    "greeting_unanswered": timedelta(minutes=30),
    "not_reached": timedelta(minutes=30),
    "review_follow_up": timedelta(hours=24),
    "complaint": timedelta(hours=24),
}
"""How soon a human should have closed a ticket of a kind."""


def open_ticket(
    work: Work,
    kind: str,
    summary: str,
    idempotency_key: str,
    *,
    elder_id: int | None = None,
    order_id: int | None = None,
    transcript: dict[str, Any] | None = None,
) -> Ticket:
    """Open a ticket and tell those on duty; the same key returns the ticket opened before."""
    ticket_id = work.session.scalar(
        insert(Ticket)
        .values(
            idempotency_key=idempotency_key,
            kind=kind,
            summary=summary,
            elder_id=elder_id,
            order_id=order_id,
            account_id=work.actor.account_id,
            transcript=transcript or {},
            opened_at=work.now,
            due_at=work.now + DUE.get(kind, timedelta(hours=1)),
        )
        .on_conflict_do_nothing()
        .returning(Ticket.id)
    )
    if ticket_id is None:
        return work.session.scalars(
            select(Ticket).where(Ticket.idempotency_key == idempotency_key)
        ).one()
    ticket = work.get(Ticket, ticket_id)
    work.audit("open_ticket", "ticket", ticket.id, kind=kind)
    tell_duty(work, ticket, summary)
    return ticket


def tell_duty(work: Work, ticket: Ticket, summary: str, again: str = "") -> None:
    """Those on duty hear of a ticket, and once more for each `again`, with what is new."""
    elder = work.session.get(Elder, ticket.elder_id) if ticket.elder_id is not None else None
    phones = [contact.phone for contact in elder.contacts[:1]] if elder is not None else []
    notify(
        work,
        on_duty(work, elder.town if elder is not None else None),
        "ticket_opened",
        f"ticket:{ticket.id}:{again}".rstrip(":"),
        {
            "ticket_id": ticket.id,
            "kind": ticket.kind,
            "summary": summary,
            "elder": elder.name if elder is not None else None,
            "phone": phones[0] if phones else None,
        },
    )
