"""Somebody cannot come on some days: what they had taken or were asked goes to others."""

from datetime import date

from sqlalchemy import or_, select

from backend.db.models import Offer, Order
from backend.domain.orders import Move, OrderState, may
from backend.services.reassign_order import reassign_order
from backend.services.work import Work

_WITHDRAWABLE = [state for state in OrderState if may(state, Move.WITHDRAW)]


def free_worker(work: Work, worker_id: int, first: date, last: date | None, reason: str) -> int:
    """Give back all jobs from `first` to `last` (None: without end) that have not begun, and the
    offers that wait; the worker, the people who follow the orders and the next workers are told.
    How many there were; done twice, the second time there are none."""
    asked = select(Offer.order_id).where(Offer.worker_id == worker_id, Offer.state == "standing")
    query = (
        select(Order.id)
        .where(
            Order.service_day >= first,
            or_(
                (Order.worker_id == worker_id) & Order.state.in_(_WITHDRAWABLE),
                Order.id.in_(asked),
            ),
        )
        .order_by(Order.id)
    )
    if last is not None:
        query = query.where(Order.service_day <= last)
    order_ids = work.session.scalars(query).all()
    for order_id in order_ids:
        reassign_order(work, order_id, reason)
    return len(order_ids)
