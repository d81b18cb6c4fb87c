"""What an account has been asked for, and which of it stands."""

from collections.abc import Sequence

from sqlalchemy import select

from backend.db.models import Consent
from backend.services.work import Work


def standing_consent(work: Work, account_id: int, kind: str) -> Consent | None:
    """The consent to a purpose that was given and not taken back."""
    return work.session.scalar(
        select(Consent).where(
            Consent.account_id == account_id,
            Consent.kind == kind,
            Consent.given_at.is_not(None),
            Consent.withdrawn_at.is_(None),
        )
    )


def asked_before(work: Work, account_id: int, kind: str) -> Sequence[Consent]:
    """Every time the account was asked for a purpose, the last first."""
    return work.session.scalars(
        select(Consent)
        .where(Consent.account_id == account_id, Consent.kind == kind)
        .order_by(Consent.id.desc())
    ).all()
