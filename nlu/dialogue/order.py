"""Placing orders: one question at a time, then everything read back, then one yes."""

from __future__ import annotations

from typing import Any

from backend.domain.errors import DomainError
from backend.services.lookup import open_orders
from nlu.dialogue import apart, limits, listen, people, refusals
from nlu.dialogue import order_slots as slots
from nlu.dialogue.basket import complete, is_vague, needs_time, take, wants_of
from nlu.dialogue.checkout import answer_confirm, read_back
from nlu.dialogue.state import Item, OrderTask
from nlu.dialogue.talk import SURE, Talk
from nlu.dialogue.wishes import take_dishes
from nlu.values.numbers import to_int

ORDER_INTENTS = frozenset([*slots.CATEGORY, "repeat_order"])


def begin(talk: Talk) -> None:
    """Start a basket from the first sentence."""
    if not talk.links:
        talk.say("people.unbound_order")
        return
    task = OrderTask(category=slots.CATEGORY.get(talk.u.intent))
    talk.start(task)
    slots.settle_elder(talk, task, slots.person_of(talk))
    if talk.u.intent == "repeat_order":
        slots.repeat(talk, task)
    take(talk, task)
    take_dishes(talk, task)
    slots.name_address(talk, task)
    advance(talk, task)


def answer(talk: Talk, task: OrderTask) -> bool:
    """Take the sentence as an answer or correction; False when it is about something else."""
    tapped = talk.picked is not None
    if talk.utterance.unheard and task.asked == "confirm":
        task.asked = None  # it is read out in full when all is said
    if (talk.gives_up and not refusals.is_mild(talk)) or (
        talk.picked == 2 and task.asked in ("confirm", "proposal")
    ):
        talk.finish()
        talk.say("order.dropped")
        return True
    if refusals.take(talk, task):
        return True
    if _answers_question(talk, task):
        if talk.state.task is task:
            _go_on(talk, task)
        return True
    if task.asked == "what" and _answer_what(talk, task):
        return True
    if task.asked == "half" and talk.says_no and not talk.has_values:
        apart.ask_part(talk, task)
        return True
    if task.asked == "part" and apart.answer(talk, task):
        return True
    if task.asked == "confirm" and tapped:
        return answer_confirm(talk, task)
    if task.asked == "proposal" and tapped:
        return _answer_proposal(talk, task)
    if _is_other_business(talk, task):
        return False
    before = _content(talk, task)
    other_kind = _is_other_kind(talk, task)
    if other_kind:
        task.category, task.items = slots.CATEGORY[talk.u.intent], []
    heard = slots.take_person(talk, task) or other_kind
    heard = slots.name_address(talk, task) or heard
    if talk.u.intent == "repeat_order":
        heard = slots.repeat(talk, task) or heard
    heard = take(talk, task) or heard
    heard = take_dishes(talk, task) or heard
    if heard and (task.asked not in ("confirm", "proposal") or before != _content(talk, task)):
        task.refused = 0 if task.asked in ("confirm", "what") else task.refused
        _go_on(talk, task)
        return True
    # "对,明天中午" only says again what stands: that is a yes.
    if task.asked == "confirm" and answer_confirm(talk, task):
        return True
    if task.asked == "proposal" and _answer_proposal(talk, task):
        return True
    if not heard and slots.names_unknown_address(talk, task):
        talk.say("order.address_unknown")
        heard = True
    if heard:
        ask(talk, task)
    return heard


def ask(talk: Talk, task: OrderTask) -> None:
    """Say the question that stands once more, shortly."""
    if task.asked == "confirm" and people.is_known_by_name(talk):
        read_back(talk, task)
    elif task.asked == "confirm" and task.promised_fen is not None:
        names = slots.item_names(talk, task)
        talk.say("order.confirm_again", self_pay=task.promised_fen, items=names)
    elif task.asked == "proposal" and task.proposal_start is not None:
        limits.propose_again(talk, task)
    elif task.asked == "instead":
        refusals.ask_instead(talk, task)
    elif task.asked == "human":
        refusals.ask_human(talk, task)
    elif task.asked == "half":
        apart.ask(talk, task)
    elif task.asked == "part":
        apart.ask_part(talk, task)
    else:
        advance(talk, task)


def _go_on(talk: Talk, task: OrderTask) -> None:
    """After something was heard: further, unless it brought what was turned down before."""
    for item in task.items:
        complete(talk, item)
    if not apart.is_refused_wish(task):
        advance(talk, task)
    elif task.parted:
        refusals.offer_human(talk, task)
    else:
        task.parted = True
        apart.ask(talk, task)


