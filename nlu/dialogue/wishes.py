"""Dishes of the menu that somebody would like: they go to the kitchen with the order."""

from __future__ import annotations

from backend.services.lookup import menu
from nlu.dialogue.state import Item, OrderTask
from nlu.dialogue.talk import Talk

MOST_DISHES = 6
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
            if any(named in dish.name for named in item.dishes):
                served.append(dish.name)
    return "、".join(dict.fromkeys([*filter(None, [item.note]), *served]))
