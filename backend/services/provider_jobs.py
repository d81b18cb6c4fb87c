"""A provider's orders of some days."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from backend.db.models import Order
from backend.domain.orders import OrderState
from backend.services.work import Work


@dataclass(frozen=True)
class Jobs:
    """A page of a provider's orders. `counts` has all the orders of each state, whichever are
    shown, `by_day` those of each day that are neither cancelled nor missed."""

    orders: tuple[Order, ...]
    more: bool
    counts: Counter[OrderState]
    by_day: Counter[date]


GONE = frozenset({OrderState.CANCELLED, OrderState.MISSED})


def provider_jobs(
    work: Work,
    ours: ColumnElement[bool],
    first: date,
    last: date,
    state: OrderState | None,
    skip: int,
    most: int,
) -> Jobs:
    """The orders from `first` to `last` by time, of one state if named, without the first
    `skip`."""
    days = Order.service_day.between(first, last)
    counts: Counter[OrderState] = Counter()
    by_day: Counter[date] = Counter()
    for day, of, count in work.session.execute(
        select(Order.service_day, Order.state, func.count())
        .where(days, ours)
        .group_by(Order.service_day, Order.state)
    ).tuples():
        counts[of] += count
        by_day[day] += 0 if of in GONE else count
    query = select(Order).where(days, ours)
    if state is not None:
        query = query.where(Order.state == state)
    found = work.session.scalars(
        query.options(joinedload(Order.elder), joinedload(Order.address), joinedload(Order.worker))
        .order_by(Order.service_day, Order.window_start, Order.id)
        .offset(skip)
        .limit(most + 1)
    ).all()
    return Jobs(tuple(found[:most]), len(found) > most, counts, by_day)
