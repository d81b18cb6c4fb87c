"""A worker takes the job."""

from backend.db.models import Order, ServiceItem, Visit, Worker
from backend.domain.errors import DomainError
from backend.domain.matching import rank
from backend.domain.orders import Move
from backend.services.answer_offer import standing
from backend.services.candidates import candidates_for, need_of
from backend.services.notices import tell_followers
from backend.services.order_moves import move, order_facts
from backend.services.work import Work
from backend.settings import TIMEZONE


def accept_offer(work: Work, offer_id: int) -> Order:
    """Accept a standing offer.

    The gates are checked again under the worker's lock: two offers accepted in one breath must
    not book her twice. Raises DomainError `not_yours`, `offer_gone`, `no_longer_fits`.
    """
    offer, order = standing(work, offer_id)
    worker = work.get(Worker, offer.worker_id, lock=True)
    item = work.get(ServiceItem, order.code)
    ranking = rank(
        need_of(order, item), candidates_for(work, order), order.window_start.astimezone(TIMEZONE)
    )
    if all(scored.worker_id != worker.id for scored in ranking.best_first):
        raise DomainError("no_longer_fits", why=ranking.refused.get(worker.id, "gone"))
    offer.state = "accepted"
    offer.answered_at = work.now
    order.worker_id = worker.id
    order.provider_id = worker.provider_id
    move(work, order, Move.ACCEPT, offer_id=offer.id, worker_id=worker.id)
    visit = work.session.get(Visit, order.id)
    if visit is None:
        work.session.add(Visit(order_id=order.id, worker_id=worker.id))
    else:
        visit.worker_id, visit.departed_at, visit.late_minutes = worker.id, None, None
        visit.wrong_codes = 0
    work.session.flush()
    work.session.refresh(order, ["worker"])
    work.audit("accept_offer", "order", order.id, offer_id=offer.id, worker_id=worker.id)
    tell_followers(
        work,
        order,
        "order_accepted",
        str(offer.id),
        **order_facts(work, order),
        worker=worker.name,
        worker_phone=worker.phone,
        provider=worker.provider.name,
        visit_code=order.visit_code,
    )
    return order
