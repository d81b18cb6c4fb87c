"""A plain no to what we proposed: a time, a price, the order as read back.

Once, and we ask what instead; twice, and a human is offered. Nothing that was said is lost by it:
an order put by can be gone on with, by telephone or in writing. Only words that end the matter
(算了, 不订了) end it, and those are not heard here.
"""

from __future__ import annotations

from backend.services.lookup import transcript
from backend.services.want_human import want_human
from nlu.dialogue import apart, listen
from nlu.dialogue.order_slots import elder_name, item_name, item_names
from nlu.dialogue.state import OrderTask
from nlu.dialogue.talk import Talk

MOST_REFUSED = 2
"""So many times is one asked what instead, and no more."""
_PROPOSED = frozenset({"proposal", "confirm"})
_INSTEAD = frozenset({"instead", "what"})


def is_mild(talk: Talk) -> bool:
    """不用了, 不要: no to what was just asked, which need not be no to the whole matter."""
    return listen.is_one_of("declines", talk.text)


def take(talk: Talk, task: OrderTask) -> bool:
    """Answer a refusal of the question that stands; False when the sentence is none."""
    mild = is_mild(talk)
    plain = mild or (talk.says_no and talk.u.source == "rule")
    if task.asked == "human":
        return _answer_human(talk, task)
    if task.asked in _PROPOSED:
        if not (plain or talk.picked == 1 or listen.has("dear", talk.text)):
            return False
        refuse(talk, task)
    elif task.asked in _INSTEAD and plain and not listen.is_one_of("no_change", talk.text):
        offer_human(talk, task)
    elif mild:
        # No answer to an open question: they do not want to be asked.
        offer_human(talk, task)
    else:
        return False
    return True


def ask_instead(talk: Talk, task: OrderTask) -> None:
    """What instead of the time that was refused; all else stays as it was said."""
    task.asked = "instead"
    talk.say("order.ask_instead", item=item_name(talk, task.items[task.proposed_for or 0]))


def ask_human(talk: Talk, task: OrderTask) -> None:
    """Whether a human shall ring about it."""
    talk.say("order.human", items=item_names(talk, task))


def refuse(talk: Talk, task: OrderTask) -> None:
    """The time proposed, or the order read back, is not wanted so."""
    task.refused += 1
    if task.asked == "confirm":
        task.refused_wish = apart.wish(task)
    if task.refused >= MOST_REFUSED:
        offer_human(talk, task)
    elif task.asked == "proposal":
        ask_instead(talk, task)
    else:
        task.asked = "what"
        talk.say("order.change_what")


def offer_human(talk: Talk, task: OrderTask) -> None:
    """Somebody shall ring, if they like; what was said is kept meanwhile."""
    if not task.items:
        talk.finish()  # nothing was said yet that could be lost
        talk.say("order.dropped")
        return
    task.asked = "human"
    ask_human(talk, task)


def _answer_human(talk: Talk, task: OrderTask) -> bool:
    if talk.says_yes or talk.picked == 0:
        ticket, joined = want_human(
            talk.work,
            "call_back",
            talk.text_of("ticket.refused", items=item_names(talk, task), elder=_whom(talk, task)),
            talk.key("refused"),
            elder_id=task.elder_id,
            transcript=transcript(talk.work, talk.account.id),
        )
        _put_by(talk, task)
        talk.did("open_ticket", ticket.id)
        talk.say("call_back.joined" if joined else "call_back.opened", ticket=ticket.id)
        return True
    if talk.says_no or is_mild(talk) or talk.picked == 1:
        _put_by(talk, task)
        talk.say("order.put_by")
        return True
    return False


def _put_by(talk: Talk, task: OrderTask) -> None:
    """Aside, and not taken up again before it is asked about."""
    task.asked, task.refused = None, 0
    talk.state.paused, talk.state.paused_long = task, True
    talk.finish()


def _whom(talk: Talk, task: OrderTask) -> str:
    return elder_name(talk, task) if task.elder_id is not None else ""
