"""Write down what people are to be told; channels deliver it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Account, Duty, Link, Notice, Order, Worker
from backend.jobs.queue import URGENT
from backend.services.work import Work

STALE_AFTER = timedelta(hours=24)
"""News about a day's service is no news the day after."""


def notify(
    work: Work,
    account_ids: Iterable[int],
    kind: str,
    dedupe: str,
    data: dict[str, Any],
    *,
    urgent: bool = False,
    lapses_at: datetime | None = None,
    incident_id: int | None = None,
) -> list[int]:
    """Tell each account once per `dedupe`; returns the ids of the notices written.

    After `lapses_at` (default: a day; never for urgent ones) it is not worth sending.
    """
    if lapses_at is None and not urgent:
        lapses_at = work.now + STALE_AFTER
    rows = [
        {
            "dedupe_key": f"{dedupe}:{account_id}",
            "account_id": account_id,
            "kind": kind,
            "data": data,
            "urgent": urgent,
            "created_at": work.now,
            "due_at": work.now,
            "lapses_at": lapses_at,
            "incident_id": incident_id,
        }
        for account_id in dict.fromkeys(account_ids)
    ]
    if not rows:
        return []
    written = list(
        work.session.scalars(
            insert(Notice).values(rows).on_conflict_do_nothing().returning(Notice.id)
        )
    )
    for notice_id in written:
        work.later("deliver_notice", priority=URGENT if urgent else 0, notice_id=notice_id)
    return written


def withdraw_notices(work: Work, kind: str, account_id: int, offer_id: int) -> None:
    """An offer stands no longer: its card, if still unsent, need not go out."""
    work.session.execute(
        update(Notice)
        .where(
            Notice.account_id == account_id,
            Notice.kind == kind,
            Notice.state == "pending",
            Notice.data["offer_id"].as_integer() == offer_id,
        )
        .values(state="lapsed")
    )


def followers(work: Work, order: Order) -> list[int]:
    """The accounts that follow an order: whoever placed it and the elder's own; without a
    placer who can be reached, all of the elder's people. Whoever acts right now knows already."""
    linked = work.session.execute(
        select(Link.account_id, Link.relation)
        .join(Account)
        .where(
            Link.elder_id == order.elder_id,
            Link.ended_at.is_(None),
            Link.known_by != "name",
            Account.unreachable_since.is_(None),
        )
        .order_by(Link.id)
    ).all()
    placer = _reachable(work, order.placed_by_account_id)
    if placer is not None and _is_stranger(work, placer, order.elder_id):
        placer = None
    wanted = [placer] if placer is not None else []
    wanted += [
        account_id for account_id, relation in linked if relation == "self" or placer is None
    ]
    return [i for i in dict.fromkeys(wanted) if i != work.actor.account_id]


def _reachable(work: Work, account_id: int | None) -> int | None:
    account = work.session.get(Account, account_id) if account_id is not None else None
    return account.id if account is not None and account.unreachable_since is None else None


def _is_stranger(work: Work, account_id: int, elder_id: int) -> bool:
    """Whether an account ordered for the elder by naming name and town, and is nobody else:
    what becomes of the order is the family's to know."""
    known_by = set(
        work.session.scalars(
            select(Link.known_by).where(Link.account_id == account_id, Link.elder_id == elder_id)
        )
    )
    return known_by == {"name"}


def tell_followers(work: Work, order: Order, kind: str, dedupe: str, **data: Any) -> None:
    """One message about an order to those who follow it."""
    notify(work, followers(work, order), kind, f"{kind}:{order.id}:{dedupe}", data)


def worker_accounts(work: Work, worker_id: int) -> list[int]:
    """The accounts through which a worker can be reached. Who wants to be rung alone is not
    written to, as long as there is a number to ring."""
    accounts = work.session.execute(
        select(Account.id, Account.channel)
        .where(Account.worker_id == worker_id, Account.unreachable_since.is_(None))
        .order_by(Account.id)
    ).all()
    rung = [account_id for account_id, channel in accounts if channel == "phone"]
    if rung and work.get(Worker, worker_id).jobs_by == "phone":
        return rung
    return [account_id for account_id, _ in accounts]


def writes_to(work: Work, worker_id: int) -> bool:
    """Whether a worker has a WeChat that reaches them."""
    theirs = select(Account.id).where(
        Account.worker_id == worker_id,
        Account.channel == "wechat",
        Account.unreachable_since.is_(None),
    )
    return work.session.scalar(theirs.limit(1)) is not None


def on_duty(work: Work, town: str | None, roles: Iterable[str] | None = None) -> list[int]:
    """Accounts on duty now for a town (or the whole city), of the given roles (all)."""
    query = select(Duty.account_id).where(
        Duty.starts_at <= work.now, (Duty.ends_at.is_(None)) | (Duty.ends_at > work.now)
    )
    if town is not None:
        query = query.where((Duty.town.is_(None)) | (Duty.town == town))
    if roles is not None:
        query = query.where(Duty.role.in_(list(roles)))
    return list(dict.fromkeys(work.session.scalars(query.order_by(Duty.id))))
