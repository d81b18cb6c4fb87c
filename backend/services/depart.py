"""The worker sets out."""

from backend.db.models import Order
from backend.domain.orders import Move
from backend.services.notices import tell_followers
from backend.services.order_moves import move, order_facts
from backend.services.visits import own_order, visit_of, worker_facts
from backend.services.work import Work


def depart(work: Work, order_id: int) -> Order:
    """The worker sets out. Raises `not_yours`, IllegalMove."""
    order = own_order(work, order_id)
    move(work, order, Move.DEPART)
    visit_of(work, order).departed_at = work.now
    work.audit("depart", "order", order.id)
    facts = order_facts(work, order) | worker_facts(order)
    tell_followers(work, order, "worker_departed", str(order.worker_id), **facts)
    return order
