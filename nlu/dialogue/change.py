"""Changing an order that stands: which one, to what, the new price read out, one yes."""

from __future__ import annotations

import re
from datetime import date, timedelta

from backend.db.models import Order, ServiceItem
from backend.domain.errors import DomainError
from backend.domain.orders import Move, may
from backend.services.change_order import OrderChange, change_order, quote_change
from backend.services.lookup import open_orders
from backend.services.quote_order import OrderRequest, Quote
from backend.settings import TIMEZONE
from nlu.dialogue import cancel, limits, listen
from nlu.dialogue.basket import put_said, values_of
from nlu.dialogue.read_back import facts_of
from nlu.dialogue.state import ChangeTask, Said
from nlu.dialogue.talk import SURE, Talk
from nlu.dialogue.which_order import (
    MOST_LISTED,
    MOST_OPEN,
    by_number,
    chosen,
    described,
    listed,
    narrowed,
)
from nlu.dialogue.windows import TIME_REFUSALS, nearest, said_window
from nlu.values.vague import vague_day, vague_hour

_BARE_WEEKDAY = re.compile(r"(?<![这本下上个])(?:周|星期|礼拜)[一二三四五六日天]")


def begin(talk: Talk, order: Order | None = None) -> None:
    """Find the order meant; ask when several could be."""
    if not talk.links:
        talk.say("people.unbound_order")
        return
    order = order or by_number(talk)
    orders = [o for o in open_orders(talk.work, talk.elder_ids) if may(o.state, Move.CHANGE)]
    if order is None and not orders:
        talk.say("change.none")
        return
    found = [order] if order is not None else narrowed(talk, orders, by_date=False)
    task = ChangeTask(said=values_of(talk.u))
    talk.start(task)
    if len(found) == 1:
        _take_order(talk, task, found[0])
        return
    if not found:
        talk.say("cancel.not_found")
    found = found or orders
    if len(found) == 1:
        # Described wrongly, but there is only one: name it, so that a no is easy.
        _take_order(talk, task, found[0])
        return
    task.asked, task.options = "which", [o.id for o in found[:MOST_OPEN]]
    ask(talk, task)


def answer(talk: Talk, task: ChangeTask) -> bool:
    """Take the sentence as an answer; False when it is about something else."""
    if talk.gives_up or (task.asked == "confirm" and talk.picked == 2):
        talk.finish()
        talk.say("change.dropped")
        return True
    if talk.u.intent == "cancel_order" and talk.u.confidence >= SURE:
        return _cancel_instead(talk, task)
    if task.order_id is None:
        order = chosen(talk, task.options)
        if order is not None:
            _take_order(talk, task, order)
        return order is not None
    if talk.u.intent not in ("inform", "affirm", "deny", "change_order") and not (
        talk.u.intent.startswith("order_") or task.asked == "what"
    ):
        return False
    if task.asked == "confirm" and talk.picked == 1:
        task.asked = "what"
        talk.say("change.to_what", **_facts(talk, task))
        return True
    said = values_of(talk.u)
    if said.is_empty and _vague(talk) and task.said.is_empty:
        _advance(talk, task)
        return True
    if not said.is_empty:
        task.window_start = task.window_end = None
        put_said(task.said, said)
        _advance(talk, task)
        return True
    if task.asked == "confirm" and (talk.says_yes or talk.picked == 0):
        _carry_out(talk, task)
        return True
    if task.asked == "confirm" and talk.says_no:
        task.said, task.asked = Said(), "what"
        talk.say("change.to_what", **_facts(talk, task))
        return True
    return False


def _cancel_instead(talk: Talk, task: ChangeTask) -> bool:
    """ "第二个取消": the order is found, only the wish is another one."""
    known = talk.work.get(Order, task.order_id) if task.order_id is not None else None
    order = chosen(talk, task.options) if known is None else known
    if order is None or listen.has("keep", talk.text):
        return False
    talk.finish()
    cancel.begin(talk, order)
    return True


def ask(talk: Talk, task: ChangeTask) -> None:
    """Say the question that stands once more."""
    if task.order_id is None:
        orders = [talk.work.get(Order, order_id) for order_id in task.options]
        talk.say("order.which", orders=listed(talk, orders), more=len(orders) - MOST_LISTED)
    else:
        _advance(talk, task)


def _take_order(talk: Talk, task: ChangeTask, order: Order) -> None:
    if not may(order.state, Move.CHANGE):
        talk.finish()
        talk.say("limit.already_started", **described(talk, order))
        return
    task.order_id = order.id
    _advance(talk, task)


