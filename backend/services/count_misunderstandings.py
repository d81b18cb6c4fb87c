"""How much there is to learn from."""

from dataclasses import dataclass

from sqlalchemy import func, select

from backend.db.models import Consent, Misunderstanding
from backend.services.keep_misunderstanding import LEARNING
from backend.services.work import Work


@dataclass(frozen=True)
class Counts:
    """Consents that stand; sentences by what has become of them, those that wait by why."""

    consents: int
    waiting: int
    exported: int
    labelled: int
    reasons: dict[str, int]


def count_misunderstandings(work: Work) -> Counts:
    """The counts of now."""
    row, open_ = Misunderstanding, Misunderstanding.labelled_at.is_(None)
    consents = work.session.scalar(
        select(func.count()).where(
            Consent.kind == LEARNING, Consent.given_at.is_not(None), Consent.withdrawn_at.is_(None)
        )
    )
    waiting, exported, labelled = work.session.execute(
        select(
            func.count().filter(open_),
            func.count(row.exported_at).filter(open_),
            func.count(row.labelled_at),
        ).select_from(row)
    ).one()
    by_why = work.session.execute(
        select(row.why, func.count()).where(open_).group_by(row.why).order_by(row.why)
    ).all()
    return Counts(
        consents or 0, waiting, exported, labelled, {why.value: count for why, count in by_why}
    )
