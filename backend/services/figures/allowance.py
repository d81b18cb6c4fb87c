"""The allowance as the ledger has it, by the month that it was given for.

Only elders' accounts are counted, each fen on one side: granted = available + held + captured +
returned, in every group and at any moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, or_, select

from backend.db.models import (
    Elder,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Order,
    ServiceItem,
)
from backend.domain.ledger import AccountKind, PostingKind
from backend.services.figures.slice import By, Slice
from backend.services.work import Work

_from_available = and_(
    LedgerAccount.kind == AccountKind.AVAILABLE,
    LedgerPosting.kind.in_([PostingKind.GRANT, PostingKind.RETURN]),
)
_from_reserved = LedgerAccount.kind == AccountKind.RESERVED

PARTS: dict[str, ColumnElement[bool]] = {
    "all": or_(_from_available, _from_reserved),
    "granted": and_(_from_available, LedgerPosting.kind == PostingKind.GRANT),
    "captured": and_(_from_reserved, LedgerPosting.kind == PostingKind.CAPTURE),
    "returned": and_(_from_available, LedgerPosting.kind == PostingKind.RETURN),
    "reserved": and_(_from_reserved, LedgerPosting.kind == PostingKind.RESERVE),
    "released": and_(_from_reserved, LedgerPosting.kind == PostingKind.RELEASE),
}
"""Which entries a figure sums; the list behind it has these."""
BALANCES = {"available": AccountKind.AVAILABLE, "held": AccountKind.RESERVED}
"""Figures that are what accounts hold now; the list behind has the accounts."""

KEYS: dict[By, Any] = {
    By.MONTH: LedgerAccount.month,
    By.TOWN: Elder.town,
    By.CATEGORY: ServiceItem.category,
    By.PROVIDER: cast(Order.provider_id, Text),
}


@dataclass(frozen=True)
class AllowanceFigures:
    """In fen, of one group or (`key` None) of the whole slice."""

    key: str | None
    granted_fen: int
    """Given by the city for these months."""
    reserved_fen: int
    """Held for orders at some time, whatever became of it."""
    captured_fen: int
    """Owed to providers for orders done."""
    released_fen: int
    """Free again, since an order ended without service or was asked for anew."""
    returned_fen: int
    """Gone back to the city when the month was closed."""

    @property
    def held_fen(self) -> int:
        """Held now, for orders under way."""
        return self.reserved_fen - self.released_fen - self.captured_fen

    @property
    def available_fen(self) -> int:
        """Neither held nor spent nor gone back."""
        return self.granted_fen - self.held_fen - self.captured_fen - self.returned_fen


def allowance_figures(
    work: Work, of: Slice, by: By, ours: ColumnElement[bool]
) -> tuple[AllowanceFigures, list[AllowanceFigures]]:
    """The whole, and its groups in the order of their keys. `ours`: a condition on elders.

    By category or provider, or where the slice names one, only what moved for orders is there:
    an allowance is granted to a person and not for a service.
    """
    sums = [
        func.coalesce(func.sum(func.abs(LedgerEntry.amount_fen)).filter(PARTS[part]), 0)
        for part in ("granted", "reserved", "captured", "released", "returned")
    ]
    key = KEYS[by]
    with_orders = by in (By.CATEGORY, By.PROVIDER) or _names_a_service(of)
    rows = work.session.execute(
        _entries(select(key, *sums), of, ours, with_orders).group_by(key).order_by(key)
    ).all()
    groups = [AllowanceFigures(key, *map(int, rest)) for key, *rest in rows]
    return AllowanceFigures(None, *(sum(column) for column in _columns(groups))), groups


def entries_behind(of: Slice, part: str, ours: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The movements that a figure sums (`PARTS`) or the accounts that hold it (`BALANCES`), with
    what a list shows of each. Raises KeyError for a part that there is not."""
    if part in BALANCES:
        return _accounts(of, BALANCES[part], ours)
    return (
        _entries(
            select(
                LedgerPosting.at.label("at"),
                LedgerAccount.month.label("month"),
                LedgerPosting.kind.label("kind"),
                Elder.name.label("elder"),
                Elder.town.label("town"),
                Order.number.label("number"),
                func.abs(LedgerEntry.amount_fen).label("fen"),
            ),
            of,
            ours,
            _names_a_service(of),
        )
        .where(PARTS[part])
        .order_by(LedgerPosting.id.desc())
    )


def _accounts(of: Slice, kind: AccountKind, ours: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            case((LedgerAccount.id.is_(None), func.now())).label("at"),
            LedgerAccount.month.label("month"),
            LedgerAccount.kind.label("kind"),
            Elder.name.label("elder"),
            Elder.town.label("town"),
            case((LedgerAccount.id.is_(None), "")).label("number"),
            LedgerAccount.balance_fen.label("fen"),
        )
        .join(Elder, Elder.id == LedgerAccount.owner_id)
        .where(LedgerAccount.kind == kind, LedgerAccount.balance_fen > 0, *_of_accounts(of), ours)
        .order_by(LedgerAccount.month.desc(), LedgerAccount.balance_fen.desc(), LedgerAccount.id)
    )


def _entries(
    query: Select[*tuple[Any, ...]], of: Slice, ours: ColumnElement[bool], with_orders: bool
) -> Select[*tuple[Any, ...]]:
    """Entries on elders' accounts of the slice's months."""
    found = (
        query.select_from(LedgerAccount)
        .join(Elder, Elder.id == LedgerAccount.owner_id)
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
        .outerjoin(Order, Order.id == LedgerPosting.order_id)
        .where(
            LedgerAccount.kind.in_([AccountKind.AVAILABLE, AccountKind.RESERVED]),
            *_of_accounts(of),
            ours,
        )
    )
    if with_orders:
        found = found.join(ServiceItem, ServiceItem.code == Order.code)
    if of.category is not None:
        found = found.where(ServiceItem.category == of.category)
    if of.provider_id is not None:
        found = found.where(Order.provider_id == of.provider_id)
    return found


def _of_accounts(of: Slice) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [LedgerAccount.month.between(of.since, of.until)]
    if of.town is not None:
        wanted.append(Elder.town == of.town)
    return wanted


def _names_a_service(of: Slice) -> bool:
    return of.category is not None or of.provider_id is not None


def _columns(groups: list[AllowanceFigures]) -> list[list[int]]:
    return [
        [getattr(group, name) for group in groups]
        for name in (
            "granted_fen", "reserved_fen", "captured_fen", "released_fen", "returned_fen",
        )
    ]  # fmt: skip
