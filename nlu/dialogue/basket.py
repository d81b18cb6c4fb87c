"""What was said, put where it belongs in the basket: new items, answers, corrections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from nlu.dialogue import listen
from nlu.dialogue.state import Item, OrderTask, Said
from nlu.dialogue.talk import Talk
from nlu.dialogue.windows import said_window
from nlu.understanding import Understanding, Want
from nlu.values.dates import find_dates
from nlu.values.numbers import find_quantity
from nlu.values.recurrence import next_day, unclear_rhythm
from nlu.values.text import plain
from nlu.values.vague import past_when, vague_day, vague_hour

MOST_ITEMS = 6
_NOT_THAT = re.compile(r"(?:不是|不要)([^,。;是]{1,8}?)(?:[,。;]|(?:而)?是|要)")


def values_of(u: Understanding) -> Said:
    """The values of a sentence that names no service."""
    return Said(
        quantity=find_quantity(u.text), date=u.date, time=u.time, part=u.part, diet=list(u.diet)
    )


def wants_of(u: Understanding) -> tuple[Want, ...]:
    """The services of a sentence, each with its own values."""
    if u.wants:
        return u.wants
    return tuple(
        Want(s, u.date, u.time, u.part, u.window, u.recurrence, u.diet) for s in u.services
    )


def is_whole(u: Understanding) -> bool:
    """Whether a sentence is an order to its end: which service, which day and, but for meals,
    when."""
    wants = wants_of(u)
    return bool(wants) and all(
        want.date and (want.time or want.part or want.service.code.startswith("meal."))
        for want in wants
    )


def take(talk: Talk, task: OrderTask) -> bool:
    """Put what this sentence says into the basket. True if anything was said for it."""
    wants = [want for want in wants_of(talk.u) if talk.item(want.service.code) is not None]
    if wants:
        return _take_wants(talk, task, wants)
    said = values_of(talk.u)
    said.date = _ahead(talk, said.date)
    again = _rhythm(talk, talk.u.recurrence)
    unclear = _take_unclear(talk, task)
    if said.is_empty and again is None:
        return _take_soft(talk, task) or unclear
    if again and task.items:
        task.items[-1].recurrence = again
    return _take_values(talk, task, said) or again is not None or unclear


def _ahead(talk: Talk, day: date | None) -> date | None:
    """A day that can still come."""
    return day if day is not None and day >= talk.today else None


def _rhythm(talk: Talk, code: str | None) -> str | None:
    """The code of the rhythm said, or its words where it has none."""
    return code or unclear_rhythm(talk.text)


def _take_unclear(talk: Talk, task: OrderTask) -> bool:
    """Keep the words of a time that cannot be booked, so that the question can name them."""
    now = talk.work.local_now
    heard = {
        "past": past_when(talk.text, now),
        "day": vague_day(talk.text, now),
        "hour": vague_hour(talk.text),
    }
    task.unclear |= {kind: words for kind, words in heard.items() if words}
    return any(heard.values())


def _take_wants(talk: Talk, task: OrderTask, wants: Sequence[Want]) -> bool:
    if talk.u.intent in ("deny", "cancel_order") and _drop(task, wants):
        return True
    _take_unclear(talk, task)
    known = list(task.items)
    explicit = find_quantity(talk.u.text)
    for want in wants:
        said = Said(
            quantity=want.service.quantity if len(wants) > 1 else explicit,
            date=_ahead(talk, want.date),
            time=want.time,
            part=want.part,
            diet=list(want.diet),
        )
        vague = is_vague(talk, want)
        item = next((i for i in known if i.code == want.service.code), None)
        if item is None and vague:
            item = next((i for i in known if i.code.startswith("meal.")), None)
        if item is None and vague:
            # 送饭 without a word of which meal: asked, and what was said with it is kept.
            task.category = "meal"
            put_said(task.said, said)
            continue
        if item is not None:
            known.remove(item)
        else:
            item = _replaced(talk, task, want) or _added(task, want, bool(known))
        if item is None:
            talk.say("order.too_many", most=MOST_ITEMS)
            break
        again = want.recurrence if len(wants) > 1 else _rhythm(talk, want.recurrence)
        item.recurrence = again or item.recurrence
        if task.others and said.quantity and said.quantity % (len(task.others) + 1) == 0:
            # 给爸妈订两份 is one for each of them.
            said.quantity //= len(task.others) + 1
            item.quantity = said.quantity
        put(item, said)
        put_missing(item, task.said)
    if task.items:
        task.said = Said()
    return True


def is_vague(talk: Talk, want: Want) -> bool:
    """送饭, 订餐: a meal, but neither by name nor by time of day."""
    if not want.service.code.startswith("meal.") or want.time or want.part:
        return False
    service = talk.item(want.service.code)
    plain = listen.bare(talk.text)
    names = [service.name, *service.synonyms] if service is not None else []
    return not any(listen.bare(name) in plain for name in names)


def _drop(task: OrderTask, wants: Sequence[Want]) -> bool:
    codes = {want.service.code for want in wants}
    kept = [item for item in task.items if item.code not in codes]
    if len(kept) == len(task.items):
        return False
    task.items = kept
    return True


def _replaced(talk: Talk, task: OrderTask, want: Want) -> Item | None:
    """ "不是午餐,是晚餐": the item of the same kind becomes the other service."""
    if not listen.has("instead", talk.text):
        return None
    category = want.service.code.partition(".")[0]
    same = [item for item in task.items if item.code.startswith(f"{category}.")] or task.items
    if len(same) != 1:
        return None
    item = same[0]
    item.code = want.service.code
    item.time = item.part = item.window_start = item.window_end = None
    return item


def _added(task: OrderTask, want: Want, later: bool) -> Item | None:
    if len(task.items) >= MOST_ITEMS:
        return None
    item = Item(code=want.service.code, quantity=want.service.quantity)
    if later and want.date is None and want.recurrence is None:
        # "再加一个理发": of the same day as the rest; the read-back says so.
        item.date = task.items[-1].date if task.items else None
    task.items.append(item)
    return item


def _take_values(talk: Talk, task: OrderTask, said: Said) -> bool:
    if not task.items:
        put_said(task.said, said)
        return True
    targets = targets_of(talk, task, said)
    if not targets:
        put_said(task.said, said)
        task.asked = "which"
        return True
    for item in targets:
        put(item, said)
    return True


def targets_of(talk: Talk, task: OrderTask, said: Said) -> list[Item]:
    """The items a sentence without a service is about; empty when it could be several."""
    items = task.items
    if len(items) == 1:
        return items
    if said.quantity or said.diet:
        meals = [item for item in items if item.code.startswith("meal.")]
        if said.diet and meals:
            return meals
        return meals if len(meals) == 1 else []
    if task.asked == "date" and (open_ := [item for item in items if item.date is None]):
        return open_
    if task.asked == "time" and (open_ := [i for i in items if needs_time(i)]):
        return open_
    if denied := denied_dates(talk):
        return [item for item in items if item.date in denied]
    one_day = len({item.date for item in items}) == 1
    return items if said.date and one_day and not (said.time or said.part) else []


def denied_dates(talk: Talk) -> list[date]:
    """The days said not to be meant: "不是明天,是后天" denies 明天."""
    spans = _NOT_THAT.findall(plain(talk.u.text) + ",")
    now = talk.work.local_now
    return [found.value for span in spans for found in find_dates(span, now)]


def _take_soft(talk: Talk, task: OrderTask) -> bool:
    """随便, 尽快: an answer that leaves the choice to us."""
    soonest, anything = listen.has("soonest", talk.text), listen.has("anything", talk.text)
    if not task.items or not (soonest or anything) or task.asked not in ("date", "time"):
        return False
    for item in task.items:
        if item.date is None:
            item.date = talk.today + timedelta(days=0 if soonest else 1)
        if needs_time(item):
            item.part = "any"
    return True


def put(item: Item, said: Said) -> None:
    """Write what was said into an item; its window is to be found anew."""
    item.quantity = said.quantity or item.quantity
    item.diet = list(dict.fromkeys([*item.diet, *said.diet]))
    before = (item.date, item.time, item.part)
    item.date = said.date or item.date
    if item.date != before[0]:
        item.not_served = []  # that day has a menu of its own
    if said.time or said.part:
        item.time, item.part = said.time, said.part
    if before != (item.date, item.time, item.part):
        item.window_start = item.window_end = None


def put_missing(item: Item, said: Said) -> None:
    """Write what was said earlier where nothing newer stands."""
    item.quantity = item.quantity if item.quantity > 1 else (said.quantity or 1)
    item.date = item.date or said.date
    if item.time is None and item.part is None:
        item.time, item.part = said.time, said.part
    item.diet = list(dict.fromkeys([*item.diet, *said.diet]))


def put_said(into: Said, said: Said) -> None:
    """Newer values over older ones."""
    into.quantity = said.quantity or into.quantity
    into.date = said.date or into.date
    if said.time or said.part:
        into.time, into.part = said.time, said.part
    into.diet = list(dict.fromkeys([*into.diet, *said.diet]))


def needs_time(item: Item) -> bool:
    """Whether the time of day must be asked: meals come at mealtimes."""
    return not (
        item.code.startswith("meal.") or item.time or item.part or item.window_start is not None
    )


def complete(talk: Talk, item: Item) -> None:
    """Derive day and window once enough was said."""
    if item.date is None and item.recurrence:
        item.date = next_day(item.recurrence, talk.today)
    service = talk.item(item.code)
    if service is None or item.date is None or needs_time(item) or item.window_start is not None:
        return
    part = None if item.part == "any" else item.part
    item.window_start, item.window_end = said_window(
        service, item.date, item.time, part, talk.work.now
    )
