"""The single questions of an order: for whom, which service, which of several, where."""

from __future__ import annotations

import re
from datetime import timedelta

from backend.db.models import Elder, Link
from backend.services.lookup import last_order
from nlu.dialogue import listen, people
from nlu.dialogue.basket import put, put_missing, take, wants_of
from nlu.dialogue.state import Item, OrderTask, Said
from nlu.dialogue.talk import Talk

CATEGORY = {
    "order_meal": "meal", "order_nursing": "nursing", "order_home_help": "home",
    "order_escort": "escort", "order_errand": "errand", "order_companion": "companion",
}  # fmt: skip
_SEND_TO = re.compile(r"送[到去往](?!我?家里?$)[^点]{2,10}$")
SHORT_NAME = 8
"""An answer this short may be a bare name or 妈妈的; in longer ones only a person word counts."""
_MEALS = ["早餐", "午餐", "晚餐"]


def settle_elder(talk: Talk, task: OrderTask, person: str | None) -> None:
    """Who is served, as far as the person word tells."""
    found = people.who(talk.links, person)
    task.person = person
    task.elder_id = found[0].elder_id if len(found) == 1 else None
    task.options = [link.elder_id for link in found] or talk.elder_ids
    task.stranger = not found
    task.others = []
    if person and len(found) > 1 and people.means_everyone(person):
        # One after the other: each has an own price and an own yes.
        task.elder_id = found[0].elder_id
        task.others = [link.elder_id for link in found[1:]]


def person_of(talk: Talk) -> str | None:
    """The person word, unless it only tells whose home to go to ("送到我女儿家")."""
    person = talk.u.person
    plain = listen.bare(talk.text)
    is_place = person and re.search(rf"[到去往]{re.escape(listen.bare(person))}(?:家|那)", plain)
    return None if is_place else person


def take_person(talk: Talk, task: OrderTask) -> bool:
    """A person word said later on. True if it changes who is served."""
    person = person_of(talk)
    if not person or person == task.person:
        return False
    before = (task.elder_id, task.stranger)
    settle_elder(talk, task, person)
    return (task.elder_id, task.stranger) != before


def ask_elder(talk: Talk, task: OrderTask) -> None:
    """给哪位? With a word that fits nobody: whom we know, and how to bind another."""
    task.asked = "elder"
    links = [link for link in talk.links if link.elder_id in task.options]
    task.options = [link.elder_id for link in links]
    names = people.labels(links)
    if task.stranger:
        talk.say("people.not_bound", person=task.person, names=names, choices=names)
    else:
        talk.say("people.which", names=names, choices=names)


def answer_elder(talk: Talk, task: OrderTask) -> bool:
    """By tap, number, name, kinship word or place; True once one elder is clear."""
    options = [link for link in talk.links if link.elder_id in task.options]
    options.sort(key=lambda link: task.options.index(link.elder_id))
    index = talk.picked if talk.picked is not None else listen.ordinal(talk.text, len(options))
    found: list[Link] = []
    if index is not None and index < len(options):
        found = [options[index]]
    elif task.stranger and talk.says_yes and len(options) == 1:
        found = options
    else:
        found = _named_elder(talk, options)
    if len(found) != 1:
        if task.stranger and talk.says_no:
            talk.finish()
            talk.say("bind.how")
            return True
        return False
    task.elder_id, task.stranger = found[0].elder_id, False
    task.person = talk.u.person or task.person
    take(talk, task)
    return True


def _named_elder(talk: Talk, options: list[Link]) -> list[Link]:
    if talk.u.person and len(found := people.who(options, talk.u.person)) == 1:
        return found
    if found := people.named_by_place(options, talk.text):
        return found
    short = listen.bare(talk.text)
    return people.who(options, short) if 0 < len(short) <= SHORT_NAME else []


def may_order(talk: Talk, elder_id: int) -> bool:
    """Whether this account may order for the elder: told before any question is asked."""
    link = talk.link_to(elder_id)
    return link is not None and link.may_order


def elder_name(talk: Talk, task: OrderTask) -> str:
    """How we name the elder of the order."""
    return talk.called(talk.work.get(Elder, task.elder_id))


