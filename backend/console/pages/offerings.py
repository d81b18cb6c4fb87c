"""A provider's own catalogue: what it offers, at which price, how early it must be asked."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, Response, make_response

from backend.console.door import Door, visitor
from backend.console.forms import fen, number, tried
from backend.console.scope import provider_of
from backend.console.showing import is_part, page
from backend.domain.errors import NotFound
from backend.domain.offerings import Terms
from backend.services.offer_service import close_service, offer_service
from backend.services.provider_catalogue import provider_catalogue
from backend.services.work import Work

AN_HOUR = 60


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("offerings", __name__, url_prefix="/provider/offerings")

    @blueprint.get("")
    def show() -> str:
        with door.work() as work:
            lines = provider_catalogue(work, provider_of(visitor()))
            return page(
                "parts/offerings" if is_part() else "offerings",
                categories=[
                    (name, list(of_one))
                    for name, of_one in groupby(lines, lambda one: one.item.category)
                ],
                open=sum(one.is_open for one in lines),
            )

    @blueprint.get("/<code>")
    def line(code: str) -> str:
        with door.work() as work:
            return _line(work, code)

    @blueprint.post("/<code>/offer")
    def offer(code: str) -> Response:
        def change(work: Work) -> None:
            hours = number("lead_hours")
            terms = Terms(
                fen("price"),
                fen("delivery"),
                number("capacity"),
                hours * AN_HOUR if hours is not None else None,
            )
            offer_service(work, provider_of(visitor()), code, terms)

        return _changed(code, tried(door, change))

    @blueprint.post("/<code>/close")
    def close(code: str) -> Response:
        return _changed(
            code, tried(door, lambda work: close_service(work, provider_of(visitor()), code))
        )

    def _changed(code: str, said: str | None) -> Response:
        with door.work() as work:
            response = make_response(_line(work, code, said))
        response.status_code = 422 if said else 200
        response.headers["HX-Trigger"] = "offerings-changed"
        return response

    return blueprint


def _line(work: Work, code: str, said: str | None = None) -> str:
    found = provider_catalogue(work, provider_of(visitor()), code)
    if not found:
        raise NotFound("not_found", what="ServiceItem", key=code)
    return page("parts/offering", line=found[0], said=said)
