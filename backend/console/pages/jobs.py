"""A provider's orders of a day or a week."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from backend.console.days import around, asked_day
from backend.console.door import Door, visitor
from backend.console.scope import orders_of
from backend.console.showing import is_part, page
from backend.db.models import Order
from backend.domain.errors import NotFound
from backend.domain.menus import WEEK, monday_of
from backend.domain.orders import OrderState
from backend.services.elder_file import service_names
from backend.services.provider_jobs import provider_jobs
from backend.services.work import Work

A_PAGE = 50


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("jobs", __name__, url_prefix="/provider/jobs")

    @blueprint.get("")
    def show() -> str:
        with door.work() as work:
            return page("parts/jobs" if is_part() else "jobs", **_span(work))

    @blueprint.get("/<int:order_id>")
    def job(order_id: int) -> str:
        with door.work() as work:
            found = work.session.scalar(
                select(Order)
                .where(Order.id == order_id, orders_of(visitor()))
                .options(
                    joinedload(Order.elder), joinedload(Order.address), joinedload(Order.worker),
                    joinedload(Order.visit), joinedload(Order.review),
                )
            )  # fmt: skip
            if found is None:
                raise NotFound("not_found", what="Order", key=order_id)
            return page("parts/job", order=found, names=service_names(work))

    return blueprint


def _span(work: Work) -> dict[str, object]:
    day = asked_day(work)
    is_week = request.args.get("span") == "week"
    first = monday_of(day) if is_week else day
    last = first + WEEK - timedelta(days=1) if is_week else day
    wanted = request.args.get("state", "")
    state = OrderState(wanted) if wanted in set(OrderState) else None
    number = max(request.args.get("page", 1, type=int), 1)
    jobs = provider_jobs(
        work, orders_of(visitor()), first, last, state, (number - 1) * A_PAGE, A_PAGE
    )
    step = WEEK if is_week else timedelta(days=1)
    return around(day) | {
        "jobs": jobs,
        "is_week": is_week,
        "span": "week" if is_week else None,
        "first": first,
        "earlier": day - step,
        "later": day + step,
        "days": [first + timedelta(days=ahead) for ahead in range(WEEK.days if is_week else 1)],
        "state": state,
        "states": list(OrderState),
        "number": number,
        "names": service_names(work),
        "today": work.local_now.date(),
    }
