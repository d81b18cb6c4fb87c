"""An offer's time is over."""

from backend.db.models import Offer, Order
from backend.services.decline_offer import return_order
from backend.services.notices import notify, worker_accounts
from backend.services.order_moves import locked_order, order_facts
from backend.services.work import LOCK, Work


def expire_offer(work: Work, offer_id: int) -> Order | None:
    """The offer's time is over; the next worker is asked. None when it was answered already
    or still stands."""
    offer = work.get(Offer, offer_id)
    order = locked_order(work, offer.order_id)
    work.session.refresh(offer, with_for_update=LOCK)
    if offer.state != "standing" or offer.expires_at > work.now:
        return None
    return_order(work, offer, order, "expired", "no answer")
    facts = order_facts(work, order)
    accounts = worker_accounts(work, offer.worker_id)
    notify(work, accounts, "offer_lapsed", f"offer_lapsed:{offer.id}", facts)
    return order
