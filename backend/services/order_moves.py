"""Move an order through its states; every move leaves an event."""

from typing import Any

from sqlalchemy import select

from backend.db.models import Offer, Order, OrderEvent, ServiceItem
from backend.domain.orders import Move, after
from backend.services.notices import withdraw_notices, worker_accounts
from backend.services.work import Work


def locked_order(work: Work, order_id: int) -> Order:
    """The order, locked until the transaction ends. Raises NotFound."""
    return work.get(Order, order_id, lock=True)


def move(work: Work, order: Order, step: Move, **detail: Any) -> None:
    """Carry out a move. Raises IllegalMove."""
    before = order.state
    order.state = after(before, step)
    work.session.add(
        OrderEvent(
            order_id=order.id,
            at=work.now,
            move=step.value,
            from_state=before.value,
            to_state=order.state.value,
            actor=work.actor.name,
            channel=work.actor.channel,
            detail=detail,
        )
    )


def item_name(work: Work, order: Order) -> str:
    """The service's name for people."""
    item = work.session.get(ServiceItem, order.code)
    return item.name if item is not None else order.code


def order_facts(work: Work, order: Order) -> dict[str, Any]:
    """What most notices say about an order."""
    return {
        "order_id": order.id,
        "number": order.number,
        "item": item_name(work, order),
        "elder": order.elder.name,
        "window_start": order.window_start.isoformat(),
        "window_end": order.window_end.isoformat(),
        "diet": list(order.diet),
        "note": order.note,
    }


def standing_offer(work: Work, order: Order) -> Offer | None:
    """The offer that waits for an answer, if any."""
    return work.session.scalar(
        select(Offer).where(Offer.order_id == order.id, Offer.state == "standing")
    )


def end_offer(work: Work, offer: Offer, state: str, reason: str | None = None) -> None:
    """Close a standing offer as declined, expired or withdrawn; its unsent card lapses."""
    offer.state = state
    offer.answered_at = work.now
    offer.decline_reason = reason
    work.session.flush()
    for account_id in worker_accounts(work, offer.worker_id):
        withdraw_notices(work, "offer", account_id, offer.id)
