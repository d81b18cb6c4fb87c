"""Take a consent back: nothing more is kept under it, and what was kept is deleted."""

from sqlalchemy import delete
from sqlalchemy.engine import CursorResult

from backend.db.models import CallSound, Misunderstanding
from backend.services.consents import standing_consent
from backend.services.work import Work


def withdraw_consent(work: Work, account_id: int, kind: str) -> int | None:
    """How many kept sentences (or calls' sounds) were deleted; None if no consent stood.

    One sentence is enough to withdraw, as one was to agree (PIPL 15), and the deletion needs no
    second request (PIPL 47). The consent's own row stays as the proof of both.
    """
    consent = standing_consent(work, account_id, kind)
    if consent is None:
        return None
    consent.withdrawn_at, consent.withdrawn_through = work.now, work.actor.channel
    work.session.flush()
    deleted = 0
    for kept in (Misunderstanding, CallSound):
        gone = work.session.execute(delete(kept).where(kept.consent_id == consent.id))
        assert isinstance(gone, CursorResult)
        deleted += gone.rowcount
    work.audit("withdraw_consent", "consent", consent.id, kind=kind, deleted=deleted)
    return deleted
