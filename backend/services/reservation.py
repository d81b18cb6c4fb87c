"""Hold and free an order's subsidy."""

from typing import Any

from backend.db.models import Order
from backend.domain import ledger
from backend.domain.ledger import Posting
from backend.services.allowance import month_of
from backend.services.ledger import post, posting_steps, sides
from backend.services.work import Work


def hold(work: Work, order: Order) -> None:
    """Reserve the order's subsidy for its present round."""
    if order.subsidy_fen:
        posting = ledger.reserve(order.elder_id, month_of(order.service_day), order.subsidy_fen)
        post(work, posting, f"order:{order.id}:reserve:{order.round}", order.id)


HOLD_PLACED = posting_steps(
    (True, False),
    "SELECT 'reserve', 'order:' || id || ':reserve:' || round, id, placed_at FROM placed",
)
"""`hold` as steps of the statement that has made the order as `placed`; for the values of
`hold_values`."""


def hold_values(elder_id: int, month: str, subsidy_fen: int) -> tuple[Posting, dict[str, Any]]:
    """The posting that HOLD_PLACED writes, and its values."""
    posting = ledger.reserve(elder_id, month, subsidy_fen)
    return posting, sides(posting)[1]


def free(work: Work, order: Order) -> None:
    """Release what the order's present round holds."""
    if order.subsidy_fen:
        posting = ledger.release(order.elder_id, month_of(order.service_day), order.subsidy_fen)
        post(work, posting, f"order:{order.id}:release:{order.round}", order.id)
