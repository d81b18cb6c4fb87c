"""The end of an order: price and split told, everything read back, one yes, then placed."""

from __future__ import annotations

from backend.db.models import Elder, Order
from backend.domain.errors import DomainError
from backend.services.open_ticket import open_ticket
from backend.services.place_order import place_order
from backend.services.quote_order import OrderRequest, Quote, quote_orders
from nlu.dialogue import limits, listen, refusals
from nlu.dialogue.order_slots import elder_name, item_name
from nlu.dialogue.people import is_known_by_name
from nlu.dialogue.read_back import eats, facts_of
from nlu.dialogue.state import OrderTask
from nlu.dialogue.talk import Talk
from nlu.dialogue.wishes import note_of, tell_not_served


def read_back(talk: Talk, task: OrderTask) -> None:
    """Who, what, when, where, diet, and who pays what; then the question."""
    quotes = _quotes(talk, task)
    if quotes is None:
        return
    task.asked = "confirm"
    task.proposal_start = task.proposal_end = None
    task.promised_fen = sum(quote.self_pay_fen for quote in quotes)
    for item, quote in zip(task.items, quotes, strict=True):
        tell_not_served(talk, item, quote)
    regular = [item.recurrence for item in task.items if item.recurrence]
    named = is_known_by_name(talk)
    prompt = "line.read_back" if named else "order.read_back"
    talk.say(prompt, regular=regular, **facts_of(talk, quotes))


def answer_confirm(talk: Talk, task: OrderTask) -> bool:
    """The answer to the read-back; False when it is none."""
    if (talk.says_yes or talk.picked == 0) and not listen.has("but", talk.text):
        _place(talk, task)
        return True
    if talk.says_yes or talk.u.intent == "change_order":
        task.asked = "what"
        talk.say("order.change_what")
        return True
    if talk.says_no:
        refusals.refuse(talk, task)
        return True
    return False


def _requests(talk: Talk, task: OrderTask) -> list[OrderRequest]:
    elder = talk.work.get(Elder, task.elder_id)
    requests = []
    for item in task.items:
        assert item.window_start is not None
        assert item.window_end is not None
        own = elder.diet if eats(item.code) else []
        requests.append(
            OrderRequest(
                elder_id=elder.id,
                code=item.code,
                quantity=item.quantity,
                window_start=item.window_start,
                window_end=item.window_end,
                address_id=task.address_id,
                diet=tuple(dict.fromkeys([*item.diet, *own])),
                note=note_of(talk, elder.id, item),
                channel=talk.utterance.channel,
            )
        )
    return requests


def _quotes(talk: Talk, task: OrderTask) -> list[Quote] | None:
    """The basket's prices; None after a refusal, which is then already explained."""
    requests = _requests(talk, task)
    try:
        return quote_orders(talk.work, requests)
    except DomainError:
        pass
    for upto in range(1, len(requests) + 1):
        try:
            quotes = quote_orders(talk.work, requests[:upto])
        except DomainError as refusal:
            limits.refuse(talk, task, upto - 1, requests[upto - 1], refusal)
            return None
    return quotes


def _place(talk: Talk, task: OrderTask) -> None:
    promised = task.promised_fen
    quotes = _quotes(talk, task)
    if quotes is None:
        return
    if promised is None or sum(quote.self_pay_fen for quote in quotes) > promised:
        # The yes was for another price: somebody else ordered from the allowance meanwhile.
        talk.say("order.price_moved")
        read_back(talk, task)
        return
    orders: list[Order] = []
    try:
        with talk.attempt():
            for index, quote in enumerate(quotes):
                orders.append(place_order(talk.work, quote.request, talk.key(index)))
    except DomainError as refusal:
        failed = len(orders)
        if refusal.code == "allowance_short":
            talk.say("order.price_moved")
            read_back(talk, task)
        else:
            limits.refuse(talk, task, failed, quotes[failed].request, refusal)
        return
    for order in orders:
        talk.did("place_order", order.id)
    talk.finish()
    placed = [
        {"name": quote.item_name, "number": order.number}
        for quote, order in zip(quotes, orders, strict=True)
    ]
    talk.say("order.placed", items=placed)
    _promise_plan(talk, task, orders)
    _next_elder(talk, task)


def _promise_plan(talk: Talk, task: OrderTask, orders: list[Order]) -> None:
    """每天, 每周三: the first one is placed; the rest a human arranges."""
    regular = [item for item in task.items if item.recurrence]
    if not regular:
        return
    wishes = [{"name": item_name(talk, i), "recurrence": i.recurrence} for i in regular]
    ticket = open_ticket(
        talk.work,
        "call_back",
        talk.text_of("ticket.plan", wishes=wishes, elder=orders[0].elder.name),
        talk.key("plan"),
        elder_id=task.elder_id,
        order_id=orders[0].id,
    )
    talk.did("open_ticket", ticket.id)
    talk.say("order.plan_by_agent", wishes=wishes, ticket=ticket.id)


def _next_elder(talk: Talk, task: OrderTask) -> None:
    """给爸妈各订一份: the same for the other one, with an own read-back and an own yes."""
    if not task.others:
        return
    again = task.model_copy(deep=True)
    again.elder_id, again.others, again.address_id = task.others[0], task.others[1:], None
    talk.state.task = again
    talk.say("order.next_elder", elder=elder_name(talk, again))
    read_back(talk, again)