def ask_service(talk: Talk, task: OrderTask) -> None:
    """Which service, within the kind already known."""
    task.asked = "service"
    if task.category is None:
        talk.say("order.ask_service", elder=elder_name(talk, task))
        return
    names = [item.name for item in talk.items_of(task.category)]
    names.sort(key=lambda name: _MEALS.index(name) if name in _MEALS else len(_MEALS))
    talk.say("order.ask_service_of", category=task.category, names=names, choices=names[:3])


def answer_service(talk: Talk, task: OrderTask) -> bool:
    """A service named without the understanding seeing one; or another kind of service."""
    plain = listen.bare(talk.text)
    category = task.category
    if wants_of(talk.u):
        return False
    for item in talk.items_of(category) if category else []:
        if plain and (listen.bare(item.name) in plain or plain in map(listen.bare, item.synonyms)):
            wished = Item(code=item.code)
            put_missing(wished, task.said)
            task.said = Said()
            task.items.append(wished)
            return True
    wanted = CATEGORY.get(talk.u.intent)
    if wanted and wanted != category:
        task.category = wanted
        return True
    return False


def answer_which(talk: Talk, task: OrderTask) -> bool:
    """Which item of the basket the value said before is for."""
    names = [listen.bare(name) for name in item_names(talk, task)]
    index = talk.picked if talk.picked is not None else listen.ordinal(talk.text, len(names))
    codes = [want.service.code for want in wants_of(talk.u)]
    plain = listen.bare(talk.text)
    for position, item in enumerate(task.items):
        if index == position or item.code in codes or names[position] in plain:
            put(item, task.said)
            task.said, task.asked = Said(), None
            return True
    task.asked = None
    task.said = Said()
    return False


def repeat(talk: Talk, task: OrderTask) -> bool:
    """跟上次一样: the last order's service, number, diet and time of day, on another day."""
    elders = [task.elder_id] if task.elder_id else task.options
    wants = wants_of(talk.u)
    last = last_order(talk.work, elders, wants[0].service.code if wants else None)
    if last is None:
        talk.say("order.nothing_to_repeat")
        return False
    task.elder_id = last.elder_id if task.elder_id is None else task.elder_id
    local = last.window_start.astimezone(talk.work.local_now.tzinfo)
    quantity = next((line.quantity for line in last.lines if line.code == last.code), 1)
    item = Item(code=last.code, quantity=quantity, diet=list(last.diet), note=last.note)
    service = talk.item(last.code)
    wide = service and last.window_end - last.window_start > timedelta(minutes=service.window_min)
    if wide:
        item.part = "morning" if local.hour < 12 else "afternoon"
    else:
        item.time = local.time().replace(tzinfo=None)
    if last.code.startswith("meal."):
        item.time = item.part = None
    existing = next((i for i in task.items if i.code == last.code), None)
    if existing is None:
        task.items.append(item)
    else:
        existing.diet = existing.diet or item.diet
        if existing.time is None and existing.part is None:
            existing.time, existing.part = item.time, item.part
    task.address_id = task.address_id or last.address_id
    return True


def name_address(talk: Talk, task: OrderTask) -> bool:
    """An address the words name by its label or street ("送到女儿家"), if there are several."""
    if task.elder_id is None:
        return False
    elder = talk.work.get(Elder, task.elder_id)
    if len(elder.addresses) < 2:
        return False
    plain = listen.bare(talk.text)
    for address in elder.addresses:
        marks = [address.label if len(address.label) > 1 else "", address.community]
        if any(mark and listen.bare(mark) in plain for mark in marks):
            changed = task.address_id != address.id
            task.address_id = address.id
            return changed
    return False


def names_unknown_address(talk: Talk, task: OrderTask) -> bool:
    """送到女儿家, when no such address is registered."""
    found = _SEND_TO.search(listen.bare(talk.text))
    return found is not None and task.elder_id is not None


def item_name(talk: Talk, item: Item) -> str:
    """The service's name for people."""
    service = talk.item(item.code)
    return service.name if service is not None else item.code


def item_names(talk: Talk, task: OrderTask) -> list[str]:
    """The names of everything in the basket."""
    return [item_name(talk, item) for item in task.items]
