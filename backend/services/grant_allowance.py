"""Give an elder the month's allowance."""

from sqlalchemy import select

from backend.db.models import Elder, LedgerPosting
from backend.domain import ledger
from backend.services.allowance import allowance_due_fen
from backend.services.ledger import post
from backend.services.work import Work


def grant_allowance(work: Work, elder_id: int, month: str) -> int:
    """Grant `month` (`YYYY-MM`) to an elder, once; the fen granted now (0: before, or none due).

    The amount comes from the city's table by category and ability level on the month's first
    day. An elder whose care has ended before the month gets none.
    """
    elder = work.get(Elder, elder_id)
    due = allowance_due_fen(work, elder, month)
    if due <= 0 or not post(work, ledger.grant(elder_id, month, due), f"grant:{elder_id}:{month}"):
        return 0
    work.audit("grant_allowance", "elder", elder_id, month=month, fen=due)
    return due


def ensure_granted(work: Work, elder_id: int, month: str) -> None:
    """Before the first order of a month is placed, its allowance is there."""
    key = f"grant:{elder_id}:{month}"
    if not work.session.scalar(
        select(LedgerPosting.id).where(LedgerPosting.idempotency_key == key)
    ):
        grant_allowance(work, elder_id, month)
