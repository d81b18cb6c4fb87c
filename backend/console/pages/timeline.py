"""The timeline: the day's workers beside each other, and above them the orders nobody has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from math import ceil, floor

from flask import Blueprint, request
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from backend.console.days import around, asked_day
from backend.console.door import Door, visitor
from backend.console.pages.board import SEEKS, seen_order
from backend.console.scope import orders_of, workers_of
from backend.console.showing import is_part, page
from backend.db.models import Order
from backend.services.day_of_workers import Lane, day_of_workers
from backend.services.elder_file import service_names
from backend.services.fit_workers import Fitness, fit_workers
from backend.services.work import Work
from backend.settings import TIMEZONE

A_PAGE = 30
NOBODY_AT_MOST = 40
EARLIEST, LATEST = 7, 19
"""The hours that are shown in any case; the day grows with what is in it."""
QUARTERS = 4
"""Columns an hour."""


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("timeline", __name__)

    @blueprint.get("/board/timeline")
    def show() -> str:
        with door.work() as work:
            return page("parts/lanes" if is_part() else "timeline", **_timeline(work))

    return blueprint


def _timeline(work: Work) -> dict[str, object]:
    """A page of workers with their day; those who fit `order` first, if one is given."""
    day = asked_day(work)
    number = max(request.args.get("page", 1, type=int), 1)
    typed = request.args.get("typed", "").strip()[:40]
    chosen, fits = _chosen(work)
    if chosen is not None:
        day = chosen.service_day
    lanes = day_of_workers(
        work, day, workers_of(visitor()), orders_of(visitor()), first=_best_first(fits),
        typed=typed, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1,
    )  # fmt: skip
    more, lanes = len(lanes) > A_PAGE, lanes[:A_PAGE]
    if chosen is not None:
        fits = fit_workers(work, chosen, [lane.worker.id for lane in lanes])
    nobody, how_many = _nobody(work, day)
    first_hour, last_hour = _hours(day, lanes)
    return around(day) | {
        "lanes": lanes,
        "fits": fits,
        "chosen": chosen,
        "nobody": nobody,
        "nobody_count": how_many,
        "hours": range(first_hour, last_hour),
        "column": _Columns(day, first_hour, last_hour),
        "now": work.local_now if work.local_now.date() == day else None,
        "names": service_names(work),
        "number": number,
        "more": more,
        "typed": typed,
    }


def _chosen(work: Work) -> tuple[Order | None, dict[int, Fitness]]:
    order_id = request.args.get("order", type=int)
    if order_id is None:
        return None, {}
    order = seen_order(work, order_id)
    return order, fit_workers(work, order)


def _best_first(fits: dict[int, Fitness]) -> list[int]:
    """Who fits, the best first; then who has it; then the others matching looks at."""

    def place(worker_id: int) -> tuple[float, int]:
        fit = fits[worker_id]
        if fit.scored is not None:
            return -fit.scored.score, worker_id
        return (1.0 if fit.gate == "has_it" else 2.0), worker_id

    return sorted(fits, key=place)


def _nobody(work: Work, day: date) -> tuple[Sequence[Order], int]:
    """The day's orders that nobody has, and how many there are of them in all."""
    mine = (Order.service_day == day) & Order.state.in_(SEEKS) & orders_of(visitor())
    found = work.session.scalars(
        select(Order)
        .where(mine)
        .options(selectinload(Order.elder))
        .order_by(Order.window_start, Order.id)
        .limit(NOBODY_AT_MOST)
    ).all()
    how_many = work.session.scalar(select(func.count()).select_from(Order).where(mine)) or 0
    return found, how_many


def _hours(day: date, lanes: Sequence[Lane]) -> tuple[int, int]:
    """The first hour shown, and the hour at which the day ends."""
    midnight = datetime.combine(day, time(), TIMEZONE)
    spans = [span for lane in lanes for span in lane.hours]
    spans += [(job.begins, job.ends) for lane in lanes for job in lane.jobs]
    begins = [floor((begin - midnight) / timedelta(hours=1)) for begin, _ in spans]
    ends = [ceil((end - midnight) / timedelta(hours=1)) for _, end in spans]
    return max(0, min([EARLIEST, *begins])), min(24, max([LATEST, *ends]))


class _Columns:
    """In which column of the day a moment lies: 1 where the first shown hour begins."""

    def __init__(self, day: date, first_hour: int, last_hour: int) -> None:
        self._begin = datetime.combine(day, time(first_hour), TIMEZONE)
        self._last = (last_hour - first_hour) * QUARTERS

    def at(self, moment: datetime) -> int:
        quarters = floor((moment - self._begin) / timedelta(minutes=60 / QUARTERS))
        return min(max(quarters, 0), self._last - 1) + 1

    def to(self, moment: datetime) -> int:
        """The column before which something ends."""
        quarters = ceil((moment - self._begin) / timedelta(minutes=60 / QUARTERS))
        return min(max(quarters, 1), self._last) + 1
