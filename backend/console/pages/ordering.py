"""Ordering on behalf of an elder, in four clicks: begin, service, time, yes."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from flask import Blueprint, abort, request
from werkzeug.exceptions import BadRequest

from backend.console.door import Door, visitor
from backend.console.scope import require_elder
from backend.console.showing import page
from backend.console.words import refusal, words
from backend.db.models import Elder, Order, ServiceItem
from backend.domain.errors import DomainError
from backend.domain.slots import Slot, slots_of_day
from backend.services.lookup import Price, balance, catalogue, price_list
from backend.services.place_order import place_order
from backend.services.quote_order import MAX_QUANTITY, OrderRequest, quote_order
from backend.services.work import Work

DAYS_AHEAD = 4


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("ordering", __name__, url_prefix="/elders/<int:elder_id>/order")

    @blueprint.get("/")
    def services(elder_id: int) -> str:
        with door.work() as work:
            require_elder(work, visitor(), elder_id)
            offered = offered_to(work, elder_id)
            return page(
                "parts/order_services",
                elder=work.get(Elder, elder_id),
                offered=offered,
                balance=balance(work, elder_id),
            )

    @blueprint.get("/<code>")
    def times(elder_id: int, code: str) -> str:
        with door.work() as work:
            return _times(work, elder_id, code)

    @blueprint.get("/<code>/quote")
    def quote(elder_id: int, code: str) -> str:
        with door.work() as work:
            require_elder(work, visitor(), elder_id)
            try:
                quoted = quote_order(work, _asked(elder_id, code, request.args))
            except DomainError as refused:
                return _times(work, elder_id, code, refusal(refused))
            key = request.args.get("key") or f"console:{visitor().id}:{secrets.token_hex(8)}"
            elder = work.get(Elder, elder_id)
            return page("parts/order_quote", elder=elder, quote=quoted, key=key, most=MAX_QUANTITY)

    @blueprint.post("/<code>")
    def place(elder_id: int, code: str) -> str:
        key = request.form.get("key", "")
        if not key.startswith(f"console:{visitor().id}:"):
            abort(400)
        asked = _asked(elder_id, code, request.form)
        asked = replace(asked, note=request.form.get("note", "").strip()[:200])
        try:
            with door.work() as work:
                require_elder(work, visitor(), elder_id)
                order = place_order(work, asked, key)
        except DomainError as refused:
            with door.work() as work:
                return _times(work, elder_id, code, refusal(refused))
        with door.work() as work:
            return page(
                "parts/order_placed",
                elder=work.get(Elder, elder_id),
                order=work.get(Order, order.id),
                name=work.get(ServiceItem, code).name,
                left=balance(work, elder_id),
            )

    return blueprint


def offered_to(work: Work, elder_id: int) -> list[tuple[str, list[Price]]]:
    """What somebody offers where the elder lives, by category, in the order of `words.yaml`."""
    kinds = {item.code: item.category for item in catalogue(work)}
    order = list(words()["categories"])
    offered: dict[str, list[Price]] = {}
    for price in price_list(work, elder_id):
        offered.setdefault(kinds[price.code], []).append(price)
    known = order + [kind for kind in offered if kind not in order]
    return [(kind, offered[kind]) for kind in known if kind in offered]


def bookable(work: Work, item: ServiceItem) -> list[tuple[datetime, list[Slot]]]:
    """The next days on which it can be booked, with their windows."""
    midnight = work.local_now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    hours = (item.hours_from, item.hours_to)
    found = [
        (day, slots_of_day(day, hours, item.window_min, item.lead_min, work.now)) for day in days
    ]
    return [(day, slots) for day, slots in found if slots]


def _asked(elder_id: int, code: str, given: object) -> OrderRequest:
    """What the form asks for. Raises BadRequest for times that are none."""
    read = given.get  # type: ignore[attr-defined]
    try:
        start, end = (datetime.fromisoformat(read(name, "")) for name in ("start", "end"))
        quantity = int(read("quantity", "1"))
    except ValueError as error:
        raise BadRequest from error
    if start.tzinfo is None or end.tzinfo is None:
        raise BadRequest
    return OrderRequest(elder_id, code, start, end, quantity, channel="console")


def _times(work: Work, elder_id: int, code: str, refused: str | None = None) -> str:
    """When it can be had; `refused`: why not at the time that was wanted."""
    require_elder(work, visitor(), elder_id)
    item = work.get(ServiceItem, code)
    elder = work.get(Elder, elder_id)
    days = bookable(work, item)
    return page("parts/order_times", elder=elder, item=item, days=days, refused=refused)
