"""Heard the same again after it was refused: asked part by part.

Who says 不对 and then the very sentence once more was probably misheard both times. Reading the
same back again would only be refused again. 上午 and 下午 are what is misheard most, so the other
half of the day is proposed first, and a yes or no decides. Otherwise which part is wrong is asked,
and that part alone, where few answers are possible and the ears are better. If that brings the
same once more, a human is offered.
"""

from __future__ import annotations

from nlu.dialogue import listen
from nlu.dialogue import order_slots as slots
from nlu.dialogue.state import Item, OrderTask, Said
from nlu.dialogue.talk import Talk

PARTS = ("service", "day", "time")
"""In the order in which they are offered."""
_SWAPPED = {"morning": "afternoon", "afternoon": "morning"}


def wish(task: OrderTask) -> str:
    """What would be ordered, for whom and where; equal for equal wishes."""
    return task.model_dump_json(include={"items", "elder_id", "address_id"})


def is_refused_wish(task: OrderTask) -> bool:
    """Whether just this was read back and turned down."""
    return len(task.items) == 1 and wish(task) == task.refused_wish


def ask(talk: Talk, task: OrderTask) -> None:
    """Whether the other half of the day is meant; or which part of it is wrong."""
    other = _other_half(task.items[0])
    if other is None:
        ask_part(talk, task)
        return
    task.asked = "half"
    name = slots.item_name(talk, task.items[0])
    talk.say("order.ask_half", item=name, morning=other == "morning")


def take_half(talk: Talk, task: OrderTask) -> bool:
    """After a yes: the other half of the day. False for everything else."""
    item = task.items[0]
    other = _other_half(item)
    if other is None or not (talk.says_yes or talk.picked == 0):
        return False
    item.part = other
    item.window_start = item.window_end = None
    task.asked = None
    return True


def ask_part(talk: Talk, task: OrderTask) -> None:
    """Which part of it is wrong."""
    task.asked = "part"
    talk.say("order.ask_part", item=slots.item_name(talk, task.items[0]))


def answer(talk: Talk, task: OrderTask) -> bool:
    """Forget the part that is wrong and ask for it alone; False when none is named."""
    part = _named(talk)
    if part is None or talk.has_values:
        return False
    item = task.items[0]
    item.window_start = item.window_end = None
    name = slots.item_name(talk, item)
    if part == "service":
        # Meals come at mealtimes: with another meal the hour is another.
        hour = {"time", "part"} if item.code.startswith("meal.") else set()
        kept = item.model_dump(include=Said.model_fields.keys() - hour)
        task.said = Said.model_validate(kept)
        service = talk.item(item.code)
        task.category = service.category if service is not None else None
        task.items = []
        slots.ask_service(talk, task)
    elif part == "day":
        item.date, task.asked = None, "date"
        talk.say("order.ask_date", item=name, past=None, vague=None, regular=item.recurrence)
    else:
        item.time, item.part, task.asked = None, None, "time"
        talk.say("order.ask_time", item=name, day=item.date, vague=None)
    return True


def _other_half(item: Item) -> str | None:
    """上午 for 下午 and 下午 for 上午, where no clock time was said: ten in the morning is no hour
    of the evening at which anybody comes. Meals come at mealtimes."""
    if item.time is not None or item.code.startswith("meal."):
        return None
    return _SWAPPED.get(item.part or "")


def _named(talk: Talk) -> str | None:
    index = talk.picked if talk.picked is not None else listen.ordinal(talk.text, len(PARTS))
    if index is not None and index < len(PARTS):
        return PARTS[index]
    return next((part for part in PARTS if listen.has(f"wrong_{part}", talk.text)), None)
