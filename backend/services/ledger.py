"""Write postings to the ledger, once each, never beyond what is there."""

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import LedgerAccount, LedgerEntry, LedgerPosting
from backend.domain.errors import DomainError
from backend.domain.ledger import MUST_NOT_GO_BELOW_ZERO, AccountKind, AccountRef, Posting
from backend.services.work import Work


def post(work: Work, posting: Posting, idempotency_key: str, order_id: int | None = None) -> bool:
    """Write `posting`; False when the key was used before (then nothing changes).

    Raises DomainError `allowance_short` when an elder's account would go below zero.
    """
    session = work.session
    posting_id = session.scalar(
        insert(LedgerPosting)
        .values(kind=posting.kind, idempotency_key=idempotency_key, order_id=order_id, at=work.now)
        .on_conflict_do_nothing()
        .returning(LedgerPosting.id)
    )
    if posting_id is None:
        return False
    # Always in the same order, so that two postings never wait for each other in a circle.
    entries = sorted(
        posting.entries, key=lambda e: (e.account.owner_id, e.account.month, e.account.kind)
    )
    rows = [
        {
            "posting_id": posting_id,
            "account_id": _add(work, entry.account, entry.amount_fen),
            "amount_fen": entry.amount_fen,
        }
        for entry in entries
    ]
    session.execute(insert(LedgerEntry).values(rows))
    return True


def _add(work: Work, ref: AccountRef, fen: int) -> int:
    """Move an account's balance, opening the account if need be; its id."""
    is_account = (
        (LedgerAccount.owner_id == ref.owner_id)
        & (LedgerAccount.month == ref.month)
        & (LedgerAccount.kind == ref.kind)
    )
    moved = (
        update(LedgerAccount)
        .where(is_account)
        .values(balance_fen=LedgerAccount.balance_fen + fen)
        .returning(LedgerAccount.id)
        .execution_options(synchronize_session=False)
    )
    if ref.kind in MUST_NOT_GO_BELOW_ZERO and fen < 0:
        account_id = work.session.scalar(moved.where(LedgerAccount.balance_fen >= -fen))
        if account_id is None:
            raise DomainError("allowance_short", needed_fen=-fen)
        return account_id
    account_id = work.session.scalar(moved)
    if account_id is None:
        account_id = work.session.scalar(
            insert(LedgerAccount)
            .values(kind=ref.kind, owner_id=ref.owner_id, month=ref.month, balance_fen=fen)
            .on_conflict_do_update(
                index_elements=["owner_id", "month", "kind"],
                set_={"balance_fen": LedgerAccount.balance_fen + fen},
            )
            .returning(LedgerAccount.id)
        )
    assert account_id is not None
    return account_id


def balances(work: Work, elder_id: int, month: str) -> dict[AccountKind, int]:
    """An elder's balances of a month, by kind, in fen; kinds without an account are absent."""
    rows = work.session.execute(
        select(LedgerAccount.kind, LedgerAccount.balance_fen).where(
            LedgerAccount.owner_id == elder_id,
            LedgerAccount.month == month,
            LedgerAccount.kind.in_(
                [AccountKind.AVAILABLE, AccountKind.RESERVED, AccountKind.ELDER_OWES]
            ),
        )
    )
    return dict(rows.tuples().all())


def is_balanced(work: Work) -> bool:
    """Whether every posting sums to zero and every balance equals its entries."""
    crooked = work.session.scalar(
        select(func.count()).select_from(
            select(LedgerEntry.posting_id)
            .group_by(LedgerEntry.posting_id)
            .having(func.sum(LedgerEntry.amount_fen) != 0)
            .subquery()
        )
    )
    sums = (
        select(LedgerEntry.account_id, func.sum(LedgerEntry.amount_fen).label("fen"))
        .group_by(LedgerEntry.account_id)
        .subquery()
    )
    off = work.session.scalar(
        select(func.count())
        .select_from(LedgerAccount)
        .outerjoin(sums, sums.c.account_id == LedgerAccount.id)
        .where(func.coalesce(sums.c.fen, 0) != LedgerAccount.balance_fen)
    )
    return crooked == 0 and off == 0
