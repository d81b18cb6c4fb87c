"""Look things up for the people who ask; nothing is changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.models import (
    Account,
    Dish,
    Duty,
    Elder,
    Incident,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Link,
    Message,
    Notice,
    Offer,
    Offering,
    Order,
    Provider,
    ServiceArea,
    ServiceItem,
    Worker,
)
from backend.domain.incidents import IncidentState
from backend.domain.ledger import AccountKind, PostingKind
from backend.domain.orders import HOLDS_WORKER, OPEN_STATES, OrderState
from backend.services.allowance import allowance_due_fen, month_of
from backend.services.ledger import balances
from backend.services.work import Work

REVIEW_WITHIN = timedelta(hours=48)


@dataclass(frozen=True)
class Balance:
    """An elder's month in fen: granted = available + reserved + spent (+ returned)."""

    month: str
    granted_fen: int
    available_fen: int
    reserved_fen: int
    spent_fen: int


@dataclass(frozen=True)
class Price:
    """What a service costs where the elder lives: the cheapest open offering, in fen."""

    code: str
    name: str
    unit: str
    price_fen: int
    delivery_fen: int
    subsidised: bool
    provider_name: str


def account_for(work: Work, channel: str, identifier: str) -> Account | None:
    """The account behind an openid, a phone number, …"""
    return work.session.scalar(
        select(Account).where(Account.channel == channel, Account.identifier == identifier)
    )


def elders_of(work: Work, account_id: int) -> list[Link]:
    """The live links of an account, oldest first."""
    return list(
        work.session.scalars(
            select(Link)
            .join(Elder)
            .where(Link.account_id == account_id, Link.ended_at.is_(None), Elder.ended_on.is_(None))
            .order_by(Link.id)
        )
    )


def worker_of(work: Work, account_id: int) -> Worker | None:
    """The worker that an account belongs to."""
    account = work.session.get(Account, account_id)
    if account is None or account.worker_id is None:
        return None
    return work.session.get(Worker, account.worker_id)


def is_on_duty(work: Work, account_id: int) -> list[Duty]:
    """The account's duties that run now."""
    return list(
        work.session.scalars(
            select(Duty).where(
                Duty.account_id == account_id,
                Duty.starts_at <= work.now,
                (Duty.ends_at.is_(None)) | (Duty.ends_at > work.now),
            )
        )
    )


def balance(work: Work, elder_id: int, month: str | None = None) -> Balance:
    """An elder's month (default: this one). Before the grant, what the grant will bring."""
    elder = work.get(Elder, elder_id)
    month = month or month_of(work.local_now.date())
    kept = balances(work, elder_id, month)
    if AccountKind.AVAILABLE not in kept:
        due = allowance_due_fen(work, elder, month)
        return Balance(month, due, due, 0, 0)
    moved: dict[PostingKind, int] = dict(
        work.session.execute(
            select(LedgerPosting.kind, func.sum(func.abs(LedgerEntry.amount_fen)))
            .join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
            .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
            .where(
                LedgerAccount.owner_id == elder_id,
                LedgerAccount.month == month,
                LedgerAccount.kind.in_([AccountKind.AVAILABLE, AccountKind.RESERVED]),
                LedgerPosting.kind.in_([PostingKind.GRANT, PostingKind.CAPTURE]),
            )
            .group_by(LedgerPosting.kind)
        )
        .tuples()
        .all()
    )
    return Balance(
        month,
        int(moved.get(PostingKind.GRANT, 0)),
        kept[AccountKind.AVAILABLE],
        kept.get(AccountKind.RESERVED, 0),
        int(moved.get(PostingKind.CAPTURE, 0)),
    )


def open_orders(work: Work, elder_ids: Sequence[int]) -> list[Order]:
    """Orders still to be carried out, soonest first."""
    return list(
        work.session.scalars(
            select(Order)
            .where(Order.elder_id.in_(elder_ids), Order.state.in_(OPEN_STATES))
            .order_by(Order.window_start, Order.id)
        )
    )


def recent_orders(work: Work, elder_ids: Sequence[int], limit: int = 10) -> list[Order]:
    """The newest orders in any state."""
    return list(
        work.session.scalars(
            select(Order)
            .where(Order.elder_id.in_(elder_ids))
            .order_by(Order.id.desc())
            .limit(limit)
        )
    )


def last_order(work: Work, elder_ids: Sequence[int], code: str | None = None) -> Order | None:
    """The newest order that was not cancelled, of a service if one is named."""
    query = select(Order).where(Order.elder_id.in_(elder_ids), Order.state != OrderState.CANCELLED)
    if code is not None:
        query = query.where(Order.code == code)
    return work.session.scalar(query.order_by(Order.id.desc()).limit(1))


def order_by_number(
    work: Work, number: str, elder_ids: Sequence[int] | None = None
) -> Order | None:
    """The order with a number, if it is one of these elders' (None: anyone's)."""
    query = select(Order).where(Order.number == number)
    if elder_ids is not None:
        query = query.where(Order.elder_id.in_(elder_ids))
    return work.session.scalar(query)


