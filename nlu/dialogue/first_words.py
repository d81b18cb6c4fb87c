"""We rang, and they have picked up: our first words, by why we rang.

Only what asks something begins a task (answered in `nlu/dialogue/called.py`). An order that lay
unfinished steps aside meanwhile and is taken up again afterwards, as after any other digression.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend.db.models import Callout
from backend.domain.callouts import Reason
from nlu.dialogue import resume
from nlu.dialogue.ringing import greet_by
from nlu.dialogue.state import CalledTask, DoubtTask, HelpTask, RateTask, Task
from nlu.dialogue.talk import Talk
from nlu.prompts import render_notice

EVENT = "callout"
"""They have picked up a call of ours: `callout:ID`."""
_IN_NEED = (HelpTask, DoubtTask)
"""Tasks that no question of ours may push aside."""


def begin(talk: Talk, callout_id: int) -> None:
    """Say who we are and why we ring, and wait for what that may be answered."""
    callout = talk.work.get(Callout, callout_id)
    resume.wake(talk)
    talk.say("callout.hello", name=greet_by(talk))
    _OPENINGS.get(callout.why, _tell)(talk, callout, _facts(talk, callout))


def _tell(talk: Talk, callout: Callout, facts: dict[str, Any]) -> None:
    """News that has words of its own, and asks nothing or what a notice may be answered."""
    assert callout.notice_kind is not None
    talk.replies.append(render_notice(callout.notice_kind, facts, "phone"))


def _ask_change(talk: Talk, callout: Callout, facts: dict[str, Any]) -> None:
    talk.say("callout.order_changed", **facts)
    _start(talk, _task(callout, "fine"))


def _ask_visit(talk: Talk, callout: Callout, facts: dict[str, Any]) -> None:
    assert callout.order_id is not None
    talk.say("callout.how_was_it", **facts)
    _start(talk, RateTask(order_id=callout.order_id, asked="stars"))


def _ask_health(talk: Talk, callout: Callout, facts: dict[str, Any]) -> None:
    talk.say("callout.how_are_you")
    _start(talk, _task(callout, "how"))


def _offer_job(talk: Talk, callout: Callout, facts: dict[str, Any]) -> None:
    talk.say("callout.job_offer", **facts)


def _ask_to_look(talk: Talk, callout: Callout, facts: dict[str, Any]) -> None:
    talk.say("callout.check", **facts)


_OPENINGS: dict[Reason, Callable[[Talk, Callout, dict[str, Any]], None]] = {
    Reason.CONFIRM_CHANGE: _ask_change,
    Reason.HOW_WAS_IT: _ask_visit,
    Reason.DAILY_GREETING: _ask_health,
    Reason.JOB_OFFER: _offer_job,
    Reason.CHECK: _ask_to_look,
}


def _start(talk: Talk, task: Task) -> None:
    if not isinstance(talk.state.task, _IN_NEED):
        talk.start(task)


def _task(callout: Callout, asked: str) -> CalledTask:
    return CalledTask(callout_id=callout.id, order_id=callout.order_id, asked=asked)


def _facts(talk: Talk, callout: Callout) -> dict[str, Any]:
    """The notice's, without the name of an elder whom it is told to."""
    facts = {"now": talk.work.now, **callout.data}
    link = talk.link_to(callout.elder_id) if callout.elder_id is not None else None
    if link is not None and link.relation == "self":
        facts["elder"] = None
    return facts
