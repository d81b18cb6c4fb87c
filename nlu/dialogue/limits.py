"""When the house must say no: why, in kind words, and always a way on."""

from __future__ import annotations

from typing import Any

from backend.db.models import Elder, ServiceItem
from backend.domain.errors import DomainError
from backend.services.quote_order import OrderRequest, quote_order
from nlu.dialogue import people
from nlu.dialogue.state import CallBackTask, OrderTask
from nlu.dialogue.talk import Talk
from nlu.dialogue.windows import TIME_REFUSALS, nearest

HUMAN_REFUSALS = frozenset({"no_provider", "needs_assessment", "assessment_expired", "no_address"})
"""Refusals that only a human can help with: a call-back is offered."""


def refuse(
    talk: Talk, task: OrderTask, index: int, request: OrderRequest, refusal: DomainError
) -> None:
    """Explain why the item at `index` cannot be had, and leave the task where it can go on."""
    item = task.items[index]
    service = talk.item(item.code)
    if refusal.code in TIME_REFUSALS and service is not None:
        _propose(talk, task, index, service, request, refusal)
    elif refusal.code in HUMAN_REFUSALS:
        _offer_call_back(talk, task, index, refusal)
    elif refusal.code == "bad_quantity":
        task.asked = "quantity"
        item.quantity = 1
        explain(talk, refusal)
    elif refusal.code == "not_permitted":
        talk.finish()
        explain(talk, refusal, elder_id=task.elder_id)
    else:
        del task.items[index]
        explain(talk, refusal)
        talk.finish()


def explain(talk: Talk, refusal: DomainError, elder_id: int | None = None, **facts: Any) -> None:
    """Say the prompt of a refusal: `limit.<code>`."""
    known: dict[str, Any] = {"name": "", "elder_name": "", "town": "", **refusal.facts, **facts}
    if refusal.code == "not_permitted" and elder_id is not None:
        elder = talk.work.get(Elder, elder_id)
        known["elder_name"] = elder.name
        known["who"] = [
            {"name": name or "", "relation": relation}
            for name, relation in people.who_may_order(talk, elder_id)
            if not people.is_known_by_name(talk)
        ]
    known.setdefault("who", [])
    talk.say(f"limit.{refusal.code}", **known)


def _propose(
    talk: Talk,
    task: OrderTask,
    index: int,
    service: ServiceItem,
    request: OrderRequest,
    refusal: DomainError,
) -> None:
    """Offer the nearest time that can really be had."""
    found = nearest(service, request, talk.work.now, lambda r: quote_order(talk.work, r))
    task.proposed_for = index
    if found is None or refusal.code == "too_far":
        item = task.items[index]
        item.date = item.time = item.part = item.window_start = item.window_end = None
        task.asked = "date"
        explain(talk, refusal, name=service.name, nearest=None, end=None)
        return
    task.asked = "proposal"
    task.proposal_start, task.proposal_end = found.window_start, found.window_end
    task.refusal = refusal.code
    explain(talk, refusal, name=service.name, nearest=found.window_start, end=found.window_end)


def propose_again(talk: Talk, task: OrderTask) -> None:
    """The proposal that stands, said once more."""
    service = talk.item(task.items[task.proposed_for or 0].code)
    talk.say(
        "order.proposal_again",
        name=service.name if service is not None else "",
        nearest=task.proposal_start,
        end=task.proposal_end,
    )


def _offer_call_back(talk: Talk, task: OrderTask, index: int, refusal: DomainError) -> None:
    """Drop the item and offer that a human rings; what remains is taken up afterwards."""
    item = task.items.pop(index)
    elder = talk.work.get(Elder, task.elder_id)
    service = talk.item(item.code)
    name = service.name if service is not None else item.code
    explain(talk, refusal, name=name, elder_name=elder.name, elder=talk.called(elder))
    offer = CallBackTask(
        asked="confirm",
        elder_id=elder.id,
        summary=talk.text_of(f"ticket.{refusal.code}", name=name, elder=elder.name, day=item.date),
    )
    talk.state.task = offer
    talk.state.paused = task if task.items else None
    if task.items:
        task.asked = None
