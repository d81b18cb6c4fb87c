"""Place an order: the price is fixed, the subsidy held, and the search for a worker begins."""

import secrets
import zlib

from sqlalchemy import func, select

from backend.db.models import Offering, Order, OrderEvent, OrderLine
from backend.domain.orders import OrderState
from backend.services.grant_allowance import ensure_granted
from backend.services.quote_order import OrderRequest, Quote, quote_order
from backend.services.reservation import hold
from backend.services.work import Work
from backend.settings import TIMEZONE


def place_order(work: Work, request: OrderRequest, idempotency_key: str) -> Order:
    """Place what was asked; a second call with the same key returns the first one's order.

    Priced anew under locks, so that what is reserved is there. Raises the refusals of
    `quote_order`, and `allowance_short` if the allowance was spent in the same instant.
    """
    earlier = work.session.scalar(select(Order).where(Order.idempotency_key == idempotency_key))
    if earlier is not None:
        return earlier
    service_day = request.window_start.astimezone(TIMEZONE).date()
    ensure_granted(work, request.elder_id, f"{service_day:%Y-%m}")
    quote = quote_order(work, request)
    if _room_is_scarce(work, quote):
        # Two elders want the last lunch: the second waits here and is then told the truth.
        work.session.execute(
            select(func.pg_advisory_xact_lock(_place_lock(quote.provider_id, request.code)))
        )
        quote = quote_order(work, request)
    order = Order(
        idempotency_key=idempotency_key,
        elder_id=request.elder_id,
        address_id=quote.address_id,
        state=OrderState.PLACED,
        code=request.code,
        service_day=service_day,
        window_start=request.window_start,
        window_end=request.window_end,
        duration_min=quote.duration_min,
        provider_id=quote.provider_id,
        placed_by_account_id=work.actor.account_id,
        channel=request.channel,
        diet=list(request.diet),
        note=request.note,
        total_fen=quote.total_fen,
        subsidy_fen=quote.subsidy_fen,
        self_pay_fen=quote.self_pay_fen,
        visit_code=f"{secrets.randbelow(10_000):04d}",
        placed_at=work.now,
        changed_at=work.now,
        round=0,
        lines=order_lines(quote),
    )
    work.session.add(order)
    work.session.flush()
    work.session.add(
        OrderEvent(
            order_id=order.id,
            at=work.now,
            move="place",
            from_state=None,
            to_state=order.state.value,
            actor=work.actor.name,
            channel=work.actor.channel,
            detail={"total_fen": quote.total_fen, "subsidy_fen": quote.subsidy_fen},
        )
    )
    hold(work, order)
    work.audit("place_order", "order", order.id, total_fen=order.total_fen)
    work.later("dispatch_order", order_id=order.id)
    return order


def order_lines(quote: Quote) -> list[OrderLine]:
    """A quote's lines as rows."""
    return [
        OrderLine(
            position=position,
            code=line.code,
            name=line.name,
            quantity=line.quantity,
            unit_price_fen=line.unit_price_fen,
            amount_fen=line.amount_fen,
            subsidy_fen=line.subsidy_fen,
            self_pay_fen=line.self_pay_fen,
        )
        for position, line in enumerate(quote.lines, start=1)
    ]


SCARCE = 50
"""With more room than this, orders placed in the same instant cannot overfill a kitchen."""


def _room_is_scarce(work: Work, quote: Quote) -> bool:
    offering = work.session.get(Offering, (quote.provider_id, quote.request.code))
    return (
        offering is not None
        and offering.daily_capacity is not None
        and offering.daily_capacity < SCARCE + quote.booked
    )


def _place_lock(provider_id: int, code: str) -> int:
    """One number for a provider and a service, for PostgreSQL's advisory locks."""
    return (provider_id << 31) ^ zlib.crc32(code.encode())
