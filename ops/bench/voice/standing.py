"""How a call stands, read from the record of the call that the line writes as it goes.

What the line says is not made out from its sound: a caller of the bench is no better at hearing
than the line is. It only reads; what it reads is committed before the line speaks it.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.models import Call, CallTurn, Conversation, Order, Ticket
from backend.settings import TIMEZONE
from nlu.dialogue.state import OrderTask, load_state
from ops.bench.voice.persona import Standing
from ops.bench.voice.plans import Steps
from ops.bench.voice.wishes import Ordered


def standing(session: Session, sip_id: str) -> Standing:
    """Of the call with that Call-ID; as nothing was said yet where it has no row."""
    call = session.scalars(
        select(Call).where(Call.sip_id == sip_id).order_by(Call.id.desc()).limit(1)
    ).first()
    if call is None:
        return Standing()
    turn = session.scalar(select(func.max(CallTurn.no)).where(CallTurn.call_id == call.id))
    kept = session.get(Conversation, call.account_id)
    task = load_state(kept.state if kept is not None else None).task
    ticket = session.get(Ticket, call.ticket_id) if call.ticket_id is not None else None
    order = task if isinstance(task, OrderTask) else None
    return Standing(
        turn=turn or 0,
        doing=call.doing,
        read_back=_read_back(order) if order is not None else (),
        asked_of=_asked_of(order) if order is not None else None,
        placed=call.outcome == "order",
        human=ticket is not None and ticket.kind in ("handover", "call_back"),
        alarm=call.incident_id is not None,
    )


def _read_back(task: OrderTask) -> tuple[Ordered, ...]:
    return tuple(
        Ordered(item.code, item.quantity, item.window_start.astimezone(TIMEZONE))
        for item in task.items
        if item.window_start is not None
    )


def _asked_of(task: OrderTask) -> str | None:
    """The item a question is about: the first that lacks what is asked."""
    for item in task.items:
        lacks = item.date is None if task.asked == "date" else item.window_start is None
        if lacks:
            return item.code
    return task.items[0].code if task.items else None


def steps_of(session: Session, sip_id: str) -> tuple[Steps, ...]:
    """Where the time of each spoken turn went, as the line wrote it down."""
    times = session.scalars(
        select(CallTurn.times)
        .join(Call, Call.id == CallTurn.call_id)
        .where(Call.sip_id == sip_id)
        .order_by(CallTurn.no)
    )
    return tuple(
        Steps(
            one["decided"] - one["ended"],
            one["answered"] - one["decided"],
            one["spoke"] - one["answered"],
        )
        for one in times
        if {"ended", "decided", "answered", "spoke"} <= one.keys()
    )


def ordered(session: Session, elder_id: int) -> list[Ordered]:
    """The orders of an elder of the bench, who had none before."""
    rows = session.scalars(select(Order).where(Order.elder_id == elder_id).order_by(Order.id))
    return [Ordered(one.code, one.quantity, one.window_start.astimezone(TIMEZONE)) for one in rows]
