"""Find what a lost job would have done. Our rows are the truth; jobs only make it quick."""

from datetime import timedelta

from sqlalchemy import case, or_, select

from backend.db.models import Elder, Incident, Message, Notice, Offer, Order
from backend.domain.incidents import IncidentState
from backend.domain.orders import OPEN_STATES, OrderState
from backend.jobs.queue import URGENT
from backend.services.close_month import close_month
from backend.services.grant_allowance import grant_allowance
from backend.services.lost_calls import lost_calls
from backend.services.miss_order import GRACE, miss_order
from backend.services.ring_callout import settle_overdue
from backend.services.work import Work
from backend.settings import get_settings

STUCK = timedelta(seconds=15)
"""A job this late is taken for lost; doing it twice does no harm."""
STUCK_URGENT = timedelta(seconds=5)
AT_ONCE = 500


def sweep(work: Work) -> dict[str, int]:
    """Enqueue again everything overdue; how many of each."""
    overdue = work.now - STUCK
    found = {
        "deliver_notice": work.session.scalars(
            select(Notice.id)
            .where(
                Notice.state == "pending",
                Notice.due_at < case((Notice.urgent, work.now - STUCK_URGENT), else_=overdue),
                or_(Notice.lease_until.is_(None), Notice.lease_until < work.now),
            )
            .order_by(Notice.urgent.desc(), Notice.id)
            .limit(AT_ONCE)
        ).all(),
        "expire_offer": work.session.scalars(
            select(Offer.id)
            .where(Offer.state == "standing", Offer.expires_at < overdue)
            .limit(AT_ONCE)
        ).all(),
        "dispatch_order": work.session.scalars(
            select(Order.id)
            .where(
                Order.state == OrderState.PLACED,
                Order.window_end > work.now,
                Order.changed_at < overdue,
            )
            .order_by(Order.window_end)
            .limit(AT_ONCE)
        ).all(),
        "answer_message": work.session.scalars(
            select(Message.id)
            .where(Message.state != "answered", Message.received_at < overdue)
            .order_by(Message.id)
            .limit(AT_ONCE)
        ).all(),
        "push_answer": work.session.scalars(
            select(Message.id)
            .where(
                Message.state == "answered",
                Message.sent_at.is_(None),
                Message.answer_lease_until < work.now,
            )
            .order_by(Message.id)
            .limit(AT_ONCE)
        ).all(),
    }
    found["end_lost_call"] = lost_calls(work)
    argument = {
        "end_lost_call": "call_id",
        "deliver_notice": "notice_id",
        "expire_offer": "offer_id",
        "dispatch_order": "order_id",
        "answer_message": "message_id",
        "push_answer": "message_id",
    }
    for task, ids in found.items():
        for row_id in ids:
            work.later(task, None, 0, **{argument[task]: row_id})
    counts = {task: len(ids) for task, ids in found.items()}
    counts["escalate_incident"] = _escalate(work)
    counts["missed"] = _miss(work)
    counts["callouts"] = settle_overdue(work)
    return counts


def _escalate(work: Work) -> int:
    patience = timedelta(seconds=get_settings().escalate_after_s) + STUCK
    waiting = work.session.scalars(
        select(Incident).where(Incident.state == IncidentState.RAISED)
    ).all()
    count = 0
    for incident in waiting:
        due_round = int((work.now - incident.raised_at) / patience)
        if due_round > incident.round:
            work.later(
                "escalate_incident",
                priority=URGENT,
                incident_id=incident.id,
                round_number=incident.round + 1,
            )
            count += 1
    return count


def _miss(work: Work) -> int:
    late = work.session.scalars(
        select(Order.id)
        .where(
            Order.state.in_(OPEN_STATES - {OrderState.IN_SERVICE}),
            Order.window_end < work.now - GRACE,
        )
        .limit(AT_ONCE)
    ).all()
    for order_id in late:
        miss_order(work, order_id)
    return len(late)


def grant_month(work: Work, month: str) -> int:
    """Grant a month to everyone in care; the fen granted. Safe to repeat."""
    elders = work.session.scalars(
        select(Elder.id)
        .where(Elder.category.is_not(None), Elder.ended_on.is_(None))
        .order_by(Elder.id)
    ).all()
    return sum(grant_allowance(work, elder_id, month) for elder_id in elders)


def turn_of_month(work: Work) -> None:
    """Grant this month to all; on and after the 5th return what last month left."""
    today = work.local_now.date()
    grant_month(work, f"{today:%Y-%m}")
    if today.day >= 5:
        last = today.replace(day=1) - timedelta(days=1)
        close_month(work, f"{last:%Y-%m}")