def advance(talk: Talk, task: OrderTask) -> None:
    """The next question, or, when nothing is missing, the read-back."""
    for item in task.items:
        complete(talk, item)
    task.promised_fen = None
    if task.elder_id is not None and not slots.may_order(talk, task.elder_id):
        talk.finish()
        limits.explain(talk, DomainError("not_permitted"), elder_id=task.elder_id)
        return
    if task.asked == "which":
        talk.say("order.which_item", choices=slots.item_names(talk, task))
    elif task.elder_id is None:
        slots.ask_elder(talk, task)
    elif not task.items:
        slots.ask_service(talk, task)
    elif undated := [item for item in task.items if item.date is None]:
        task.asked = "date"
        talk.say(
            "order.ask_date",
            item=slots.item_name(talk, undated[0]),
            past=task.unclear.pop("past", None),
            vague=task.unclear.pop("day", None),
            regular=undated[0].recurrence,
        )
    elif untimed := [item for item in task.items if needs_time(item)]:
        task.asked = "time"
        talk.say(
            "order.ask_time",
            item=slots.item_name(talk, untimed[0]),
            day=untimed[0].date,
            vague=task.unclear.pop("hour", None),
        )
    else:
        read_back(talk, task)


def _answer_what(talk: Talk, task: OrderTask) -> bool:
    """The answer to 想改哪里 when it names the thing and not yet the value."""
    if talk.has_values or not task.items:
        return False
    if talk.tapped == 0 or listen.is_just("another_time", talk.text):
        talk.say("order.ask_new_time")
    elif talk.tapped == 1:
        task.asked = "quantity"
        talk.say("order.ask_quantity", item=slots.item_name(talk, task.items[0]))
    elif talk.says_yes or talk.says_no:
        advance(talk, task)
    else:
        return False
    return True


def _answers_question(talk: Talk, task: OrderTask) -> bool:
    """Whether this answers the one question that needs more than values."""
    match task.asked:
        case "elder":
            return slots.answer_elder(talk, task)
        case "service":
            return slots.answer_service(talk, task)
        case "which":
            return slots.answer_which(talk, task)
        case "half":
            return apart.take_half(talk, task)
        case "quantity":
            count = to_int(listen.bare(talk.text).rstrip("份次个小时"))
            if count and task.items:
                meals = [item for item in task.items if item.code.startswith("meal.")]
                (meals or task.items)[0].quantity, task.asked = count, None
            return bool(count)
    return False


def _is_other_business(talk: Talk, task: OrderTask) -> bool:
    u = talk.u
    codes = {item.code for item in task.items}
    said = {want.service.code for want in wants_of(u)}
    if u.intent in ("change_order", "cancel_order") and listen.number_in(talk.text):
        return True
    if u.intent == "change_order":
        ours = not said or said & codes or _joins(talk)
        return not task.items or not ours and _is_ordered(talk, said)
    if u.intent == "cancel_order":
        return not said & codes
    if u.intent in ORDER_INTENTS:
        return bool(said) and not said & codes and _is_for_another(talk, task)
    if u.intent in ("inform", "affirm", "deny"):
        return False
    fits = task.asked in ("date", "time") and bool(u.date or u.time or u.part)
    return not (fits and u.confidence < SURE)


def _is_other_kind(talk: Talk, task: OrderTask) -> bool:
    """我要订饭 while the day of a bath is asked: the bath was misheard, or is not wanted now.

    Only before it is read back, and only by a sentence that names a kind and no service of it.
    """
    wanted = slots.CATEGORY.get(talk.u.intent)
    if wanted is None or not task.items or task.asked not in ("date", "time") or _joins(talk):
        return False
    wants = wants_of(talk.u)
    names_kind = all(is_vague(talk, want) for want in wants) if wants else not talk.has_values
    kinds = {item.code.partition(".")[0] for item in task.items}
    return names_kind and talk.u.confidence >= SURE and wanted not in kinds


def _joins(talk: Talk) -> bool:
    """再加一个, 不是…是…: words that tie a new service to the basket at hand."""
    return listen.has("add", talk.text) or listen.has("instead", talk.text)


def _is_ordered(talk: Talk, codes: set[str]) -> bool:
    """Whether a standing order is for one of these services, so that it may be meant."""
    return any(order.code in codes for order in open_orders(talk.work, talk.elder_ids))


def _is_for_another(talk: Talk, task: OrderTask) -> bool:
    """A whole new wish for somebody else is an order of its own, made before this one goes on."""
    if not (talk.u.person and task.items and task.elder_id) or _joins(talk):
        return False
    found = [link.elder_id for link in people.who(talk.links, talk.u.person)]
    return bool(found) and found != [task.elder_id, *task.others]


def _content(talk: Talk, task: OrderTask) -> dict[str, Any]:
    for item in task.items:
        complete(talk, item)
    return task.model_dump(include={"items", "elder_id", "stranger", "address_id", "others"})


def _answer_proposal(talk: Talk, task: OrderTask) -> bool:
    if talk.says_yes or talk.picked == 0:
        _accept(talk, task, task.items[task.proposed_for or 0])
        advance(talk, task)
    elif talk.says_no:
        refusals.refuse(talk, task)
    else:
        return False
    return True


def _accept(talk: Talk, task: OrderTask, item: Item) -> None:
    if task.proposal_start is None:
        return
    item.window_start, item.window_end = task.proposal_start, task.proposal_end
    item.date = task.proposal_start.astimezone(talk.work.local_now.tzinfo).date()
    item.time, item.part = None, "any"
