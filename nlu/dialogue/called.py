"""Answers of people whom we rang: is the changed order all right, how are you today.

Whatever is answered, the call has then done what it was for and is not made again: the callout is
marked in the transaction of the answer itself.
"""

from __future__ import annotations

from backend.db.models import Callout, Order
from backend.domain.orders import Move, may
from backend.services.callouts import settle_callout
from backend.services.greet_daily import end_greetings
from nlu.dialogue import change, greetings, listen
from nlu.dialogue.state import CallBackTask, CalledTask
from nlu.dialogue.talk import Talk

_TALK = frozenset(
    {"greet", "thanks", "goodbye", "chitchat", "out_of_scope", "inform", "affirm", "deny"}
)
"""Said in answer to "how are you", these are the answer and no other matter."""


def answer(talk: Talk, task: CalledTask) -> bool:
    """Take the sentence as the answer; False when it is about something else."""
    if task.asked == "fine":
        return _answer_change(talk, task)
    return _answer_health(talk, task)


def ask(talk: Talk, task: CalledTask) -> None:
    """The question once more."""
    talk.say("callout.fine_again" if task.asked == "fine" else "callout.how_are_you")


def _answer_change(talk: Talk, task: CalledTask) -> bool:
    if talk.says_yes or talk.picked == 0 or listen.is_just("noted", talk.text):
        _settle(talk, task)
        talk.say("callout.change_kept")
        return True
    if talk.says_no or talk.picked == 1:
        _settle(talk, task)
        order = talk.work.get(Order, task.order_id)
        if may(order.state, Move.CHANGE):
            change.begin(talk, order)
        else:
            talk.say("callout.too_late_to_change")
        return True
    if talk.u.intent in ("change_order", "cancel_order"):
        _settle(talk, task)
    return False


def _answer_health(talk: Talk, task: CalledTask) -> bool:
    if listen.has("no_more_calls", talk.text) or greetings.is_end(talk.text):
        return _stop_greetings(talk, task)
    if talk.u.intent not in _TALK:
        _settle(talk, task)  # they want something: that is what we talk about now
        return False
    _settle(talk, task)
    if _is_unwell(talk):
        summary = talk.text_of("ticket.unwell", said=talk.text[:300])
        elder_id = talk.links[0].elder_id if len(talk.links) == 1 else None
        talk.start(CallBackTask(asked="confirm", elder_id=elder_id, summary=summary))
        talk.say("callout.unwell")
    else:
        talk.say("callout.glad")
    return True


def _stop_greetings(talk: Talk, task: CalledTask) -> bool:
    _settle(talk, task)
    callout = talk.work.get(Callout, task.callout_id)
    if callout.elder_id is not None and end_greetings(talk.work, callout.elder_id):
        talk.did("end_greetings", callout.elder_id)
    talk.say("callout.greetings_ended")
    return True


def _is_unwell(talk: Talk) -> bool:
    said = listen.has("unwell", talk.text) or talk.says_no
    return said and not listen.has("well", talk.text)


def _settle(talk: Talk, task: CalledTask) -> None:
    talk.finish()
    settle_callout(talk.work, task.callout_id)
