"""For the family: the elder's day, an order with its steps, and what may be done to it."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, request, url_for

from backend.db.models import Link, Order, Provider, ServiceItem
from backend.domain.errors import DomainError, NotFound
from backend.domain.orders import Move, OrderState, may
from backend.services.cancel_order import cancel_order
from backend.services.change_order import OrderChange, change_order, quote_change
from backend.services.family_day import family_day, followed
from backend.services.permissions import require_follows
from backend.services.review_order import review_order
from backend.services.visit_photos import has_photo, photo_of
from backend.services.work import Work
from bot.pages.asked import Asked, asked_of, bookable
from bot.pages.door import PageDoor, guest
from bot.pages.showing import page, refusal
from bot.pages.taps import Answer, take

RATES = frozenset({OrderState.FINISHED, OrderState.REVIEWED})
SHOWS_CODE = frozenset({OrderState.ACCEPTED, OrderState.ON_THE_WAY})
LONGEST_WORDS = 300
YEARS_AROUND = 5


def routes(door: PageDoor) -> Blueprint:
    blueprint = Blueprint("family", __name__)

    @blueprint.get("/day")
    def day() -> str:
        with door.work() as work:
            links = followed(work, guest().account_id)
            if not links:
                return page("nobody")
            link = chosen(links)
            shown = asked_day(work)
            return page(
                "day",
                links=links,
                link=link,
                found=family_day(work, link.elder_id, shown),
                before=shown - timedelta(days=1),
                after=shown + timedelta(days=1),
                today=work.local_now.date(),
            )

    @blueprint.get("/orders/<int:order_id>")
    def order(order_id: int) -> str:
        with door.work() as work:
            found = followed_order(work, order_id)
            return page(
                "order",
                order=found,
                item=work.get(ServiceItem, found.code),
                provider=work.get(Provider, found.provider_id),
                may_change=may(found.state, Move.CHANGE),
                may_cancel=may(found.state, Move.CANCEL),
                rates=found.state in RATES,
                shows_code=found.state in SHOWS_CODE,
                has_photo=has_photo(work, found.id),
            )

    @blueprint.get("/orders/<int:order_id>/photo")
    def photo(order_id: int) -> Response:
        with door.work() as work:
            followed_order(work, order_id)
            return Response(photo_of(work, order_id), mimetype="image/jpeg")

    @blueprint.post("/orders/<int:order_id>/cancel")
    def cancel(order_id: int) -> Answer:
        here = url_for("pages.family.order", order_id=order_id)

        def act(work: Work) -> str:
            cancel_order(work, order_id, _words("reason"))
            return here

        return take(door, act, here)

    @blueprint.post("/orders/<int:order_id>/review")
    def review(order_id: int) -> Answer:
        here = url_for("pages.family.order", order_id=order_id)

        def act(work: Work) -> str:
            review_order(work, order_id, request.form.get("stars", 0, type=int), _words("words"))
            return here

        return take(door, act, here)

    @blueprint.get("/orders/<int:order_id>/change")
    def ask_change(order_id: int) -> str:
        with door.work() as work:
            found = followed_order(work, order_id)
            asked = asked_of(request.args, _as_it_is(found))
            quote, refused = None, None
            try:
                quote = quote_change(work, order_id, _change(asked))
            except DomainError as error:
                refused = refusal(error)
            item = work.get(ServiceItem, found.code)
            return page(
                "change",
                order=found,
                item=item,
                asked=asked,
                as_it_is=_as_it_is(found),
                days=bookable(work, item),
                quote=quote,
                refused=refused,
            )

    @blueprint.post("/orders/<int:order_id>/change")
    def change(order_id: int) -> Answer:
        def act(work: Work) -> str:
            found = followed_order(work, order_id)
            change_order(work, order_id, _change(asked_of(request.form, _as_it_is(found))))
            return url_for("pages.family.order", order_id=order_id)

        return take(door, act, url_for("pages.family.ask_change", order_id=order_id))

    return blueprint


def chosen(links: list[Link]) -> Link:
    """The link to the elder whom the address names, else to the first."""
    wanted = request.args.get("elder", type=int)
    for link in links:
        if link.elder_id == wanted:
            return link
    if wanted is not None:
        raise NotFound("not_found", what="Elder", key=wanted)
    return links[0]


def asked_day(work: Work) -> date:
    """The local day that the address names, if it lies within YEARS_AROUND; else today."""
    today = work.local_now.date()
    try:
        asked = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return today
    return asked if abs(asked.year - today.year) <= YEARS_AROUND else today


def followed_order(work: Work, order_id: int) -> Order:
    """Raises NotFound for orders of elders that the guest does not look after."""
    order = work.get(Order, order_id)
    require_follows(work, order)
    return order


def _as_it_is(order: Order) -> Asked:
    return Asked(
        order.window_start, order.window_end, order.quantity, tuple(order.diet), order.note
    )


def _change(asked: Asked) -> OrderChange:
    return OrderChange(asked.start, asked.end, asked.quantity, asked.diet, asked.note)


def _words(name: str) -> str:
    return request.form.get(name, "").strip()[:LONGEST_WORDS]
