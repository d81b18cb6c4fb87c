"""A call's sound: kept only with the caller's consent, sealed, and only for a while."""

from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, delete
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Call, CallSound, Consent
from backend.services.consents import standing_consent
from backend.services.work import Work

RECORDING = "recording"
"""The consent's kind."""


def may_keep_sound(work: Work, account_id: int) -> Consent | None:
    """The consent under which an account's calls may be kept as sound."""
    return standing_consent(work, account_id, RECORDING)


def keep_call_sound(work: Work, call_id: int, sealed: bytes, keep_for: timedelta) -> bool:
    """Keep a call's sealed sound for so long; False, and nothing kept, without consent."""
    call = work.get(Call, call_id)
    consent = may_keep_sound(work, call.account_id)
    if consent is None:
        return False
    work.session.execute(
        insert(CallSound)
        .values(
            call_id=call_id,
            consent_id=consent.id,
            sealed=sealed,
            kept_at=work.now,
            delete_at=work.now + keep_for,
        )
        .on_conflict_do_nothing()
    )
    work.audit("keep_call_sound", "call", call_id, consent_id=consent.id)
    return True


def forget_call_sounds(work: Work) -> int:
    """Delete the sounds whose time is over; how many."""
    gone: CursorResult[Any] = work.session.execute(  # type: ignore[assignment]
        delete(CallSound).where(CallSound.delete_at <= work.now)
    )
    return gone.rowcount
