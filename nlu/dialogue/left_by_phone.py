"""An order that was begun by telephone and left by hanging up goes on in WeChat.

By whoever may order for that elder, for as long as it would go on by telephone, and once: whoever
takes it up has it.
"""

from __future__ import annotations

from sqlalchemy import Select, exists, select

from backend.db.models import Account, Call, Conversation, Link
from nlu.dialogue import resume
from nlu.dialogue.order_slots import may_order
from nlu.dialogue.state import OrderTask, dump_state, load_state
from nlu.dialogue.talk import Talk

PHONE = "phone"


def take_over(talk: Talk) -> bool:
    """Go on with the latest such order, read out anew. False where there is none."""
    if talk.account.channel == PHONE or not talk.links:
        return False
    for row in talk.work.session.scalars(_left(talk)):
        state = load_state(row.state)
        task = state.task if isinstance(state.task, OrderTask) else state.paused
        if not isinstance(task, OrderTask) or not task.items or task.elder_id is None:
            continue
        if not may_order(talk, task.elder_id):
            continue
        state.task = state.paused = None
        row.state = dump_state(state)
        talk.state.paused = task
        talk.say("order.back_to")
        resume.take_up(talk)
        return True
    return False


def _left(talk: Talk) -> Select[Conversation]:
    """Conversations of the last hour with telephones of our elders, latest first; none in which
    somebody is talking just now."""
    theirs = select(Link.account_id).where(
        Link.elder_id.in_(talk.elder_ids), Link.ended_at.is_(None)
    )
    on = exists().where(Call.account_id == Conversation.account_id, Call.ended_at.is_(None))
    return (
        select(Conversation)
        .join(Account)
        .where(
            Account.channel == PHONE,
            Conversation.account_id.in_(theirs),
            Conversation.updated_at > talk.work.now - resume.STARTS_AGAIN_AFTER,
            ~on,
        )
        .order_by(Conversation.updated_at.desc())
        .with_for_update(of=Conversation, skip_locked=True)
    )
