"""The table of tasks: who takes an answer, who says the pending question again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from nlu.dialogue import (
    binding,
    called,
    cancel,
    change,
    doubt,
    emergency,
    feedback,
    greetings,
    humans,
    introduction,
    order,
    recording,
    resume,
    small_talk,
)
from nlu.dialogue.talk import Talk


class Handler(NamedTuple):
    """`answer(talk, task)` says whether the sentence belonged to the task; `ask(talk, task)`
    says its question again after a digression."""

    answer: Callable[[Talk, Any], bool]
    ask: Callable[[Talk, Any], None]


HANDLERS: dict[str, Handler] = {
    "order": Handler(order.answer, order.ask),
    "change": Handler(change.answer, change.ask),
    "cancel": Handler(cancel.answer, cancel.ask),
    "rate": Handler(feedback.answer_rating, feedback.ask_rating),
    "complain": Handler(feedback.answer_complaint, feedback.ask_complaint),
    "call_back": Handler(humans.answer_call_back, humans.ask_call_back),
    "bind": Handler(binding.answer, binding.ask),
    "unbind": Handler(binding.answer_unbinding, binding.ask_unbinding),
    "help": Handler(emergency.answer, emergency.ask),
    "doubt": Handler(doubt.answer, doubt.ask),
    "who": Handler(introduction.answer, introduction.ask),
    "resume": Handler(resume.answer, resume.ask),
    "called": Handler(called.answer, called.ask),
    "consent": Handler(recording.answer, recording.ask),
    "greeting": Handler(greetings.answer, greetings.ask),
}

ORDER_ANY = "order"
"""Begins an order whose kind of service no intent tells."""

STARTERS: dict[str, Callable[[Talk], None]] = {
    **dict.fromkeys(order.ORDER_INTENTS, order.begin),
    ORDER_ANY: order.begin,
    "change_order": change.begin,
    "cancel_order": cancel.begin,
    "rate_service": feedback.begin_rating,
    "complain": feedback.begin_complaint,
    "health_consult": humans.offer_health_call,
    "bind_elder": binding.begin,
    "unbind_elder": binding.begin_unbinding,
    **dict.fromkeys(small_talk.SMALL_TALK, small_talk.answer),
}
