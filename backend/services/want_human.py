"""Somebody asks for a human, once more perhaps: they are rung about all of it at once."""

from typing import Any

from sqlalchemy import select

from backend.db.models import Ticket
from backend.services.open_ticket import DUE, open_ticket, tell_duty
from backend.services.work import Work

MOST = 1000
"""Letters of a summary, before what is added is left to the transcript."""


def want_human(
    work: Work,
    kind: str,
    summary: str,
    idempotency_key: str,
    *,
    elder_id: int | None = None,
    transcript: dict[str, Any] | None = None,
) -> tuple[Ticket, bool]:
    """The actor's ticket, and whether it was open before: then what is asked now joins it.

    One of a kind, an account and an elder at a time. Those on duty hear of what is added. Safe to
    repeat.
    """
    ticket = work.session.scalar(
        select(Ticket)
        .where(
            Ticket.kind == kind,
            Ticket.state == "open",
            Ticket.account_id == work.actor.account_id,
            Ticket.elder_id.is_not_distinct_from(elder_id),
        )
        .order_by(Ticket.id.desc())
        .limit(1)
        .with_for_update(key_share=True)
    )
    if ticket is None or ticket.idempotency_key == idempotency_key:
        opened = open_ticket(
            work, kind, summary, idempotency_key, elder_id=elder_id, transcript=transcript
        )
        return opened, False
    if summary not in ticket.summary and len(ticket.summary) < MOST:
        ticket.summary = f"{ticket.summary}；{summary}"
    ticket.transcript = _with_more(ticket.transcript, transcript or {})
    ticket.due_at = min(ticket.due_at, work.now + DUE[kind])
    work.audit("join_ticket", "ticket", ticket.id, kind=kind)
    tell_duty(work, ticket, summary, again=idempotency_key)
    return ticket, True


def _with_more(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    said = list(before.get("turns", []))
    said += [turn for turn in now.get("turns", []) if turn not in said]
    return {**before, **now, "turns": said}
