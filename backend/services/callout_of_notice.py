"""A notice to somebody who has only a telephone becomes a call."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from backend.db.models import Account, Callout, Elder, Incident, Link, Notice, Order, Worker
from backend.domain.callouts import Reason
from backend.domain.calls import is_number
from backend.services.callouts import call_out
from backend.services.work import Work

REASONS = {
    "offer": Reason.JOB_OFFER,
    "job_changed": Reason.JOB_NEWS,
    "job_cancelled": Reason.JOB_NEWS,
    "order_accepted": Reason.NEWS,
    "worker_departed": Reason.ON_THE_WAY,
    "worker_late": Reason.ON_THE_WAY,
    "order_finished": Reason.HOW_WAS_IT,
    "order_changed": Reason.CONFIRM_CHANGE,
    "order_cancelled": Reason.NEWS,
    "order_missed": Reason.NEWS,
    "no_worker": Reason.NEWS,
    "incident": Reason.ALARM,
    "incident_acknowledged": Reason.ALARM_NEWS,
    "incident_resolved": Reason.ALARM_NEWS,
    "help_unanswered": Reason.ALARM_NEWS,
    "ticket_opened": Reason.NEWS,
    "dispatch_needed": Reason.NEWS,
}
"""What is worth a call. The rest (an offer ran out, somebody else is looked for) only rings
people up for what they will hear anyhow."""
_JOBS = frozenset({Reason.JOB_OFFER, Reason.JOB_NEWS})


def call_about(work: Work, notice: Notice) -> Callout | None:
    """Have the notice's account rung; None when `why_no_call` has a reason, or there is a call
    for it already (then nothing is missing)."""
    if why_no_call(work, notice) is not None:
        return None
    why = REASONS[notice.kind]
    order = _order(work, notice)
    return call_out(
        work,
        notice.account_id,
        why,
        f"notice:{notice.dedupe_key}",
        lapses_at=_lapses_at(notice, why, order),
        elder_id=_elder_id(work, notice, order),
        order_id=order.id if order is not None else None,
        incident_id=notice.incident_id or _incident_id(work, notice.data),
        notice_kind=notice.kind,
        data=notice.data,
    )


def why_no_call(work: Work, notice: Notice) -> str | None:
    """Why a notice is not told by telephone, in plain words; None when it is.

    Not every kind is worth a call, not every account is a number, a bell is there to ring us, and
    who reads it in WeChat is not rung for it as well; but for an alarm every telephone rings.
    """
    account = notice.account
    why = REASONS.get(notice.kind)
    if why is None:
        return "not told by telephone"
    if not is_number(account.channel, account.identifier):
        return "no number to ring"
    bell = select(Elder.id).where(Elder.bell_number == account.identifier)
    if work.session.scalar(bell) is not None:
        return "a bell is not rung"
    if why is not Reason.ALARM and _is_told_in_wechat(work, notice):
        return "told in WeChat"
    return None


def _is_told_in_wechat(work: Work, notice: Notice) -> bool:
    """Whether the same person, as the worker or as the elder, has an account there. A worker who
    asked to be rung is, whatever they read."""
    theirs = aliased(Link)
    own = aliased(Link)
    same_elder = (
        select(own.account_id)
        .join(theirs, theirs.elder_id == own.elder_id)
        .where(
            theirs.account_id == notice.account_id,
            theirs.relation == "self",
            theirs.ended_at.is_(None),
            own.relation == "self",
            own.ended_at.is_(None),
        )
    )
    same: ColumnElement[bool] = Account.id.in_(same_elder)
    worker_id = notice.account.worker_id
    if worker_id is not None:
        if REASONS[notice.kind] in _JOBS and work.get(Worker, worker_id).jobs_by != "wechat":
            return False
        same = same | (Account.worker_id == worker_id)
    other = select(Account.id).where(
        same, Account.channel == "wechat", Account.unreachable_since.is_(None)
    )
    return work.session.scalar(other.limit(1)) is not None


def _order(work: Work, notice: Notice) -> Order | None:
    order_id = notice.data.get("order_id")
    return work.session.get(Order, order_id) if order_id is not None else None


def _incident_id(work: Work, data: dict[str, Any]) -> int | None:
    incident_id = data.get("incident_id")
    known = work.session.get(Incident, incident_id) if incident_id is not None else None
    return known.id if known is not None else None


def _elder_id(work: Work, notice: Notice, order: Order | None) -> int | None:
    if order is not None:
        return order.elder_id
    incident = work.session.get(Incident, notice.incident_id) if notice.incident_id else None
    return incident.elder_id if incident is not None else None


def _lapses_at(notice: Notice, why: Reason, order: Order | None) -> datetime | None:
    """The notice's own end; a changed order need not be confirmed once it is being served. None:
    as the reason's rule says."""
    if why is Reason.CONFIRM_CHANGE and order is not None:
        return order.window_start
    return notice.lapses_at if why in (Reason.JOB_OFFER, Reason.NEWS, Reason.JOB_NEWS) else None
