"""Which standing order is meant: by number, by what was said of it, or from a short list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.db.models import Order, Worker
from backend.services.lookup import order_by_number
from backend.settings import TIMEZONE
from nlu.dialogue import listen, people
from nlu.dialogue.basket import wants_of
from nlu.dialogue.talk import Talk
from nlu.values.dates import find_dates
from nlu.values.times import find_part

MOST_LISTED = 3
MOST_OPEN = 20
"""So many orders may be picked from by description, though only the first are shown."""
_LAST_HOUR = {"early_morning": 9, "morning": 12, "noon": 14, "afternoon": 18, "evening": 24}


def by_number(talk: Talk) -> Order | None:
    """The order whose number was said, if it belongs to this account's elders."""
    number = listen.number_in(talk.text)
    return order_by_number(talk.work, number, talk.elder_ids) if number else None


def narrowed(talk: Talk, orders: Sequence[Order], *, by_date: bool = True) -> list[Order]:
    """The orders that fit all that was said of one: service, day, part of day, person.

    `by_date` False leaves the sentence's own day out: "改到后天" names the new day, and only
    the words of `order_ref` tell the old one. A description that fits none of the orders is
    not narrowed by: the empty list is for the caller to explain.
    """
    u = talk.u
    found = list(orders)
    codes = {want.service.code for want in wants_of(u)}
    if codes:
        same = [order for order in found if order.code in codes]
        kinds = {code.partition(".")[0] for code in codes}
        # 送饭 names lunch by default: any meal that stands fits when no lunch does.
        found = same or [o for o in found if o.code.partition(".")[0] in kinds]
    elif kind := listen.kind_of_service(u.text):
        found = [o for o in found if o.code.partition(".")[0] == kind] or found
    if u.person:
        elders = {link.elder_id for link in people.who(talk.links, u.person)}
        found = [order for order in found if order.elder_id in elders] if elders else found
    days = [day.value for day in find_dates(u.order_ref or "", talk.work.local_now)]
    if not days and by_date and u.date is not None:
        days = [u.date]
    if days:
        found = [order for order in found if order.service_day in days]
    part = find_part(u.order_ref or "") if not by_date else u.part
    if part is not None and len(found) > 1:
        last = _LAST_HOUR[part]
        first = {"afternoon": 12, "evening": 17, "noon": 10}.get(part, 0)
        fits = [o for o in found if first <= o.window_start.astimezone(TIMEZONE).hour < last]
        found = fits or found
    return found


def chosen(talk: Talk, options: Sequence[int]) -> Order | None:
    """The order picked from the list shown: by tap, 第二个, 2, its number, or a description."""
    if (order := by_number(talk)) is not None:
        return order
    orders = [talk.work.get(Order, order_id) for order_id in options]
    index = talk.picked if talk.picked is not None else listen.ordinal(talk.text, len(orders))
    if index is not None and index < len(orders):
        return orders[index]
    fitting = narrowed(talk, orders) if talk.has_values else []
    return fitting[0] if len(fitting) == 1 else None


def described(talk: Talk, order: Order) -> dict[str, Any]:
    """An order's facts for prompts."""
    service = talk.item(order.code)
    worker = talk.work.session.get(Worker, order.worker_id) if order.worker_id else None
    return {
        "number": order.number,
        "name": service.name if service is not None else order.code,
        "elder": talk.called(order.elder),
        "start": order.window_start,
        "end": order.window_end,
        "state": order.state.value,
        "worker": worker.name if worker is not None else None,
        "phone": worker.phone if worker is not None else None,
        "total": order.total_fen,
        "subsidy": order.subsidy_fen,
        "self_pay": order.self_pay_fen,
    }


def listed(talk: Talk, orders: Sequence[Order]) -> list[dict[str, Any]]:
    """The first few orders for a numbered list."""
    return [described(talk, order) for order in orders[:MOST_LISTED]]
