"""What a provider has done in a month, and what it is owed for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from backend.db.models import LedgerAccount, Order, ServiceItem, Visit, Worker
from backend.domain.ledger import AccountKind
from backend.domain.orders import OPEN_STATES, OrderState
from backend.services.allowance import month_of
from backend.services.work import Work

DONE = (OrderState.FINISHED, OrderState.REVIEWED)


class SettlementState(StrEnum):
    """How far a month is on its way to being paid."""

    RUNNING = "running"
    """The month goes on."""
    WAITING = "waiting"
    """It is over, and orders of it are not."""
    READY = "ready"
    """Nothing can be added to it any more."""


@dataclass(frozen=True)
class Part:
    """What was done of one service, or by one worker: finished visits, portions, seconds between
    check-in and check-out, and fen, of which the subsidy is a part."""

    key: str
    name: str
    visits: int
    portions: int
    seconds: int
    gross_fen: int
    subsidy_fen: int

    @property
    def self_pay_fen(self) -> int:
        """What elders pay themselves."""
        return self.gross_fen - self.subsidy_fen


@dataclass(frozen=True)
class ProviderMonth:
    """A month (`YYYY-MM`) of one provider. The ledger's figures are what the city owes
    (`owed_subsidy_fen`) and what may be collected of elders (`owed_self_pay_fen`); they equal the
    sums over the finished orders."""

    month: str
    state: SettlementState
    still_open: int
    services: tuple[Part, ...]
    workers: tuple[Part, ...]
    owed_subsidy_fen: int
    owed_self_pay_fen: int

    @property
    def all(self) -> Part:
        """The whole month."""
        return Part(
            "", "",
            sum(one.visits for one in self.services),
            sum(one.portions for one in self.services),
            sum(one.seconds for one in self.services),
            sum(one.gross_fen for one in self.services),
            sum(one.subsidy_fen for one in self.services),
        )  # fmt: skip

    @property
    def agrees(self) -> bool:
        """Whether orders and ledger say the same, to the fen."""
        mine = self.all
        return (mine.subsidy_fen, mine.self_pay_fen) == (
            self.owed_subsidy_fen,
            self.owed_self_pay_fen,
        )


def provider_month(work: Work, provider_id: int, first: date) -> ProviderMonth:
    """The month that begins with `first`, up to now."""
    month = month_of(first)
    following = (first + timedelta(days=32)).replace(day=1)
    mine = (
        Order.provider_id == provider_id,
        Order.service_day >= first,
        Order.service_day < following,
    )
    still_open = work.session.scalar(
        select(func.count()).where(*mine, Order.state.in_(OPEN_STATES))
    )
    if work.local_now.date() < following:
        state = SettlementState.RUNNING
    else:
        state = SettlementState.WAITING if still_open else SettlementState.READY
    owed = dict(
        work.session.execute(
            select(LedgerAccount.kind, LedgerAccount.balance_fen).where(
                LedgerAccount.owner_id == provider_id,
                LedgerAccount.month == month,
                LedgerAccount.kind.in_(
                    [AccountKind.PROVIDER_SUBSIDY, AccountKind.PROVIDER_SELF_PAY]
                ),
            )
        )
        .tuples()
        .all()
    )
    return ProviderMonth(
        month,
        state,
        still_open or 0,
        _parts(work, mine, ServiceItem.code, ServiceItem.name),
        _parts(work, mine, Worker.id, Worker.name),
        owed.get(AccountKind.PROVIDER_SUBSIDY, 0),
        owed.get(AccountKind.PROVIDER_SELF_PAY, 0),
    )


def _parts(
    work: Work,
    mine: tuple[ColumnElement[bool], ...],
    key: InstrumentedAttribute[str] | InstrumentedAttribute[int],
    name: InstrumentedAttribute[str],
) -> tuple[Part, ...]:
    served = func.extract("epoch", Visit.checked_out_at - Visit.checked_in_at)
    rows = work.session.execute(
        select(
            key, name, func.count(), func.sum(Order.quantity),
            func.coalesce(func.sum(served), 0), func.sum(Order.total_fen),
            func.sum(Order.subsidy_fen),
        )
        .select_from(Order)
        .join(ServiceItem, ServiceItem.code == Order.code)
        .outerjoin(Visit, Visit.order_id == Order.id)
        .outerjoin(Worker, Worker.id == Order.worker_id)
        .where(*mine, Order.state.in_(DONE))
        .group_by(key, name)
        .order_by(func.sum(Order.total_fen).desc(), key)
    )  # fmt: skip
    return tuple(
        Part(str(k), n or "", visits, portions, int(seconds), gross, subsidy)
        for k, n, visits, portions, seconds, gross, subsidy in rows.tuples()
    )
