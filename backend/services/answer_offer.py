"""What accepting, declining and expiry of an offer share."""

from backend.db.models import Account, Offer, Order
from backend.domain.errors import DomainError
from backend.services.order_moves import locked_order
from backend.services.work import LOCK, Work


def standing(work: Work, offer_id: int) -> tuple[Offer, Order]:
    """The offer and its order, both locked (the order first, as everywhere).

    Raises DomainError `not_yours`, or `offer_gone` when it has been answered or ran out.
    """
    offer = work.get(Offer, offer_id)
    order = locked_order(work, offer.order_id)
    work.session.refresh(offer, with_for_update=LOCK)
    if work.actor.account_id is not None:
        account = work.get(Account, work.actor.account_id)
        if account.worker_id != offer.worker_id:
            raise DomainError("not_yours")
    if offer.state != "standing":
        raise DomainError("offer_gone", state=offer.state, number=order.number)
    return offer, order


def require_worker(work: Work, order: Order) -> None:
    """Raises DomainError `not_yours` unless the actor is the order's worker (or the house)."""
    if work.actor.account_id is None:
        return
    account = work.get(Account, work.actor.account_id)
    if order.worker_id is None or account.worker_id != order.worker_id:
        raise DomainError("not_yours", number=order.number)
