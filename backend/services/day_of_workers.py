"""A day of many workers beside each other: when each is there, and what each has promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import joinedload
from sqlalchemy.types import BigInteger

from backend.db.models import Absence, Elder, Order, Provider, ServiceItem, Shift, Worker
from backend.domain.orders import OrderState
from backend.services.work import Work
from backend.settings import TIMEZONE

TAKES_TIME = (
    OrderState.ACCEPTED, OrderState.ON_THE_WAY, OrderState.IN_SERVICE, OrderState.FINISHED,
    OrderState.REVIEWED, OrderState.MISSED,
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """One order of a worker's day, or a round of meals with one of its orders standing for all.

    Where `is_ours` is false the visitor must not see whose it is: only that time is taken.
    """

    order_id: int
    number: str
    code: str
    state: OrderState
    begins: datetime
    ends: datetime
    elder: str
    town: str
    portions: int
    count: int
    is_ours: bool


@dataclass(frozen=True)
class Lane:
    """A worker's day. `hours`: when the shifts of this day begin and end."""

    worker: Worker
    hours: tuple[tuple[datetime, datetime], ...]
    is_absent: bool
    jobs: tuple[Job, ...]


def day_of_workers(
    work: Work,
    day: date,
    who: ColumnElement[bool],
    ours: ColumnElement[bool],
    first: Sequence[int] = (),
    typed: str = "",
    offset: int = 0,
    limit: int = 40,
) -> list[Lane]:
    """The lanes of the workers under the condition `who`; of one provider or name if `typed`.

    `first` are ids of workers who come before all others, in this order; then come those who have
    jobs. `ours` is a condition on orders: whose they are is told for these alone.
    """
    workers = _workers(work, day, who, first, typed, offset, limit)
    ids = [worker.id for worker in workers]
    hours: dict[int, list[tuple[datetime, datetime]]] = {i: [] for i in ids}
    shifts = select(Shift).where(Shift.worker_id.in_(ids), Shift.weekday == day.weekday())
    for shift in work.session.scalars(shifts.order_by(Shift.starts)):
        span = [datetime.combine(day, t, TIMEZONE) for t in (shift.starts, shift.ends)]
        hours[shift.worker_id].append((span[0], span[1]))
    absences = select(Absence.worker_id).where(Absence.worker_id.in_(ids), Absence.day == day)
    absent = set(work.session.scalars(absences))
    jobs = _jobs(work, day, ids, ours)
    return [Lane(w, tuple(hours[w.id]), w.id in absent, tuple(jobs[w.id])) for w in workers]


def _workers(
    work: Work,
    day: date,
    who: ColumnElement[bool],
    first: Sequence[int],
    typed: str,
    offset: int,
    limit: int,
) -> Sequence[Worker]:
    has_jobs = (
        select(Order.id).where(Order.worker_id == Worker.id, Order.service_day == day).exists()
    )
    query = select(Worker).join(Provider).where(Worker.is_active, who)
    if typed:
        query = query.where(
            Worker.name.contains(typed, autoescape=True)
            | Provider.name.contains(typed, autoescape=True)
        )
    place = func.array_position(literal(list(first), ARRAY(BigInteger)), Worker.id)
    return work.session.scalars(
        query.options(joinedload(Worker.provider))
        .order_by(
            place.asc().nulls_last(), case((has_jobs, 0), else_=1), Provider.name, Worker.name,
            Worker.id,
        )
        .offset(offset)
        .limit(limit)
    ).all()  # fmt: skip


def _jobs(work: Work, day: date, ids: list[int], ours: ColumnElement[bool]) -> dict[int, list[Job]]:
    jobs: dict[int, list[Job]] = {i: [] for i in ids}
    rows = work.session.execute(
        select(Order, Elder.name, Elder.town, ServiceItem.shared_visit, ours)
        .join(Elder, Elder.id == Order.elder_id)
        .join(ServiceItem, ServiceItem.code == Order.code)
        .where(Order.worker_id.in_(ids), Order.service_day == day, Order.state.in_(TAKES_TIME))
        .order_by(Order.worker_id, Order.window_start, Order.code, Order.state, Order.id)
    ).tuples()

    def same_round(row: tuple[Order, str, str, bool, bool]) -> tuple[object, ...]:
        order, _, _, is_shared, is_ours = row
        one = () if is_shared and is_ours else (order.id,)
        return (order.worker_id, order.window_start, order.code, order.state, is_ours, *one)

    for _, together in groupby(rows, same_round):
        group = list(together)
        order, elder, town, is_shared, is_ours = group[0]
        assert order.worker_id is not None
        ends = order.window_start + timedelta(minutes=order.duration_min)
        job = Job(
            order.id, order.number, order.code, order.state, order.window_start,
            order.window_end if is_shared else ends, elder, town,
            sum(row[0].quantity for row in group), len(group), bool(is_ours),
        )  # fmt: skip
        jobs[order.worker_id].append(job)
    return jobs
