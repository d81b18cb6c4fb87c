"""What the steps of a visit share.

EVV's six facts (service, recipient, provider, date, place, begin and end) are complete only
with a check-in that does not rest on the worker's word: the code the elder holds, or a place
within reach of the address.
"""

from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Order, Visit
from backend.domain.errors import DomainError
from backend.services.answer_offer import require_worker
from backend.services.order_moves import locked_order
from backend.services.work import Work


def own_order(work: Work, order_id: int) -> Order:
    """The actor's own job, locked. Raises NotFound, `not_yours`."""
    order = locked_order(work, order_id)
    require_worker(work, order)
    return order


def worker_facts(order: Order) -> dict[str, str | None]:
    """Who comes, for notices."""
    worker = order.worker
    return {"worker": worker.name, "worker_phone": worker.phone} if worker is not None else {}


def visit_of(work: Work, order: Order) -> Visit:
    """The order's visit, made if need be. Raises `not_yours` while nobody has the job."""
    if order.worker_id is None:
        raise DomainError("not_yours", number=order.number)
    work.session.execute(
        insert(Visit).values(order_id=order.id, worker_id=order.worker_id).on_conflict_do_nothing()
    )
    return work.get(Visit, order.id)
