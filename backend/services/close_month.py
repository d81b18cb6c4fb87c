"""A month is over: what an elder did not spend returns to the city."""

from sqlalchemy import select

from backend.db.models import LedgerAccount
from backend.domain import ledger
from backend.domain.ledger import AccountKind
from backend.services.ledger import post
from backend.services.work import Work


def close_month(work: Work, month: str) -> int:
    """Return all unspent allowance of `month` (`YYYY-MM`); the fen returned.

    What is still reserved stays with its orders; when one of them is cancelled later, closing
    again returns the rest.
    """
    accounts = work.session.scalars(
        select(LedgerAccount)
        .where(
            LedgerAccount.kind == AccountKind.AVAILABLE,
            LedgerAccount.month == month,
            LedgerAccount.balance_fen > 0,
        )
        .order_by(LedgerAccount.owner_id)
        .with_for_update(key_share=True)
    ).all()
    returned = 0
    for account in accounts:
        fen = account.balance_fen
        key = f"return:{account.owner_id}:{month}:{work.now:%Y%m%dT%H%M%S%f}"
        if post(work, ledger.give_back(account.owner_id, month, fen), key):
            returned += fen
    if returned:
        work.audit("close_month", "fund", 0, month=month, fen=returned)
    return returned
