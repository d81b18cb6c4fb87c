"""The people of the stories, with accounts that can be told things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from backend.db.models import Account, Duty, Link, Notice, Order
from backend.services.quote_order import OrderRequest
from backend.services.work import Work, actor_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
TOMORROW = datetime(2026, 3, 5, tzinfo=SHANGHAI)


def at(hour: int, minute: int = 0, day: datetime = TOMORROW) -> datetime:
    """A local time (of tomorrow, Thursday 5 March 2026) in UTC."""
    return day.replace(hour=hour, minute=minute).astimezone(UTC)


@dataclass
class Cast:
    """Puts people into a test's transaction and lets them act."""

    house: Work

    def account(self, name: str, worker_id: int | None = None, channel: str = "wechat") -> Account:
        """Someone who can talk to us."""
        account = Account(
            channel=channel, identifier=f"openid-{name}", name=name, worker_id=worker_id
        )
        self.house.session.add(account)
        self.house.session.flush()
        return account

    def family(self, name: str, elder_id: int, relation: str = "daughter", **may: bool) -> Account:
        """Someone bound to an elder."""
        account = self.account(name)
        self.bind(account, elder_id, relation, **may)
        return account

    def bind(self, account: Account, elder_id: int, relation: str, **may: bool) -> Link:
        """One more elder for an account."""
        link = Link(account_id=account.id, elder_id=elder_id, relation=relation, **may)
        self.house.session.add(link)
        self.house.session.flush()
        return link

    def duty(self, name: str, role: str = "agent", town: str | None = None) -> Account:
        """Someone on duty."""
        account = self.account(name)
        since = self.house.now - timedelta(hours=1)
        self.house.session.add(Duty(account_id=account.id, role=role, town=town, starts_at=since))
        self.house.session.flush()
        return account

    def as_(self, account: Account, now: datetime | None = None) -> Work:
        """That person at work, now or at another time, in the same transaction."""
        return Work(self.house.session, actor_of(account), now or self.house.now)

    def later(self, **delta: float) -> Work:
        """The house itself, some time later."""
        return Work(self.house.session, self.house.actor, self.house.now + timedelta(**delta))

    def told(self, account: Account, kind: str | None = None) -> list[Notice]:
        """What an account has been told, oldest first."""
        query = select(Notice).where(Notice.account_id == account.id).order_by(Notice.id)
        if kind is not None:
            query = query.where(Notice.kind == kind)
        return list(self.house.session.scalars(query))

    def events(self, order: Order) -> list[str]:
        """The moves of an order, in order."""
        self.house.session.flush()
        self.house.session.refresh(order, ["events"])
        return [event.move for event in order.events]


def lunch(elder_id: int, **other: object) -> OrderRequest:
    """Lunch tomorrow between eleven and one."""
    asked: dict[str, object] = {
        "elder_id": elder_id,
        "code": "meal.lunch",
        "window_start": at(11),
        "window_end": at(13),
    }
    return OrderRequest(**{**asked, **other})  # type: ignore[arg-type]


def dressing(elder_id: int, **other: object) -> OrderRequest:
    """A wound dressing tomorrow afternoon."""
    asked: dict[str, object] = {
        "elder_id": elder_id,
        "code": "nursing.wound",
        "window_start": at(14),
        "window_end": at(16),
    }
    return OrderRequest(**{**asked, **other})  # type: ignore[arg-type]
