"""The worker who had accepted a job cannot come."""

from backend.db.models import Order, Visit
from backend.domain.errors import DomainError
from backend.domain.orders import Move, may
from backend.services.answer_offer import require_worker
from backend.services.notices import tell_followers
from backend.services.order_moves import locked_order, move, order_facts
from backend.services.work import Work


def withdraw_job(work: Work, order_id: int, reason: str) -> Order:
    """The worker had accepted and cannot come. Raises `not_yours`, `already_started`."""
    order = locked_order(work, order_id)
    require_worker(work, order)
    return take_back(work, order, reason)


def take_back(work: Work, order: Order, reason: str) -> Order:
    """Free an accepted order from its worker and look again. Raises `already_started`."""
    if not may(order.state, Move.WITHDRAW):
        raise DomainError("already_started", number=order.number, state=order.state.value)
    worker_id = order.worker_id
    for offer in order.offers:
        # Kept as an answer of this round, so that the same worker is not asked again.
        if offer.state == "accepted":
            offer.state = "withdrawn"
            offer.decline_reason = reason
    order.worker_id = None
    visit = work.session.get(Visit, order.id)
    if visit is not None:
        visit.departed_at = None
    move(work, order, Move.WITHDRAW, worker_id=worker_id, reason=reason)
    work.audit("withdraw_job", "order", order.id, worker_id=worker_id, reason=reason)
    tell_followers(work, order, "looking_again", str(len(order.events)), **order_facts(work, order))
    work.later("dispatch_order", order_id=order.id)
    return order
