"""Cancelling an order: which one, one yes, done."""

from __future__ import annotations

from backend.db.models import Order
from backend.domain.errors import DomainError
from backend.domain.orders import Move, may
from backend.services.cancel_order import cancel_order
from backend.services.lookup import open_orders
from nlu.dialogue import limits, listen
from nlu.dialogue.state import CancelTask
from nlu.dialogue.talk import Talk
from nlu.dialogue.which_order import (
    MOST_LISTED,
    MOST_OPEN,
    by_number,
    chosen,
    described,
    listed,
    narrowed,
)


def begin(talk: Talk, order: Order | None = None) -> None:
    """Find the order meant; ask when several could be."""
    if not talk.links:
        talk.say("people.unbound_order")
        return
    orders = open_orders(talk.work, talk.elder_ids)
    order = order or by_number(talk)
    if order is None and not orders:
        talk.say("cancel.none")
        return
    task = CancelTask(reason=talk.text[:200])
    talk.start(task)
    found = [order] if order is not None else narrowed(talk, orders)
    if not found:
        talk.say("cancel.not_found")
    found = found or orders
    if len(found) == 1:
        _take_order(talk, task, found[0])
        return
    task.asked, task.options = "which", [o.id for o in found[:MOST_OPEN]]
    ask(talk, task)


def answer(talk: Talk, task: CancelTask) -> bool:
    """Take the sentence as an answer; False when it is about something else."""
    if task.order_id is None:
        order = chosen(talk, task.options)
        if order is not None:
            _take_order(talk, task, order)
            return True
        if talk.says_no or talk.gives_up:
            return _keep(talk)
        return False
    if talk.says_no or talk.picked == 1 or listen.has("keep", talk.text):
        return _keep(talk)
    # At the question 确定取消吗 the words 取消 and 不要了 are a yes.
    if talk.says_yes or talk.picked == 0 or talk.gives_up:
        _carry_out(talk, task)
        return True
    if talk.u.intent == "cancel_order" and not talk.has_values:
        _carry_out(talk, task)
        return True
    return False


def ask(talk: Talk, task: CancelTask) -> None:
    """Say the question that stands once more."""
    if task.order_id is None:
        orders = [talk.work.get(Order, order_id) for order_id in task.options]
        talk.say("order.which", orders=listed(talk, orders), more=len(orders) - MOST_LISTED)
    else:
        _confirm(talk, talk.work.get(Order, task.order_id))


def _take_order(talk: Talk, task: CancelTask, order: Order) -> None:
    if not may(order.state, Move.CANCEL):
        talk.finish()
        talk.say("limit.already_started", **described(talk, order))
        return
    task.order_id, task.asked = order.id, "confirm"
    _confirm(talk, order)


def _confirm(talk: Talk, order: Order) -> None:
    talk.say("cancel.confirm", **described(talk, order))


def _keep(talk: Talk) -> bool:
    talk.finish()
    talk.say("cancel.kept")
    return True


def _carry_out(talk: Talk, task: CancelTask) -> None:
    talk.finish()
    try:
        with talk.attempt():
            order = cancel_order(talk.work, task.order_id or 0, task.reason)
    except DomainError as refusal:
        limits.explain(talk, refusal)
        return
    talk.did("cancel_order", order.id)
    talk.say("cancel.done", **described(talk, order))
