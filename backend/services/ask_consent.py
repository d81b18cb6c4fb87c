"""Write down that an account was asked for its consent to a purpose."""

from backend.db.models import Consent
from backend.services.work import Work


def ask_consent(work: Work, account_id: int, kind: str, text_version: str) -> Consent:
    """The question as it was put: which wording, when, through which channel."""
    consent = Consent(
        account_id=account_id,
        kind=kind,
        text_version=text_version,
        asked_at=work.now,
        asked_through=work.actor.channel,
    )
    work.session.add(consent)
    work.session.flush()
    return consent
