"""Cancel an order: the money is free again, and whoever counted on it is told."""

from backend.db.models import Order
from backend.domain.errors import DomainError
from backend.domain.orders import Move, OrderState, may
from backend.services.notices import notify, tell_followers, worker_accounts
from backend.services.order_moves import (
    end_offer,
    locked_order,
    move,
    order_facts,
    standing_offer,
)
from backend.services.permissions import require_follows
from backend.services.reservation import free
from backend.services.work import Work


def cancel_order(work: Work, order_id: int, reason: str = "") -> Order:
    """Cancel; cancelling what is cancelled changes nothing.

    Raises NotFound for other people's orders, DomainError `already_started` once the visit has
    begun or is over.
    """
    order = locked_order(work, order_id)
    require_follows(work, order)
    if order.state is OrderState.CANCELLED:
        return order
    if not may(order.state, Move.CANCEL):
        raise DomainError("already_started", number=order.number, state=order.state.value)
    end_without_service(work, order, Move.CANCEL, "cancelled", reason)
    order.cancel_reason = reason
    work.audit("cancel_order", "order", order.id, reason=reason)
    facts = order_facts(work, order) | {
        "by": work.actor.called or work.actor.name,
        "reason": reason,
    }
    tell_followers(work, order, "order_cancelled", "", **facts)
    return order


def end_without_service(work: Work, order: Order, step: Move, offer_end: str, reason: str) -> None:
    """What cancelling and missing share: nobody comes any more, and no money is held."""
    offer = standing_offer(work, order)
    if offer is not None:
        end_offer(work, offer, "withdrawn", offer_end)
    if order.worker_id is not None:
        facts = order_facts(work, order) | {"reason": reason}
        accounts = worker_accounts(work, order.worker_id)
        notify(work, accounts, "job_cancelled", f"job_cancelled:{order.id}", facts)
    move(work, order, step, reason=reason)
    free(work, order)
