"""A dispatcher gives an order to someone else."""

from backend.db.models import Order
from backend.domain.orders import Move
from backend.services.notices import notify, worker_accounts
from backend.services.order_moves import (
    end_offer,
    locked_order,
    move,
    order_facts,
    standing_offer,
)
from backend.services.permissions import require_on_duty
from backend.services.withdraw_job import take_back
from backend.services.work import Work


def reassign_order(work: Work, order_id: int, reason: str) -> Order:
    """A dispatcher gives the order to someone else: whoever has it or is being asked is told,
    and the next best is asked. Raises `not_permitted`, `already_started`."""
    require_on_duty(work)
    order = locked_order(work, order_id)
    offer = standing_offer(work, order)
    if offer is not None:
        end_offer(work, offer, "withdrawn", reason)
        move(work, order, Move.RETURN, offer_id=offer.id, why="reassigned", reason=reason)
        work.later("dispatch_order", order_id=order.id)
        return order
    if order.worker_id is not None:
        facts = order_facts(work, order) | {"reason": reason}
        accounts = worker_accounts(work, order.worker_id)
        key = f"job_cancelled:{order.id}:{len(order.events)}"
        notify(work, accounts, "job_cancelled", key, facts)
        return take_back(work, order, reason)
    work.later("dispatch_order", order_id=order.id)
    return order
