"""Who looked at whose file, and when; and who took lists of people out of the house."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, request
from sqlalchemy import select

from backend.console.door import Door, visitor
from backend.console.scope import elders_of
from backend.console.showing import page
from backend.db.models import ConsoleUser
from backend.services.looks import Asked, looks
from backend.services.work import Work

A_PAGE = 50
SHOWN_DAYS = 7


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("audits", __name__)

    @blueprint.get("/audits")
    def show() -> str:
        with door.work() as work:
            asked = _asked(work)
            before_id = request.args.get("before", type=int)
            whole_city = not visitor().towns
            found = looks(work, asked, elders_of(visitor()), whole_city, A_PAGE + 1, before_id)
            people = select(ConsoleUser.id, ConsoleUser.name, ConsoleUser.login)
            return page(
                "audits",
                asked=asked,
                rows=found[:A_PAGE],
                more=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
                is_first=before_id is None,
                people=work.session.execute(people.order_by(ConsoleUser.name)).all(),
            )

    return blueprint


def _asked(work: Work) -> Asked:
    today = work.local_now.date()
    since, until = sorted(
        (_day("since", today - timedelta(days=SHOWN_DAYS - 1)), _day("until", today))
    )
    elder = request.args.get("elder", "").strip()[:40]
    return Asked(since, until, request.args.get("who", type=int), elder)


def _day(name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return otherwise
