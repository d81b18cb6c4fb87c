"""Keep a misunderstood sentence for labelling, if its speaker allows it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Misunderstanding
from backend.domain.learning import WhyKept
from backend.services.consents import standing_consent
from backend.services.work import Work

LEARNING = "learning"
"""The kind of consent this needs."""


@dataclass(frozen=True)
class Misunderstood:
    """A sentence and what became of it. `text` and `alternatives` must be masked already.

    `message` is the channel's own id of the message; `expected` what the conversation was
    waiting for; `confidence` from 0 to 1.
    """

    message: str
    text: str
    channel: str
    intent: str
    confidence: float
    expected: str
    why: WhyKept
    said_at: datetime
    alternatives: tuple[str, ...] = ()


def keep_misunderstanding(work: Work, account_id: int, found: Misunderstood) -> bool:
    """Whether it is kept now. Without a consent that stands nothing is.

    A message is kept once. What is found out about it later (the person corrects us) says more
    than that we were unsure, and replaces that.
    """
    consent = standing_consent(work, account_id, LEARNING)
    if consent is None:
        return False
    digest = hashlib.sha256(f"{found.channel}:{found.message}".encode()).hexdigest()
    row = insert(Misunderstanding).values(
        consent_id=consent.id,
        message_key=digest,
        text=found.text,
        alternatives=list(found.alternatives),
        channel=found.channel,
        intent=found.intent,
        confidence=found.confidence,
        expected=found.expected,
        why=found.why,
        said_at=found.said_at,
    )
    work.session.execute(
        row.on_conflict_do_update(
            index_elements=[Misunderstanding.message_key],
            set_={"why": row.excluded.why},
            where=(Misunderstanding.why == WhyKept.UNSURE) & (row.excluded.why != WhyKept.UNSURE),
        )
    )
    return True
