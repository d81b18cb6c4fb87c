"""The queue: what a human must close, the soonest due first."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request
from sqlalchemy import select

from backend.console.door import Door, visitor
from backend.console.scope import require_elder, tickets_of
from backend.console.showing import page
from backend.db.models import Elder, Ticket
from backend.domain.errors import NotFound
from backend.services.close_ticket import close_ticket
from backend.services.elder_file import elder_file
from backend.services.work import Work

AT_MOST = 50


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("tickets", __name__)

    @blueprint.get("/tickets")
    def queue() -> str:
        with door.work() as work:
            return page("parts/tickets", **ticket_queue(work))

    @blueprint.get("/tickets/<int:ticket_id>")
    def show(ticket_id: int) -> str:
        with door.work() as work:
            return _shown(work, _seen(work, ticket_id))

    @blueprint.post("/tickets/<int:ticket_id>/close")
    def close(ticket_id: int) -> Response:
        outcome = request.form.get("outcome", "").strip()[:500]
        with door.work() as work:
            ticket = _seen(work, ticket_id)
            if outcome:
                ticket = close_ticket(work, ticket.id, outcome)
            response = make_response(_shown(work, ticket, wants_outcome=not outcome))
        response.headers["HX-Trigger"] = "tickets-changed"
        return response

    return blueprint


def ticket_queue(work: Work) -> dict[str, object]:
    """The open tickets of the visitor's towns, and the elders they are about."""
    tickets = work.session.scalars(
        select(Ticket)
        .where(Ticket.state == "open", tickets_of(visitor()))
        .order_by(Ticket.due_at, Ticket.id)
        .limit(AT_MOST)
    ).all()
    ids = {ticket.elder_id for ticket in tickets if ticket.elder_id is not None}
    elders = work.session.scalars(select(Elder).where(Elder.id.in_(ids)))
    return {"tickets": tickets, "elders": {e.id: e for e in elders}, "now": work.now}


def _seen(work: Work, ticket_id: int) -> Ticket:
    found = work.session.scalar(select(Ticket).where(Ticket.id == ticket_id, tickets_of(visitor())))
    if found is None:
        raise NotFound("not_found", what="Ticket", key=ticket_id)
    return found


def _shown(work: Work, ticket: Ticket, *, wants_outcome: bool = False) -> str:
    file = None
    if ticket.elder_id is not None:
        require_elder(work, visitor(), ticket.elder_id)
        file = elder_file(work, ticket.elder_id, "ticket")
    return page("parts/ticket", ticket=ticket, file=file, wants_outcome=wants_outcome, now=work.now)
