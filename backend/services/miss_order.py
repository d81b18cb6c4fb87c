"""Nobody came and the time is over: the money is free again and a human follows up."""

from datetime import timedelta

from backend.db.models import Order
from backend.domain.orders import Move, may
from backend.services.cancel_order import end_without_service
from backend.services.notices import tell_followers
from backend.services.open_ticket import open_ticket
from backend.services.order_moves import locked_order, order_facts
from backend.services.work import Work

GRACE = timedelta(minutes=60)
"""How long after the window a worker may still check in."""


def miss_order(work: Work, order_id: int) -> Order:
    """Mark an order whose window (and GRACE) has passed without a visit."""
    order = locked_order(work, order_id)
    if not may(order.state, Move.MISS) or order.window_end + GRACE > work.now:
        return order
    end_without_service(work, order, Move.MISS, "missed", "missed")
    work.audit("miss_order", "order", order.id)
    tell_followers(work, order, "order_missed", "", **order_facts(work, order))
    open_ticket(
        work,
        "call_back",
        f"订单{order.number}到时间没有人上门,请致电道歉并补救",
        f"missed:{order.id}",
        elder_id=order.elder_id,
        order_id=order.id,
    )
    return order
