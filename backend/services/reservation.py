"""Hold and free an order's subsidy."""

from backend.db.models import Order
from backend.domain import ledger
from backend.services.allowance import month_of
from backend.services.ledger import post
from backend.services.work import Work


def hold(work: Work, order: Order) -> None:
    """Reserve the order's subsidy for its present round."""
    if order.subsidy_fen:
        posting = ledger.reserve(order.elder_id, month_of(order.service_day), order.subsidy_fen)
        post(work, posting, f"order:{order.id}:reserve:{order.round}", order.id)


def free(work: Work, order: Order) -> None:
    """Release what the order's present round holds."""
    if order.subsidy_fen:
        posting = ledger.release(order.elder_id, month_of(order.service_day), order.subsidy_fen)
        post(work, posting, f"order:{order.id}:release:{order.round}", order.id)
