"""Families for the crowd scenes, bound without the ceremony that other tests show."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Account, Elder, Link
from backend.services.unit_of_work import unit_of_work
from ops.stage import Stage
from tests.standin.wechat.phone import Phone


def bind(
    sessions: sessionmaker[Session],
    phone: Phone,
    elder_id: int | None = None,
    worker_id: int | None = None,
) -> None:
    """Bind a phone to an elder (as a daughter) or to a worker."""
    with unit_of_work(sessions) as work:
        account = Account(channel="wechat", identifier=phone.openid, worker_id=worker_id)
        work.session.add(account)
        work.session.flush()
        if elder_id is not None:
            work.session.add(Link(account_id=account.id, elder_id=elder_id, relation="daughter"))


def families(stage: Stage, sessions: sessionmaker[Session], count: int) -> list[Phone]:
    """So many phones, shared out over the elders that can be served."""
    with sessions() as session:
        elders = list(
            session.scalars(select(Elder.id).where(Elder.ended_on.is_(None)).order_by(Elder.id))
        )
    phones = [stage.phone(f"family{number}") for number in range(count)]
    for number, phone in enumerate(phones):
        bind(sessions, phone, elders[number % len(elders)])
    return phones
