"""A dispatcher gives an order to someone else."""

from backend.db.models import Order
from backend.services.order_moves import locked_order, standing_offer
from backend.services.permissions import require_on_duty
from backend.services.withdraw_job import take_back
from backend.services.withdraw_offer import tell_not_needed, withdraw_offer
from backend.services.work import Work


def reassign_order(work: Work, order_id: int, reason: str) -> Order:
    """A dispatcher gives the order to someone else: whoever has it or is being asked is told,
    and the next best is asked. Raises `not_permitted`, `already_started`."""
    require_on_duty(work)
    order = locked_order(work, order_id)
    offer = standing_offer(work, order)
    if offer is not None:
        withdraw_offer(work, order, offer, "reassigned", reason)
        work.later("dispatch_order", order_id=order.id)
        return order
    if order.worker_id is not None:
        tell_not_needed(work, order, order.worker_id, reason)
        return take_back(work, order, reason)
    work.later("dispatch_order", order_id=order.id)
    return order