def jobs_of(work: Work, worker_id: int, day: date | None = None) -> list[Order]:
    """What a worker has accepted and not finished, by time; of one local day if named."""
    query = select(Order).where(Order.worker_id == worker_id, Order.state.in_(HOLDS_WORKER))
    if day is not None:
        query = query.where(Order.service_day == day)
    return list(work.session.scalars(query.order_by(Order.window_start, Order.id)))


def standing_offers(work: Work, worker_id: int) -> list[Offer]:
    """Offers that wait for this worker's answer, oldest first."""
    return list(
        work.session.scalars(
            select(Offer)
            .where(
                Offer.worker_id == worker_id,
                Offer.state == "standing",
                Offer.expires_at > work.now,
            )
            .order_by(Offer.id)
        )
    )


def menu(work: Work, elder_id: int, day: date, code: str) -> list[Dish]:
    """The dishes of a day and meal at the canteens that serve the elder's town."""
    elder = work.get(Elder, elder_id)
    return list(
        work.session.scalars(
            select(Dish)
            .join(Provider)
            .join(ServiceArea, ServiceArea.provider_id == Provider.id)
            .where(
                ServiceArea.town == elder.town,
                Provider.is_open,
                Dish.day == day,
                Dish.code == code,
            )
            .order_by(Dish.provider_id, Dish.id)
        )
    )


def dish_names(session: Session, since: date) -> list[str]:
    """The names on the menus from a day on, each once."""
    return list(session.scalars(select(Dish.name).where(Dish.day >= since).distinct()))


def catalogue(work: Work) -> list[ServiceItem]:
    """The whole catalogue."""
    return list(work.session.scalars(select(ServiceItem).order_by(ServiceItem.code)))


def price_list(work: Work, elder_id: int | None = None, codes: Sequence[str] = ()) -> list[Price]:
    """The cheapest open offering per service, in the elder's town if one is known."""
    query = (
        select(ServiceItem, Offering, Provider)
        .select_from(ServiceItem)
        .join(Offering, Offering.code == ServiceItem.code)
        .join(Provider, Provider.id == Offering.provider_id)
        .where(Offering.is_open, Provider.is_open)
        .order_by(Offering.code, Offering.price_fen + Offering.delivery_fen, Provider.id)
        .distinct(Offering.code)
    )
    if elder_id is not None:
        town = work.get(Elder, elder_id).town
        query = query.join(ServiceArea, ServiceArea.provider_id == Provider.id).where(
            ServiceArea.town == town
        )
    if codes:
        query = query.where(ServiceItem.code.in_(codes))
    return [
        Price(i.code, i.name, i.unit, o.price_fen, o.delivery_fen, i.subsidised, p.name)
        for i, o, p in work.session.execute(query)
    ]


def unanswered_incidents(work: Work) -> list[Incident]:
    """Calls for help that no human has taken up, oldest first."""
    return list(
        work.session.scalars(
            select(Incident)
            .where(Incident.state == IncidentState.RAISED)
            .order_by(Incident.raised_at, Incident.id)
        )
    )


def incidents_told(work: Work, account_id: int) -> list[Incident]:
    """The unresolved incidents that an account was told of, newest first."""
    told = select(Notice.incident_id).where(
        Notice.account_id == account_id, Notice.kind == "incident"
    )
    return list(
        work.session.scalars(
            select(Incident)
            .where(Incident.id.in_(told), Incident.state != IncidentState.RESOLVED)
            .order_by(Incident.id.desc())
        )
    )


def open_review(work: Work, account_id: int) -> Order | None:
    """The newest finished order without a review that this account was asked about."""
    asked = select(Notice.data["order_id"].as_integer()).where(
        Notice.account_id == account_id,
        Notice.kind == "order_finished",
        Notice.created_at > work.now - REVIEW_WITHIN,
    )
    return work.session.scalar(
        select(Order)
        .where(
            Order.state == OrderState.FINISHED,
            Order.id.in_(asked),
        )
        .order_by(Order.changed_at.desc(), Order.id.desc())
        .limit(1)
    )


def transcript(work: Work, account_id: int, limit: int = 20) -> dict[str, Any]:
    """The last turns with an account, oldest first, for the human who takes over."""
    rows = work.session.scalars(
        select(Message)
        .where(Message.account_id == account_id)
        .order_by(Message.id.desc())
        .limit(limit)
    ).all()
    turns: list[dict[str, str]] = []
    for row in reversed(rows):
        said = row.said.get("text") or row.said.get("kind", "")
        turns.append({"at": row.received_at.isoformat(), "who": "person", "text": said})
        for reply in row.answer.get("replies", []):
            at = row.answered_at or row.received_at
            turns.append({"at": at.isoformat(), "who": "yinling", "text": reply["text"]})
    return {"turns": turns}
