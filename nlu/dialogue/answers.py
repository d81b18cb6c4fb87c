"""Questions that are answered at once: orders, balance, menu, prices, services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import select

from backend.db.models import Dish, Elder, Provider
from backend.domain.orders import OrderState
from backend.services.lookup import balance, catalogue, menu, open_orders, price_list, recent_orders
from nlu.dialogue import listen, people
from nlu.dialogue.basket import wants_of
from nlu.dialogue.state import OrderTask
from nlu.dialogue.talk import Talk
from nlu.dialogue.which_order import by_number, described, listed, narrowed
from nlu.values.other_dishes import is_on

MOST_DISHES = 8
MOST_PRICES = 6


def orders(talk: Talk) -> None:
    """How the orders stand, in words people use."""
    if not talk.links:
        talk.say("people.unbound_order")
        return
    if (order := by_number(talk)) is not None:
        talk.say("query.order", **described(talk, order))
        return
    standing = open_orders(talk.work, talk.elder_ids)
    found = narrowed(talk, standing)
    if not found and talk.has_values:
        found = [o for o in narrowed(talk, recent_orders(talk.work, talk.elder_ids)) if _shown(o)]
    if not found and standing:
        talk.say("query.orders", orders=listed(talk, standing), count=len(standing), other=True)
    elif not found:
        last = next((o for o in recent_orders(talk.work, talk.elder_ids) if _shown(o)), None)
        talk.say("query.no_orders", last=described(talk, last) if last is not None else None)
    elif len(found) == 1:
        talk.say("query.order", **described(talk, found[0]))
    else:
        talk.say("query.orders", orders=listed(talk, found), count=len(found), other=False)


def _shown(order: object) -> bool:
    return getattr(order, "state", None) is not OrderState.CANCELLED


def balances(talk: Talk) -> None:
    """What is left of the month's allowance, for each elder asked about."""
    if not talk.links:
        talk.say("people.unbound_order")
        return
    links = people.who(talk.links, talk.u.person) or talk.links
    if talk.u.person is None and isinstance(talk.state.task, OrderTask):
        own = [link for link in talk.links if link.elder_id == talk.state.task.elder_id]
        links = own or links
    first = talk.today.replace(day=1)
    month = first - timedelta(days=1) if listen.has("last_month", talk.text) else first
    rows = []
    for link in links[:3]:
        kept = balance(talk.work, link.elder_id, f"{month:%Y-%m}")
        rows.append(
            {
                "elder": talk.called(link.elder),
                "granted": kept.granted_fen,
                "left": kept.available_fen,
                "held": kept.reserved_fen,
                "spent": kept.spent_fen,
                "category": link.elder.category,
            }
        )
    talk.say("query.balance", rows=rows, month=month.month)


def dishes(talk: Talk) -> None:
    """The menu of the day and meal asked about, at the canteen that would cook."""
    code, day = _meal_meant(talk)
    service = talk.item(code)
    name = service.name if service is not None else code
    elder_id = _elder_asked(talk)
    found = menu(talk.work, elder_id, day, code) if elder_id else _any_menu(talk, day, code)
    if elder_id is not None and found:
        prices = price_list(talk.work, elder_id, [code])
        cheapest = [d for d in found if prices and _provider(talk, d) == prices[0].provider_name]
        found = cheapest or [d for d in found if d.provider_id == found[0].provider_id]
    if not found:
        talk.say("query.no_menu", meal=name, day=day)
        return
    told = elder_id is not None and not people.is_known_by_name(talk)
    elder = talk.work.session.get(Elder, elder_id) if told else None
    suits = [d.name for d in found if elder and elder.diet and set(elder.diet) <= set(d.diets)]
    talk.say(
        "query.menu",
        meal=name,
        day=day,
        canteen=_provider(talk, found[0]),
        dishes=[dish.name for dish in found[:MOST_DISHES]],
        suits=suits[:3],
        example=elder_id is None,
        asked=talk.u.dishes,
        served=[d.name for d in found if any(is_on(d.name, asked) for asked in talk.u.dishes)],
    )


