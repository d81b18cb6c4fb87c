"""A human has dealt with a ticket."""

from backend.db.models import Ticket
from backend.services.permissions import require_on_duty
from backend.services.work import Work


def close_ticket(work: Work, ticket_id: int, outcome: str) -> Ticket:
    """Close; closing twice keeps the first outcome. Raises NotFound, `not_permitted`."""
    require_on_duty(work)
    ticket = work.get(Ticket, ticket_id, lock=True)
    if ticket.state == "open":
        ticket.state = "closed"
        ticket.closed_at = work.now
        ticket.closed_by = work.actor.name
        ticket.outcome = outcome
        work.audit("close_ticket", "ticket", ticket.id, outcome=outcome)
    return ticket
