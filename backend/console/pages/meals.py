"""The day's meals by canteen and round, and the list that a kitchen prints."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint

from backend.console.days import around, asked_day
from backend.console.door import Door, visitor
from backend.console.scope import orders_of
from backend.console.showing import is_part, page
from backend.domain.errors import NotFound
from backend.services.day_of_meals import day_of_meals, kitchen
from backend.services.elder_file import service_names
from backend.services.work import Work


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("meals", __name__)

    @blueprint.get("/board/meals")
    def show() -> str:
        with door.work() as work:
            return page("parts/meals" if is_part() else "meals", **_meals(work))

    @blueprint.get("/board/meals/<int:provider_id>/<code>")
    def list_for_kitchen(provider_id: int, code: str) -> str:
        with door.work() as work:
            day = asked_day(work)
            found = kitchen(work, provider_id, code, day, orders_of(visitor()))
            if not found.orders:
                raise NotFound("not_found", what="Kitchen", key=provider_id)
            # Names and homes leave the house on paper: it is written down who made the list.
            work.audit("print_meals", "provider", provider_id, code=code, day=day.isoformat())
            return page("kitchen", kitchen=found, printed=work.now, **around(day))

    return blueprint


def _meals(work: Work) -> dict[str, object]:
    day = asked_day(work)
    rounds = day_of_meals(work, day, orders_of(visitor()))
    canteens = [
        (name, list(of_one))
        for (_, name), of_one in groupby(rounds, lambda one: (one.provider_id, one.provider))
    ]
    return around(day) | {
        "canteens": canteens,
        "portions": sum(one.portions for one in rounds),
        "without_rider": sum(one.without_rider for one in rounds),
        "names": service_names(work),
    }
