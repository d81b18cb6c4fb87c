"""A provider's week: who works when, who is away, how much they have to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from flask import Blueprint, Response, make_response, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from backend.console.days import day_or
from backend.console.door import Door, visitor
from backend.console.forms import day, hour, text, tried
from backend.console.pages.workers import seen_member
from backend.console.scope import workers_of
from backend.console.showing import is_part, page
from backend.db.models import Worker
from backend.domain.menus import WEEK, monday_of
from backend.domain.shifts import MOST_SPANS, WEEKDAYS, Span
from backend.services.keep_hours import come_back, keep_hours, take_days_off
from backend.services.staff import absences_of, week_of
from backend.services.work import Work

A_PAGE = 40


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("shifts", __name__, url_prefix="/provider/shifts")

    @blueprint.get("")
    def show() -> str:
        number = max(request.args.get("page", 1, type=int), 1)
        with door.work() as work:
            monday = _monday(work)
            found = work.session.scalars(
                select(Worker)
                .where(workers_of(visitor()), Worker.is_active)
                .options(selectinload(Worker.shifts))
                .order_by(Worker.name, Worker.id)
                .offset((number - 1) * A_PAGE)
                .limit(A_PAGE + 1)
            ).all()
            people = found[:A_PAGE]
            return page(
                "parts/shifts" if is_part() else "shifts",
                people=people,
                week=week_of(work, people, monday),
                days=[monday + timedelta(days=ahead) for ahead in range(WEEKDAYS)],
                today=work.local_now.date(),
                before=monday - WEEK,
                after=monday + WEEK,
                number=number,
                more=len(found) > A_PAGE,
            )

    @blueprint.get("/<int:worker_id>")
    def hours(worker_id: int) -> str:
        with door.work() as work:
            return _hours(work, worker_id)

    @blueprint.post("/<int:worker_id>")
    def keep(worker_id: int) -> Response:
        return _changed(worker_id, lambda work: keep_hours(work, worker_id, _week()))

    @blueprint.post("/<int:worker_id>/away")
    def away(worker_id: int) -> Response:
        freed: list[int] = []

        def change(work: Work) -> None:
            first = day("first")
            last = day("last") if text("last") else first
            freed.append(take_days_off(work, worker_id, first, last, text("reason")))

        return _changed(worker_id, change, freed)

    @blueprint.post("/<int:worker_id>/back")
    def back(worker_id: int) -> Response:
        return _changed(worker_id, lambda work: come_back(work, worker_id, day("day")))

    def _changed(
        worker_id: int, change: Callable[[Work], object], freed: list[int] | None = None
    ) -> Response:
        with door.work() as work:
            seen_member(work, worker_id)
        said = tried(door, change)
        with door.work() as work:
            shown = _hours(work, worker_id, said, freed[0] if freed else 0)
            response = make_response(shown, 422 if said else 200)
        response.headers["HX-Trigger"] = "shifts-changed"
        return response

    return blueprint


def _monday(work: Work) -> date:
    return monday_of(day_or(request.args.get("week"), work.local_now.date()))


def _hours(work: Work, worker_id: int, said: str | None = None, freed: int = 0) -> str:
    worker = seen_member(work, worker_id).worker
    spans: list[list[Span]] = [[] for _ in range(WEEKDAYS)]
    for shift in worker.shifts:
        spans[shift.weekday].append(Span(shift.starts, shift.ends))
    return page(
        "parts/worker_hours",
        worker=worker,
        spans=[sorted(of_day) for of_day in spans],
        most=MOST_SPANS,
        absences=absences_of(work, worker_id),
        today=work.local_now.date(),
        said=said,
        freed=freed,
    )


def _week() -> dict[int, list[Span]]:
    """The form's spans by weekday; a row that is empty is none. Raises DomainError `bad_span`."""
    week: dict[int, list[Span]] = {}
    for weekday in range(WEEKDAYS):
        for place in range(MOST_SPANS):
            begins, ends = text(f"from-{weekday}-{place}"), text(f"to-{weekday}-{place}")
            if begins or ends:
                week.setdefault(weekday, []).append(Span(hour(begins), hour(ends)))
    return week