def _meal_meant(talk: Talk) -> tuple[str, date]:
    """The meal and day asked about; unsaid, the next meal there is."""
    said = [w.service.code for w in wants_of(talk.u) if w.service.code.startswith("meal.")]
    task = talk.state.task
    draft = next(
        (i for i in task.items if i.code.startswith("meal.")), None
    ) if isinstance(task, OrderTask) else None  # fmt: skip
    hour = talk.work.local_now.hour
    by_part = {
        "early_morning": "meal.breakfast", "morning": "meal.breakfast", "noon": "meal.lunch",
        "afternoon": "meal.dinner", "evening": "meal.dinner",
    }  # fmt: skip
    next_meal = "meal.lunch" if hour < 12 else "meal.dinner" if hour < 18 else "meal.lunch"
    code = said[0] if said else by_part.get(talk.u.part or "")
    code = code or (draft.code if draft else next_meal)
    day = talk.u.date or (draft.date if draft else None)
    late = {"meal.breakfast": 8, "meal.lunch": 12, "meal.dinner": 18}
    tomorrow = hour >= late.get(code, 24)
    return code, day or (talk.today + timedelta(days=1 if tomorrow else 0))


def _any_menu(talk: Talk, day: date, code: str) -> list[Dish]:
    """For someone we do not know: one canteen's menu as an example."""
    query = select(Dish).where(Dish.day == day, Dish.code == code)
    found = list(talk.work.session.scalars(query.order_by(Dish.provider_id, Dish.id).limit(40)))
    return [dish for dish in found if dish.provider_id == found[0].provider_id]


def _provider(talk: Talk, dish: Dish) -> str:
    return talk.work.get(Provider, dish.provider_id).name


def prices(talk: Talk) -> None:
    """Prices where the elder lives; without an elder, what it costs in town at least."""
    elder_id = _elder_asked(talk)
    codes = [want.service.code for want in wants_of(talk.u)]
    if not codes and isinstance(talk.state.task, OrderTask):
        codes = [item.code for item in talk.state.task.items]
    if not codes:
        talk.say("query.price_of_what")
        return
    found = price_list(talk.work, elder_id, codes)
    if not found and elder_id is not None:
        names = [item.name for code in codes if (item := talk.item(code)) is not None]
        talk.say("query.no_price", names=names)
        return
    rows = [
        {
            "name": price.name,
            "unit": price.unit,
            "price": price.price_fen,
            "delivery": price.delivery_fen,
            "subsidised": price.subsidised,
        }
        for price in found[:MOST_PRICES]
    ]
    talk.say("query.prices", rows=rows, known=elder_id is not None)


def services(talk: Talk) -> None:
    """What there is: of one kind if one was named, else the kinds."""
    said = wants_of(talk.u)
    items = catalogue(talk.work)
    if said:
        item = talk.item(said[0].service.code)
        if item is not None:
            found = price_list(talk.work, _elder_asked(talk), [item.code])
            talk.say(
                "query.service",
                name=item.name,
                available=bool(found),
                price=found[0].price_fen if found else item.base_price_fen,
                unit=item.unit,
                opens=f"{item.hours_from:%H:%M}",
                closes=f"{item.hours_to:%H:%M}",
                minutes=item.duration_min,
                nurse=item.required_qualification == "nurse",
                needs_assessment=item.needs_assessment,
            )
            return
    groups: dict[str, list[str]] = {}
    for item in items:
        groups.setdefault(item.category, []).append(item.name)
    talk.say("query.services", groups=groups)


def _elder_asked(talk: Talk) -> int | None:
    task = talk.state.task
    if isinstance(task, OrderTask) and task.elder_id is not None and talk.u.person is None:
        return task.elder_id
    found = people.who(talk.links, talk.u.person) or talk.links
    return found[0].elder_id if found else None


ANSWERS: dict[str, Callable[[Talk], None]] = {
    "query_order": orders,
    "query_balance": balances,
    "query_menu": dishes,
    "query_price": prices,
    "query_service": services,
}
"""What each question's intent is answered by; afterwards the pending question stands again."""
