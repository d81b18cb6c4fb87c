"""Hand the sentences that wait for a label to those who label."""

from collections.abc import Sequence

from sqlalchemy import select

from backend.db.models import Misunderstanding
from backend.services.work import Work


def export_misunderstandings(work: Work) -> Sequence[Misunderstanding]:
    """Everything without a label, oldest first, marked as exported now.

    What was exported before and has no label comes again: a file may have been lost.
    """
    waiting = work.session.scalars(
        select(Misunderstanding)
        .where(Misunderstanding.labelled_at.is_(None))
        .order_by(Misunderstanding.id)
        .with_for_update()
    ).all()
    for row in waiting:
        row.exported_at = work.now
    work.audit("export_misunderstandings", "misunderstanding", 0, count=len(waiting))
    return waiting
