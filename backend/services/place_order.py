"""Place an order: the price is fixed, the subsidy held, and the search for a worker begins."""

import json
import secrets
import zlib
from datetime import UTC

from sqlalchemy import select
from sqlalchemy.orm import make_transient_to_detached

from backend.db.models import Order, OrderLine
from backend.domain.errors import DomainError
from backend.domain.orders import OrderState
from backend.jobs.queue import deferred
from backend.services.grant_allowance import grant_allowance
from backend.services.ledger import require_moved
from backend.services.quote_facts import PLACES_TAKEN
from backend.services.quote_order import OrderRequest, Quote, quote_order
from backend.services.reservation import HOLD_PLACED, hold_values
from backend.services.work import Work
from backend.settings import TIMEZONE


def place_order(work: Work, request: OrderRequest, idempotency_key: str) -> Order:
    """Place what was asked; a second call with the same key returns the first one's order, also
    when both come in the same instant.

    Priced anew; what is reserved is there, and the provider has the room. Raises the refusals of
    `quote_order`, and `allowance_short` if the allowance was spent in the same instant.
    """
    while True:
        try:
            quote = _quote_granted(work, request)
        except DomainError:
            # The first call may have taken the very room that the second is refused for.
            earlier = _placed_with(work, idempotency_key)
            if earlier is None:
                raise
            return earlier
        order = _insert(work, quote, idempotency_key)
        if order is not None:
            return order
        earlier = _placed_with(work, idempotency_key)
        if earlier is not None:
            return earlier
        # Somebody else got the last places just now: the next quote knows it.


def _quote_granted(work: Work, request: OrderRequest) -> Quote:
    """A quote on an allowance that is there: the first order of a month brings it about."""
    quote = quote_order(work, request)
    if quote.subsidy_fen and not quote.is_granted:
        grant_allowance(work, request.elder_id, quote.month)
        quote = quote_order(work, request)
    return quote


def _placed_with(work: Work, idempotency_key: str) -> Order | None:
    return work.session.scalar(select(Order).where(Order.idempotency_key == idempotency_key))


def _insert(work: Work, quote: Quote, idempotency_key: str) -> Order | None:
    """The order with all that belongs to it; None if the key was used or the provider is full.

    Raises DomainError `allowance_short`.
    """
    request = quote.request
    columns = {
        "idempotency_key": idempotency_key,
        "elder_id": request.elder_id,
        "address_id": quote.address_id,
        "state": OrderState.PLACED,
        "code": request.code,
        "quantity": request.quantity,
        "service_day": request.window_start.astimezone(TIMEZONE).date(),
        "window_start": request.window_start.astimezone(UTC),
        "window_end": request.window_end.astimezone(UTC),
        "duration_min": quote.duration_min,
        "provider_id": quote.provider_id,
        "worker_id": None,
        "placed_by_account_id": work.actor.account_id,
        "channel": request.channel,
        "diet": list(request.diet),
        "note": request.note,
        "total_fen": quote.total_fen,
        "subsidy_fen": quote.subsidy_fen,
        "self_pay_fen": quote.self_pay_fen,
        "visit_code": f"{secrets.randbelow(10_000):04d}",
        "placed_at": work.now,
        "changed_at": work.now,
        "cancel_reason": None,
        "round": 0,
    }
    lines = [{"position": n} | vars(line) for n, line in enumerate(quote.lines, start=1)]
    values = {
        "order": json.dumps(columns, default=str),
        "lines": json.dumps(lines),
        "daily_capacity": quote.daily_capacity,
        "actor": work.actor.name,
        "channel": work.actor.channel,
    }
    posting, statement = None, _PLACE
    if quote.subsidy_fen:
        posting, money = hold_values(request.elder_id, quote.month, quote.subsidy_fen)
        values, statement = values | money, _PLACE_AND_HOLD
    if quote.daily_capacity is not None:
        # Two elders want the last lunch: the second waits for the lock, and only then counts.
        work.run(_LOCK, {"place": _place_lock(quote)})
    rows = work.run(statement, values)
    if not rows:
        return None
    order_id, number, *moved = rows[0]
    if posting is not None:
        require_moved(posting, moved[0])
    order = Order(id=order_id, number=number, **columns)
    make_transient_to_detached(order)  # its row stands already
    work.session.add(order)
    return order


def _place_lock(quote: Quote) -> int:
    """One number for a provider, a service and a day, for PostgreSQL's advisory locks."""
    day = quote.request.window_start.astimezone(TIMEZONE).date()
    return (quote.provider_id << 32) | zlib.crc32(f"{quote.request.code} {day}".encode())


_LOCK = "SELECT pg_advisory_xact_lock(%(place)s)"

_TAKEN = PLACES_TAKEN.format(
    provider_id="wish.provider_id", day="wish.service_day", code="wish.code"
)

_ENQUEUED = deferred("dispatch_order", order_id="placed.id")

# One statement for all rows, since a round trip for each would take most of the time.
_ROWS = f"""
WITH wish AS (
    SELECT * FROM jsonb_populate_record(NULL::orders, CAST(%(order)s AS jsonb))
), placed AS (
    INSERT INTO orders (
        idempotency_key, elder_id, address_id, state, code, quantity, service_day,
        window_start, window_end, duration_min, provider_id, placed_by_account_id,
        channel, diet, note, total_fen, subsidy_fen, self_pay_fen, visit_code,
        placed_at, changed_at
    )
    SELECT idempotency_key, elder_id, address_id, state, code, quantity, service_day,
        window_start, window_end, duration_min, provider_id, placed_by_account_id,
        channel, diet, note, total_fen, subsidy_fen, self_pay_fen, visit_code,
        placed_at, placed_at
    FROM wish
    WHERE CAST(%(daily_capacity)s AS int) IS NULL
        OR quantity + ({_TAKEN}) <= CAST(%(daily_capacity)s AS int)
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING *
), lines AS (
    INSERT INTO order_lines (
        order_id, position, code, name, quantity, unit_price_fen, amount_fen,
        subsidy_fen, self_pay_fen
    )
    SELECT placed.id, line.position, line.code, line.name, line.quantity,
        line.unit_price_fen, line.amount_fen, line.subsidy_fen, line.self_pay_fen
    FROM placed,
        jsonb_populate_recordset(NULL::order_lines, CAST(%(lines)s AS jsonb)) AS line
), event AS (
    INSERT INTO order_events (order_id, at, move, to_state, actor, channel, detail)
    SELECT id, placed_at, 'place', state, %(actor)s, %(channel)s,
        jsonb_build_object('total_fen', total_fen, 'subsidy_fen', subsidy_fen)
    FROM placed
), audit AS (
    INSERT INTO audits (at, actor, channel, action, subject, subject_id, changes)
    SELECT placed_at, %(actor)s, %(channel)s, 'place_order', 'order', id,
        jsonb_build_object('total_fen', total_fen)
    FROM placed
)"""
_PLACE = f"""{_ROWS}
SELECT id, number FROM placed, LATERAL {_ENQUEUED} AS job
"""
_PLACE_AND_HOLD = f"""{_ROWS}, {HOLD_PLACED}
SELECT id, number, (SELECT count(*) FROM entries) FROM placed, LATERAL {_ENQUEUED} AS job
"""


def order_lines(quote: Quote) -> list[OrderLine]:
    """A quote's lines as rows."""
    return [
        OrderLine(position=position, **vars(line))
        for position, line in enumerate(quote.lines, start=1)
    ]
