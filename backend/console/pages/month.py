"""A provider's month so far: visits, hours, money, and how far it is settled."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, request

from backend.console.days import day_or
from backend.console.door import Door, visitor
from backend.console.scope import provider_of
from backend.console.showing import page
from backend.services.provider_month import provider_month
from backend.services.work import Work


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("month", __name__)

    @blueprint.get("/provider/month")
    def show() -> str:
        with door.work() as work:
            first = _first(work)
            this = work.local_now.date().replace(day=1)
            following = (first + timedelta(days=32)).replace(day=1)
            return page(
                "month",
                found=provider_month(work, provider_of(visitor()), first),
                first=first,
                before=(first - timedelta(days=1)).replace(day=1),
                after=following if following <= this else None,
                now=work.now,
            )

    return blueprint


def _first(work: Work) -> date:
    """The first day of the month asked for (`YYYY-MM`); of this one without."""
    return day_or(f"{request.args.get('month', '')}-01", work.local_now.date()).replace(day=1)
