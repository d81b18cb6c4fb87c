"""The worker says beforehand that it gets late."""

from backend.db.models import Order
from backend.domain.errors import DomainError
from backend.domain.orders import Move, may
from backend.services.notices import tell_followers
from backend.services.order_moves import order_facts
from backend.services.visits import own_order, visit_of, worker_facts
from backend.services.work import Work

LONGEST_DELAY_MIN = 240


def report_delay(work: Work, order_id: int, minutes: int) -> Order:
    """The worker will be late by `minutes`. Raises `not_yours`, `bad_minutes`, IllegalMove."""
    order = own_order(work, order_id)
    if not 1 <= minutes <= LONGEST_DELAY_MIN:
        raise DomainError("bad_minutes", most=LONGEST_DELAY_MIN)
    if not may(order.state, Move.CHECK_IN):
        raise DomainError("already_started", number=order.number, state=order.state.value)
    visit_of(work, order).late_minutes = minutes
    work.audit("report_delay", "order", order.id, minutes=minutes)
    facts = order_facts(work, order) | worker_facts(order) | {"minutes": minutes}
    tell_followers(work, order, "worker_late", f"{order.worker_id}:{minutes}", **facts)
    return order
