"""For the family: the menu, what else there is, and ordering it with price and allowance shown."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from backend.console.pages.ordering import offered_to
from backend.console.safety import LASTS
from backend.db.models import Link, Provider, ServiceItem
from backend.domain.errors import DomainError, NotFound
from backend.services.dish_pictures import picture as kept_picture
from backend.services.dish_pictures import pictures_of, require_sees_menu
from backend.services.family_day import followed
from backend.services.lookup import balance, menu, price_list
from backend.services.permissions import require_link
from backend.services.place_order import place_order
from backend.services.quote_order import OrderRequest, quote_order
from backend.services.work import Work
from bot.pages.asked import Asked, asked_of, bookable
from bot.pages.door import PageDoor, guest
from bot.pages.family import asked_day, chosen
from bot.pages.showing import own_words, page, refusal
from bot.pages.taps import Answer, take, tap_of_form

MENU_DAYS = 7


def routes(door: PageDoor) -> Blueprint:
    blueprint = Blueprint("ordering", __name__)

    @blueprint.get("/menu")
    def dishes() -> str:
        with door.work() as work:
            links = followed(work, guest().account_id)
            if not links:
                return page("nobody")
            link = chosen(links)
            day = asked_day(work)
            meals = own_words()["meals"]
            code = request.args.get("code", "")
            code = code if code in meals else "meal.lunch"
            found = menu(work, link.elder_id, day, code)
            by_canteen: dict[int, list[object]] = {}
            for dish in found:
                by_canteen.setdefault(dish.provider_id, []).append(dish)
            today = work.local_now.date()
            return page(
                "menu",
                links=links,
                link=link,
                day=day,
                days=[today + timedelta(days=ahead) for ahead in range(MENU_DAYS)],
                meals=meals,
                code=code,
                canteens=[(work.get(Provider, one), of) for one, of in by_canteen.items()],
                pictures=pictures_of(work, by_canteen),
                price=next(iter(price_list(work, link.elder_id, [code])), None),
            )

    @blueprint.get("/menu/pictures/<int:provider_id>/<digest>")
    def picture(provider_id: int, digest: str) -> Response:
        with door.work() as work:
            require_sees_menu(work, provider_id)
            webp = kept_picture(work, provider_id, digest)
        return Response(webp, mimetype="image/webp", headers=LASTS)

    @blueprint.get("/services")
    def services() -> str:
        with door.work() as work:
            links = followed(work, guest().account_id)
            if not links:
                return page("nobody")
            link = chosen(links)
            offered = offered_to(work, link.elder_id)
            left = balance(work, link.elder_id)
            return page("services", links=links, link=link, offered=offered, balance=left)

    @blueprint.get("/order/<int:elder_id>/<code>")
    def ask(elder_id: int, code: str) -> str:
        with door.work() as work:
            require_link(work, elder_id)
            link = _link(work, elder_id)
            item = work.get(ServiceItem, code)
            days = bookable(work, item)
            asked = _asked(work, elder_id, item, request.args)
            quote, refused = None, None
            if asked is not None:
                try:
                    quote = quote_order(work, _request(elder_id, code, asked))
                except DomainError as error:
                    refused = refusal(error)
            return page(
                "ask", link=link, item=item, days=days, asked=asked, quote=quote, refused=refused
            )

    @blueprint.post("/order/<int:elder_id>/<code>")
    def place(elder_id: int, code: str) -> Answer:
        key = f"page:{guest().account_id}:{tap_of_form()}"

        def act(work: Work) -> str:
            asked = _asked(work, elder_id, work.get(ServiceItem, code), request.form)
            if asked is None:
                raise DomainError("past_window")
            order = place_order(work, _request(elder_id, code, asked), key)
            return url_for("pages.family.order", order_id=order.id)

        return take(door, act, url_for("pages.ordering.ask", elder_id=elder_id, code=code))

    return blueprint


def _link(work: Work, elder_id: int) -> Link:
    """Raises NotFound for an elder whom the guest does not look after here."""
    for link in followed(work, guest().account_id):
        if link.elder_id == elder_id:
            return link
    raise NotFound("not_found", what="Elder", key=elder_id)


def _asked(
    work: Work, elder_id: int, item: ServiceItem, given: MultiDict[str, str]
) -> Asked | None:
    """What the form asks; at first, the next window there is (of the day that was looked at) and
    the elder's own diet. None: there is no window, and none was asked for."""
    link = _link(work, elder_id)
    slots = [slot for _, slots in bookable(work, item) for slot in slots]
    wanted = given.get("day", "")
    slots = [slot for slot in slots if slot.start.date().isoformat() == wanted] or slots
    if not slots and "window" not in given:
        return None
    start, end = (slots[0].start, slots[0].end) if slots else (work.now, work.now)
    diet = tuple(link.elder.diet) if item.category == "meal" else ()
    return asked_of(given, Asked(start, end, 1, diet, _wished(work, elder_id, item, given)))


def _wished(work: Work, elder_id: int, item: ServiceItem, given: MultiDict[str, str]) -> str:
    """The dishes ticked on the menu, for the kitchen, in the words of the chat's notes; what is not
    on the menu nobody will cook."""
    wished = set(given.getlist("dish"))
    if not wished:
        return ""
    try:
        day = date.fromisoformat(given.get("day", ""))
    except ValueError:
        return ""
    served = [dish.name for dish in menu(work, elder_id, day, item.code)]
    return "、".join(dict.fromkeys(name for name in served if name in wished))


def _request(elder_id: int, code: str, asked: Asked) -> OrderRequest:
    return OrderRequest(
        elder_id, code, asked.start, asked.end, asked.quantity, None, asked.diet, asked.note,
        "wechat",
    )  # fmt: skip
