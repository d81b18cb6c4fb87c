"""The worker says no; the next one is asked."""

from backend.db.models import Offer, Order
from backend.domain.orders import Move
from backend.services.answer_offer import standing
from backend.services.order_moves import end_offer, move
from backend.services.work import Work


def decline_offer(work: Work, offer_id: int, reason: str = "") -> Order:
    """Decline a standing offer. Raises `not_yours`, `offer_gone`."""
    offer, order = standing(work, offer_id)
    return_order(work, offer, order, "declined", reason)
    work.audit("decline_offer", "order", order.id, offer_id=offer.id, reason=reason)
    return order


def return_order(work: Work, offer: Offer, order: Order, state: str, reason: str) -> None:
    """Close the offer as `state`, and look for the next worker."""
    end_offer(work, offer, state, reason)
    move(work, order, Move.RETURN, offer_id=offer.id, why=state, reason=reason)
    work.later("dispatch_order", order_id=order.id)
