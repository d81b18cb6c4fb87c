"""Change an order: another time, number, diet or note; the price is made anew."""

from dataclasses import dataclass
from datetime import datetime

from backend.db.models import Order, OrderLine
from backend.domain.errors import DomainError
from backend.domain.orders import Move, OrderState, may
from backend.services.grant_allowance import ensure_granted
from backend.services.notices import notify, tell_followers, worker_accounts
from backend.services.order_moves import (
    end_offer,
    locked_order,
    move,
    order_facts,
    standing_offer,
)
from backend.services.permissions import require_follows
from backend.services.place_order import order_lines
from backend.services.quote_order import OrderRequest, Quote, quote_order
from backend.services.reservation import free, hold
from backend.services.work import Work
from backend.settings import TIMEZONE


@dataclass(frozen=True)
class OrderChange:
    """What is to be different; None leaves it as it is."""

    window_start: datetime | None = None
    window_end: datetime | None = None
    quantity: int | None = None
    diet: tuple[str, ...] | None = None
    note: str | None = None


def quote_change(work: Work, order_id: int, change: OrderChange) -> Quote:
    """What the changed order would cost. Raises what `quote_order` raises, and
    `already_started` once the worker is on the way."""
    order = work.get(Order, order_id)
    require_follows(work, order)
    return quote_order(work, _request(order, change), replaces=order)


def change_order(work: Work, order_id: int, change: OrderChange) -> Order:
    """Carry out a change. Another time asks for a worker anew (the one who had it first);
    anything else is told to the worker who has it."""
    order = locked_order(work, order_id)
    require_follows(work, order)
    request = _request(order, change)
    day = request.window_start.astimezone(TIMEZONE).date()
    ensure_granted(work, order.elder_id, f"{day:%Y-%m}")
    quote = quote_order(work, request, replaces=order)
    moved = (request.window_start, request.window_end) != (order.window_start, order.window_end)
    if moved or quote.provider_id != order.provider_id:
        _ask_anew(work, order, request)
    else:
        _tell_worker(work, order, needs_answer=False)
    before = {"window_start": order.window_start.isoformat(), "total_fen": order.total_fen}
    free(work, order)
    for line in list(order.lines):
        work.session.delete(line)
    work.session.flush()
    lines: list[OrderLine] = order_lines(quote)
    for line in lines:
        line.order_id = order.id
        work.session.add(line)
    order.round += 1
    order.service_day = day
    order.quantity = request.quantity
    order.window_start, order.window_end = request.window_start, request.window_end
    order.diet, order.note = list(request.diet), request.note
    order.total_fen = quote.total_fen
    order.subsidy_fen = quote.subsidy_fen
    order.self_pay_fen = quote.self_pay_fen
    order.provider_id = quote.provider_id if moved else order.provider_id
    order.changed_at = work.now
    work.session.flush()
    work.session.refresh(order, ["lines"])
    hold(work, order)
    work.audit("change_order", "order", order.id, before=before, total_fen=order.total_fen)
    tell_followers(work, order, "order_changed", str(order.round), **order_facts(work, order))
    if order.state is OrderState.PLACED:
        work.later("dispatch_order", order_id=order.id)
    return order


def _request(order: Order, change: OrderChange) -> OrderRequest:
    if not may(order.state, Move.CHANGE):
        raise DomainError("already_started", number=order.number, state=order.state.value)
    start = change.window_start or order.window_start
    end = change.window_end or order.window_end
    if change.window_start is not None and change.window_end is None:
        end = start + (order.window_end - order.window_start)
    return OrderRequest(
        elder_id=order.elder_id,
        code=order.code,
        window_start=start,
        window_end=end,
        quantity=change.quantity if change.quantity is not None else order.quantity,
        address_id=order.address_id,
        diet=change.diet if change.diet is not None else tuple(order.diet),
        note=change.note if change.note is not None else order.note,
        channel=order.channel,
    )


def _ask_anew(work: Work, order: Order, request: OrderRequest) -> None:
    offer = standing_offer(work, order)
    if offer is not None:
        end_offer(work, offer, "withdrawn", "changed")
    if order.worker_id is not None:
        _tell_worker(work, order, needs_answer=True, request=request)
    move(work, order, Move.CHANGE, had_worker_id=order.worker_id)
    order.worker_id = None


def _tell_worker(
    work: Work, order: Order, *, needs_answer: bool, request: OrderRequest | None = None
) -> None:
    if order.worker_id is None:
        return
    facts = order_facts(work, order) | {"needs_answer": needs_answer}
    if request is not None:
        facts["window_start"] = request.window_start.isoformat()
        facts["window_end"] = request.window_end.isoformat()
    notify(
        work,
        worker_accounts(work, order.worker_id),
        "job_changed",
        f"job_changed:{order.id}:{order.round + 1}",
        facts,
    )
