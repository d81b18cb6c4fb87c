"""An offer is taken back before it was answered: somebody else is to be asked."""

from sqlalchemy import select

from backend.db.models import Notice, Offer, Order
from backend.domain.orders import Move
from backend.services.notices import notify, worker_accounts
from backend.services.order_moves import end_offer, move, order_facts
from backend.services.work import Work


def withdraw_offer(work: Work, order: Order, offer: Offer, why: str, reason: str) -> None:
    """End a standing offer of a locked order. Whoever has seen the card is told that they need
    not come; a card that has not gone out lapses unseen. `why` names the use case in the event."""
    end_offer(work, offer, "withdrawn", reason)
    if _has_seen(work, offer):
        tell_not_needed(work, order, offer.worker_id, reason)
    move(work, order, Move.RETURN, offer_id=offer.id, why=why, reason=reason)


def tell_not_needed(work: Work, order: Order, worker_id: int, reason: str) -> None:
    """Tell a worker that an order is theirs no longer."""
    facts = order_facts(work, order) | {"reason": reason}
    key = f"job_cancelled:{order.id}:{len(order.events)}"
    notify(work, worker_accounts(work, worker_id), "job_cancelled", key, facts)


def _has_seen(work: Work, offer: Offer) -> bool:
    keys = [f"offer:{offer.id}:{i}" for i in worker_accounts(work, offer.worker_id)]
    sent = select(Notice.id).where(Notice.dedupe_key.in_(keys), Notice.state != "lapsed")
    return work.session.scalar(sent.limit(1)) is not None
