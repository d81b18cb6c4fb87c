"""Write postings to the ledger, once each, never beyond what is there."""

from functools import cache
from typing import Any

from sqlalchemy import func, select

from backend.db.models import LedgerAccount, LedgerEntry
from backend.domain.errors import DomainError
from backend.domain.ledger import MUST_NOT_GO_BELOW_ZERO, AccountKind, Entry, Posting
from backend.services.work import Work


def post(work: Work, posting: Posting, idempotency_key: str, order_id: int | None = None) -> bool:
    """Write `posting`; False when the key was used before (then nothing changes).

    Raises DomainError `allowance_short` when an elder's account would go below zero.
    """
    guarded, values = sides(posting)
    values |= {
        "posting_kind": posting.kind.value,
        "idempotency_key": idempotency_key,
        "order_id": order_id,
        "at": work.now,
    }
    is_new, moved = work.run(_post_statement(guarded), values)[0]
    if is_new:
        require_moved(posting, moved)
    return bool(is_new)


def sides(posting: Posting) -> tuple[tuple[bool, ...], dict[str, Any]]:
    """What `posting_steps` needs to know of a posting, and the values of its SQL."""
    # Always in the same order, so that two postings never wait for each other in a circle.
    entries = sorted(
        posting.entries, key=lambda e: (e.account.owner_id, e.account.month, e.account.kind)
    )
    values: dict[str, Any] = {}
    for number, entry in enumerate(entries):
        values[f"kind_{number}"] = entry.account.kind.value
        values[f"owner_id_{number}"] = entry.account.owner_id
        values[f"month_{number}"] = entry.account.month
        values[f"fen_{number}"] = entry.amount_fen
    return tuple(map(_is_guarded, entries)), values


def require_moved(posting: Posting, moved: int) -> None:
    """Raises DomainError `allowance_short` unless all accounts of a new posting moved."""
    if moved < len(posting.entries):
        short = sum(-entry.amount_fen for entry in posting.entries if _is_guarded(entry))
        raise DomainError("allowance_short", needed_fen=short)


def _is_guarded(entry: Entry) -> bool:
    return entry.amount_fen < 0 and entry.account.kind in MUST_NOT_GO_BELOW_ZERO


@cache
def posting_steps(guarded: tuple[bool, ...], source: str) -> str:
    """Steps of a WITH that write a posting: its row, then account after account, then `entries`.

    `source` is SQL for the row's kind, idempotency key, order and time. A guarded account is only
    touched if its balance suffices; each account waits for the one before it, so locks are taken
    in order and nothing moves after one that came up short.
    """
    steps, before = [], "posting"
    for number, guard in enumerate(guarded):
        steps.append((_TAKE if guard else _ADD).format(n=number, before=before))
        before = f"account_{number}"
    accounts = " UNION ALL ".join(
        f"SELECT id, CAST(%(fen_{n})s AS bigint) AS fen FROM account_{n}"
        for n in range(len(guarded))
    )
    return f"""posting AS (
    INSERT INTO ledger_postings (kind, idempotency_key, order_id, at)
    {source}
    ON CONFLICT (idempotency_key) DO NOTHING RETURNING id
), {", ".join(steps)}, entries AS (
    INSERT INTO ledger_entries (posting_id, account_id, amount_fen)
    SELECT posting.id, account.id, account.fen FROM posting, ({accounts}) AS account
    RETURNING 1
)"""


@cache
def _post_statement(guarded: tuple[bool, ...]) -> str:
    """Answers whether the posting is new, and how many accounts moved."""
    row = "VALUES (%(posting_kind)s, %(idempotency_key)s, %(order_id)s, %(at)s)"
    return f"""
WITH {posting_steps(guarded, row)}
SELECT EXISTS (SELECT FROM posting), (SELECT count(*) FROM entries)
"""


_TAKE = """account_{n} AS (
    UPDATE ledger_accounts SET balance_fen = balance_fen + %(fen_{n})s
    FROM {before} AS before
    WHERE owner_id = %(owner_id_{n})s AND month = %(month_{n})s
        AND ledger_accounts.kind = %(kind_{n})s AND balance_fen + %(fen_{n})s >= 0
    RETURNING ledger_accounts.id
)"""

_ADD = """account_{n} AS (
    INSERT INTO ledger_accounts (kind, owner_id, month, balance_fen)
    SELECT %(kind_{n})s, %(owner_id_{n})s, %(month_{n})s, %(fen_{n})s FROM {before}
    ON CONFLICT (owner_id, month, kind)
    DO UPDATE SET balance_fen = ledger_accounts.balance_fen + excluded.balance_fen
    RETURNING id
)"""


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