def _advance(talk: Talk, task: ChangeTask) -> None:
    if task.said.is_empty and task.window_start is None:
        task.asked = "what"
        talk.say("change.to_what", **_facts(talk, task))
        return
    order = talk.work.get(Order, task.order_id)
    service = talk.work.get(ServiceItem, order.code)
    if task.window_start is None:
        _find_window(talk, task, order, service)
    try:
        quote = quote_change(talk.work, order.id, _change(task, order))
    except DomainError as refusal:
        _refused(talk, task, order, service, refusal)
        return
    _read_back(talk, task, order, quote)


def _find_window(talk: Talk, task: ChangeTask, order: Order, service: ServiceItem) -> None:
    """The new window: what was not said stays as it was."""
    said = task.said
    if not (said.date or said.time or said.part):
        return
    start = order.window_start.astimezone(TIMEZONE)
    end = order.window_end.astimezone(TIMEZONE)
    day = _day_meant(talk, said.date, start.date()) if said.date else start.date()
    if said.time or said.part:
        task.window_start, task.window_end = said_window(
            service, day, said.time, said.part, talk.work.now
        )
        return
    # Only the day moves: the same hours on the other day.
    moved = start.replace(year=day.year, month=day.month, day=day.day)
    task.window_start, task.window_end = moved, moved + (end - start)


def _day_meant(talk: Talk, said: date, ordered: date) -> date:
    """A bare 周四 said of an order in another week means the Thursday of that week."""
    weekday = talk.u.date == said and _BARE_WEEKDAY.search(listen.bare(talk.text))
    if not weekday:
        return said
    beside = ordered + timedelta(days=said.weekday() - ordered.weekday())
    return beside if beside > talk.today else said


def _change(task: ChangeTask, order: Order) -> OrderChange:
    diet = tuple(dict.fromkeys([*order.diet, *task.said.diet])) if task.said.diet else None
    return OrderChange(
        window_start=task.window_start,
        window_end=task.window_end,
        quantity=task.said.quantity,
        diet=diet,
    )


def _read_back(talk: Talk, task: ChangeTask, order: Order, quote: Quote) -> None:
    task.asked = "confirm"
    task.promised_fen = quote.self_pay_fen
    facts = facts_of(talk, [quote])
    talk.say(
        "change.read_back",
        number=order.number,
        before=described(talk, order),
        difference=quote.self_pay_fen - order.self_pay_fen,
        **facts,
    )


def _carry_out(talk: Talk, task: ChangeTask) -> None:
    order = talk.work.get(Order, task.order_id)
    try:
        quote = quote_change(talk.work, order.id, _change(task, order))
        if task.promised_fen is None or quote.self_pay_fen > task.promised_fen:
            talk.say("order.price_moved")
            _read_back(talk, task, order, quote)
            return
        with talk.attempt():
            order = change_order(talk.work, order.id, _change(task, order))
    except DomainError as refusal:
        _refused(talk, task, order, talk.work.get(ServiceItem, order.code), refusal)
        return
    talk.did("change_order", order.id)
    talk.finish()
    talk.say("change.done", **described(talk, order))


def _refused(
    talk: Talk, task: ChangeTask, order: Order, service: ServiceItem, refusal: DomainError
) -> None:
    if refusal.code in TIME_REFUSALS and task.window_start and task.window_end:
        wished = OrderRequest(
            order.elder_id, order.code, task.window_start, task.window_end,
            quantity=task.said.quantity or 1,
        )  # fmt: skip

        def price(request: OrderRequest) -> Quote:
            change = OrderChange(request.window_start, request.window_end, task.said.quantity)
            return quote_change(talk.work, order.id, change)

        found = nearest(service, wished, talk.work.now, price)
        task.window_start = found.window_start if found else None
        task.window_end = found.window_end if found else None
        limits.explain(
            talk, refusal, name=service.name, nearest=task.window_start, end=task.window_end
        )
        task.said.date = task.said.time = task.said.part = None
        if found is None:
            task.asked = "what"
            return
        # The read-back of the nearest time is the question: yes takes it, a word changes it.
        _read_back(talk, task, order, price(found))
        return
    talk.finish()
    limits.explain(talk, refusal, elder_id=order.elder_id, **described(talk, order))


def _vague(talk: Talk) -> str | None:
    """The words of a time that cannot be booked, for the question to name."""
    return vague_day(talk.text, talk.work.local_now) or vague_hour(talk.text)


def _facts(talk: Talk, task: ChangeTask) -> dict[str, object]:
    return {"vague": _vague(talk), **described(talk, talk.work.get(Order, task.order_id))}


def wanted_by(talk: Talk) -> bool:
    """Whether a tap on 换时间 after the news that nobody could come is meant."""
    return listen.is_just("another_time", talk.text)
