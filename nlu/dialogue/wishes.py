"""Dishes of the menu that somebody would like: they go to the kitchen with the order."""

from __future__ import annotations

from backend.services.lookup import menu
from backend.services.quote_order import Quote
from nlu.dialogue.state import Item, OrderTask
from nlu.dialogue.talk import Talk
from nlu.values.other_dishes import is_on

MOST_DISHES = 6
MOST_OFFERED = 3
"""Dishes offered instead: on the telephone nobody keeps more in mind."""
MEAL = "meal."


def take_dishes(talk: Talk, task: OrderTask) -> bool:
    """Keep the dishes named in this sentence with the meal that was spoken of last. True if there
    were any."""
    meals = [item for item in task.items if item.code.startswith(MEAL)]
    if not talk.u.dishes or not meals:
        return False
    meals[-1].dishes = list(dict.fromkeys([*meals[-1].dishes, *talk.u.dishes]))[-MOST_DISHES:]
    return True


def note_of(talk: Talk, elder_id: int, item: Item) -> str:
    """What the kitchen or the worker is told: the item's note, and those of the dishes named that
    are on the menu of the day, as the menu writes them. Others nobody will cook."""
    served: list[str] = []
    if item.dishes and item.date is not None:
        for dish in menu(talk.work, elder_id, item.date, item.code):
            if any(is_on(dish.name, named) for named in item.dishes):
                served.append(dish.name)
    return "、".join(dict.fromkeys([*filter(None, [item.note]), *served]))


def tell_not_served(talk: Talk, item: Item, quote: Quote) -> None:
    """Say, once, which of the dishes named with a meal nobody cooks that day, and what there is
    instead; the meal itself stays ordered as it is."""
    if not item.dishes or item.date is None or not item.code.startswith(MEAL):
        return
    cooked = menu(talk.work, quote.request.elder_id, item.date, item.code)
    missing = [one for one in item.dishes if not any(is_on(dish.name, one) for dish in cooked)]
    news = [one for one in missing if one not in item.not_served]
    item.not_served = missing
    if not news:
        return
    own = [dish.name for dish in cooked if dish.provider_id == quote.provider_id]
    talk.say(
        "order.not_served",
        meal=quote.item_name,
        dishes=news,
        published=bool(cooked),
        instead=list(dict.fromkeys(own or [dish.name for dish in cooked]))[:MOST_OFFERED],
    )
