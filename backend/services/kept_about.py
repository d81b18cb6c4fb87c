"""What is kept about an account and about the elders it looks after, for the account itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from backend.db.models import (
    Account,
    Audit,
    Call,
    CallSound,
    Consent,
    Contact,
    Link,
    Message,
    Misunderstanding,
    Order,
    Review,
)
from backend.services.family_day import followed
from backend.services.lookup import balance
from backend.services.work import Work

LAST_ORDERS = 200
LAST_MESSAGES = 200


@dataclass(frozen=True)
class Kept:
    """Counts of what is there, the consents with their fates, and who opened the elders' files."""

    links: tuple[Link, ...]
    messages: int
    orders: int
    sentences: int
    """Misunderstood ones, masked, kept under a consent."""
    sounds: int
    """Calls' sounds kept under a consent."""
    consents: tuple[Consent, ...]
    looks: int
    """How often a file of these elders was opened at the centre in all."""
    looked_at: datetime | None


def kept_about(work: Work, account_id: int) -> Kept:
    """For the page."""
    links = tuple(followed(work, account_id))
    elders = [link.elder_id for link in links]
    consents = work.session.scalars(
        select(Consent).where(Consent.account_id == account_id).order_by(Consent.id.desc())
    ).all()
    ids = [consent.id for consent in consents]

    def count(of: Any, *where: Any) -> int:
        return work.session.scalar(select(func.count()).select_from(of).where(*where)) or 0

    looks, last = work.session.execute(
        select(func.count(), func.max(Audit.at)).where(
            Audit.action == "look_at_elder",
            Audit.subject == "elder",
            Audit.subject_id.in_(elders),
        )
    ).one()
    return Kept(
        links=links,
        messages=count(Message, Message.account_id == account_id),
        orders=count(Order, Order.elder_id.in_(elders)),
        sentences=count(Misunderstanding, Misunderstanding.consent_id.in_(ids)),
        sounds=count(CallSound, CallSound.consent_id.in_(ids)),
        consents=tuple(consents),
        looks=int(looks),
        looked_at=last,
    )


def copy_of(work: Work, account_id: int) -> dict[str, Any]:
    """All of it in a form that a machine reads (PIPL 45): the account, its own messages, its
    consents, and of each elder what its link lets it see. Times in UTC, money in fen."""
    account = work.get(Account, account_id)
    messages = work.session.scalars(
        select(Message)
        .where(Message.account_id == account_id)
        .order_by(Message.id.desc())
        .limit(LAST_MESSAGES)
    ).all()
    consents = work.session.scalars(
        select(Consent).where(Consent.account_id == account_id).order_by(Consent.id)
    ).all()
    work.audit("copy_kept", "account", account_id)
    return {
        "account": {
            "channel": account.channel,
            "identifier": account.identifier,
            "name": account.name,
            "since": account.created_at.isoformat(),
        },
        "elders": [_elder(work, link) for link in followed(work, account_id)],
        "consents": [
            {
                "purpose": consent.kind,
                "wording": consent.text_version,
                "asked_at": consent.asked_at.isoformat(),
                "given_at": _iso(consent.given_at),
                "refused_at": _iso(consent.refused_at),
                "withdrawn_at": _iso(consent.withdrawn_at),
            }
            for consent in consents
        ],
        "messages": [
            {
                "at": message.received_at.isoformat(),
                "said": message.said.get("text") or message.said.get("kind", ""),
                "answered": [reply["text"] for reply in message.answer.get("replies", [])],
            }
            for message in reversed(messages)
        ],
    }


def _elder(work: Work, link: Link) -> dict[str, Any]:
    elder = link.elder
    orders = work.session.scalars(
        select(Order).where(Order.elder_id == elder.id).order_by(Order.id.desc()).limit(LAST_ORDERS)
    ).all()
    reviews = dict(
        work.session.execute(
            select(Review.order_id, Review.stars).where(
                Review.order_id.in_([order.id for order in orders])
            )
        ).tuples().all()
    )  # fmt: skip
    contacts = work.session.scalars(select(Contact).where(Contact.elder_id == elder.id)).all()
    calls = work.session.scalar(
        select(func.count()).select_from(Call).where(Call.elder_id == elder.id)
    )
    month = balance(work, elder.id)
    is_own = link.relation == "self"
    return {
        "name": elder.name,
        "relation": link.relation,
        "town": elder.town,
        "born_on": _iso(elder.born_on) if link.may_see_health else None,
        "ability_level": elder.ability_level if link.may_see_health else None,
        "care_notes": elder.care_notes if link.may_see_health else None,
        "diet": list(elder.diet),
        "addresses": [f"{a.town}{a.community}{a.street}" for a in elder.addresses],
        # Neighbours' and relatives' numbers are theirs: only the elder takes them along.
        "contacts": [
            {"name": c.name, "relation": c.relation, "phone": c.phone if is_own else None}
            for c in contacts
        ],
        "calls": calls or 0,
        "allowance": {
            "month": month.month,
            "granted_fen": month.granted_fen,
            "available_fen": month.available_fen,
            "reserved_fen": month.reserved_fen,
            "spent_fen": month.spent_fen,
        },
        "orders": [
            {
                "number": order.number,
                "service": order.code,
                "state": order.state.value,
                "from": order.window_start.isoformat(),
                "to": order.window_end.isoformat(),
                "total_fen": order.total_fen,
                "subsidy_fen": order.subsidy_fen,
                "self_pay_fen": order.self_pay_fen,
                "stars": reviews.get(order.id),
            }
            for order in orders
        ],
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None
