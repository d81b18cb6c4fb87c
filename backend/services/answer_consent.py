"""Write down what an account answered to the question for its consent."""

from backend.db.models import Consent
from backend.domain.errors import NotFound
from backend.services.consents import asked_before, standing_consent
from backend.services.work import Work


def answer_consent(work: Work, account_id: int, kind: str, *, agrees: bool) -> Consent:
    """The answer to the question asked last; saying yes twice changes nothing.

    Raises NotFound if the account was never asked: a consent without its wording is none.
    """
    standing = standing_consent(work, account_id, kind)
    if standing is not None and agrees:
        return standing
    asked = [one for one in asked_before(work, account_id, kind) if one.given_at is None]
    if not asked:
        raise NotFound("not_found", what="Consent")
    consent = asked[0]
    consent.given_at = work.now if agrees else None
    consent.refused_at = None if agrees else work.now
    work.session.flush()
    work.audit("give_consent" if agrees else "refuse_consent", "consent", consent.id, kind=kind)
    return consent
