"""A tap on a page is carried out once, however often it is sent."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Tap
from backend.services.work import Work

KEPT_FOR = timedelta(days=30)
"""Far longer than a telephone keeps an unsent tap (half a day, `pages.js`)."""


def tap_before(work: Work, account_id: int, tap: str) -> Tap | None:
    """The same tap if it was carried out before; else None, and it is this transaction's to carry
    out. A copy that comes in the same breath waits here until the first one is done."""
    fresh = work.session.execute(
        insert(Tap)
        .values(account_id=account_id, tap=tap, at=work.now, leads_to="")
        .on_conflict_do_nothing()
        .returning(Tap.tap)
    ).first()
    return None if fresh is not None else work.session.get(Tap, (account_id, tap))


def keep_outcome(work: Work, account_id: int, tap: str, leads_to: str, said: str = "") -> None:
    """What came of it, for later copies."""
    kept = work.session.get_one(Tap, (account_id, tap))
    kept.leads_to, kept.said = leads_to, said


def forget_old_taps(work: Work) -> None:
    """Delete those of which no second copy can come any more."""
    work.session.execute(delete(Tap).where(Tap.at < work.now - KEPT_FOR))
