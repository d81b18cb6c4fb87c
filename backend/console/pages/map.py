"""The map: where the day's orders are and where the workers begin."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, request

from backend.console.days import around, asked_day
from backend.console.door import Door, visitor
from backend.console.safety import HEADERS
from backend.console.scope import elders_of, orders_of, workers_of
from backend.console.showing import page
from backend.console.words import hour, word
from backend.db.models import Order
from backend.services.day_of_places import AT_MOST, ground, order_places, worker_places
from backend.services.elder_file import service_names
from backend.services.work import Work
from backend.settings import get_settings

POLICY = "Content-Security-Policy"


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("map", __name__)

    @blueprint.get("/board/map")
    def show() -> Response:
        tiles = get_settings().tiles
        with door.work() as work:
            response = make_response(page("map", tiles=tiles, **around(asked_day(work))))
        response.headers[POLICY] = policy_with(tiles)
        return response

    @blueprint.get("/board/map/places")
    def places() -> Response:
        with door.work() as work:
            found = _places(work, with_ground="ground" in request.args)
            return Response(json.dumps(found, ensure_ascii=False), mimetype="application/json")

    return blueprint


def policy_with(tiles: str) -> str:
    """The pages' content security policy, with pictures from where the tiles come from too."""
    if not tiles:
        return HEADERS[POLICY]
    parts = urlsplit(tiles)
    host = parts.netloc.replace("{s}", "*")
    ours = "img-src 'self' data:"
    return HEADERS[POLICY].replace(ours, f"{ours} {parts.scheme}://{host}")


def _places(work: Work, *, with_ground: bool) -> dict[str, object]:
    day, me = asked_day(work), visitor()
    names = service_names(work)
    orders = order_places(work, day, orders_of(me))
    found: dict[str, object] = {
        "orders": [
            {"id": place.order.id, "lat": place.lat, "lon": place.lon}
            | _looks(place.order, place.elder, names)
            for place in orders
        ],
        "workers": [
            {"id": w.id, "lat": w.lat, "lon": w.lon, "label": w.name}
            for w in worker_places(work, day, workers_of(me))
        ],
        "full": len(orders) == AT_MOST,
    }
    if with_ground:
        lived_in = elders_of(me)
        found["ground"] = [
            {"town": g.town, "community": g.community, "lat": g.lat, "lon": g.lon, "m": g.radius_m}
            for g in ground(work, lived_in)
        ]
    return found


def _looks(order: Order, elder: str, names: dict[str, str]) -> dict[str, str]:
    state = word("orders", order.state)
    label = f"{hour(order.window_start)} {elder} {names[order.code]} {state['word']}"
    return {"sign": state["sign"], "tone": state["tone"], "label": label}
