"""The city's tables of money, and the ledger."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.base import Base, Fen, Id, key
from backend.domain.ledger import AccountKind, PostingKind


class AllowanceTable(Base):
    """Editable: fen a month by subsidy category (`*` any) and ability level."""

    __tablename__ = "allowance_rules"

    id: Mapped[Id]
    category: Mapped[str]
    ability_level: Mapped[str]
    monthly_fen: Mapped[Fen]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class SubsidyTable(Base):
    """Editable: what the subsidy covers of a service category (`*` any)."""

    __tablename__ = "subsidy_rules"

    id: Mapped[Id]
    category: Mapped[str]
    service_category: Mapped[str]
    cover_percent: Mapped[int]
    max_per_unit_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    max_per_day_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class LedgerAccount(Base):
    """补贴账户 and its counterparts. The balance is the sum of the entries, kept here so that
    a check constraint can forbid spending what is not there."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "month", "kind"),
        sa.Index("ix_ledger_accounts_month", "month"),
        sa.CheckConstraint(
            "kind NOT IN ('available', 'reserved') OR balance_fen >= 0", name="covered"
        ),
    )

    id: Mapped[Id]
    kind: Mapped[AccountKind]
    owner_id: Mapped[int] = mapped_column(sa.BigInteger)
    month: Mapped[str]
    balance_fen: Mapped[Fen] = mapped_column(default=0, server_default="0")


class LedgerPosting(Base):
    """A movement of money; its entries sum to zero. The key makes it happen once."""

    __tablename__ = "ledger_postings"

    id: Mapped[Id]
    kind: Mapped[PostingKind]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[int | None] = key("orders")
    at: Mapped[datetime]


class LedgerEntry(Base):
    """One side of a posting."""

    __tablename__ = "ledger_entries"

    posting_id: Mapped[int] = key("ledger_postings", primary=True)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("ledger_accounts.id"), primary_key=True, index=True
    )
    amount_fen: Mapped[Fen]
