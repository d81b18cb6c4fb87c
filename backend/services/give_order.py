"""A dispatcher gives an order to one worker whom she has chosen."""

from backend.db.models import Order, ServiceItem, Worker
from backend.domain.errors import DomainError
from backend.domain.orders import Move, may
from backend.services.dispatch_order import offer_to
from backend.services.fit_workers import fit_workers
from backend.services.order_moves import locked_order, standing_offer
from backend.services.permissions import require_on_duty
from backend.services.withdraw_job import take_back
from backend.services.withdraw_offer import tell_not_needed, withdraw_offer
from backend.services.work import Work


def give_order(work: Work, order_id: int, worker_id: int, reason: str) -> Order:
    """Ask one worker for the order, before anybody else; whoever had it, or was being asked, is
    told that they need not come.

    The worker still says yes or no; without a yes the house goes on looking, as ever. Done twice,
    it is done once. Raises `not_permitted`, `already_started`, `past_window`, NotFound, and
    `does_not_fit` with the gate as `gate` and the worker's `name`.
    """
    require_on_duty(work)
    order = locked_order(work, order_id)
    worker = work.get(Worker, worker_id, lock=True)
    offer = standing_offer(work, order)
    if (offer.worker_id if offer is not None else order.worker_id) == worker.id:
        return order
    if not (may(order.state, Move.WITHDRAW) or may(order.state, Move.OFFER) or offer is not None):
        raise DomainError("already_started", number=order.number, state=order.state.value)
    if order.window_end <= work.now:
        raise DomainError("past_window", number=order.number)
    fit = fit_workers(work, order, [worker.id])[worker.id]
    if fit.scored is None:
        raise DomainError("does_not_fit", gate=fit.gate, name=worker.name, number=order.number)
    if offer is not None:
        withdraw_offer(work, order, offer, "given", reason)
    elif order.worker_id is not None:
        tell_not_needed(work, order, order.worker_id, reason)
        take_back(work, order, reason)
    made = offer_to(work, order, work.get(ServiceItem, order.code), fit.scored)
    work.audit(
        "give_order", "order", order.id, worker_id=worker.id, offer_id=made.id, reason=reason
    )
    return order
