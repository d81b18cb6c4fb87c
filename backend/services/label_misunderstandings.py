"""Take the labels of misunderstood sentences in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from backend.db.models import Misunderstanding
from backend.services.work import Work


@dataclass(frozen=True)
class Taken:
    """What an import did, in sentences."""

    labelled: int
    unchanged: int
    discarded: int
    gone: int
    """Deleted in the meantime, because their speaker took the consent back."""


def label_misunderstandings(
    work: Work, labels: Mapping[int, dict[str, Any]], discarded: Collection[int] = ()
) -> Taken:
    """Store labels by the sentences' ids and delete what is not to be kept.

    A label's `text` replaces the kept one: whoever labels may have masked what we overlooked.
    The same labels a second time change nothing.
    """
    rows = {
        row.id: row
        for row in work.session.scalars(
            select(Misunderstanding)
            .where(Misunderstanding.id.in_([*labels, *discarded]))
            .with_for_update()
        )
    }
    changed = [key for key, label in labels.items() if key in rows and rows[key].label != label]
    for key in changed:
        row = rows[key]
        if row.text != labels[key]["text"]:
            row.text, row.alternatives = labels[key]["text"], []
        row.label, row.labelled_at = labels[key], work.now
    thrown = [key for key in discarded if key in rows]
    for key in thrown:
        work.session.delete(rows[key])
    work.session.flush()
    taken = Taken(
        labelled=len(changed),
        unchanged=len([key for key in labels if key in rows]) - len(changed),
        discarded=len(thrown),
        gone=len([key for key in labels if key not in rows]),
    )
    work.audit("label_misunderstandings", "misunderstanding", 0, count=taken.labelled)
    return taken


def labelled(work: Work) -> Sequence[Misunderstanding]:
    """Every sentence with a label, in the order they were said."""
    return work.session.scalars(
        select(Misunderstanding)
        .where(Misunderstanding.labelled_at.is_not(None))
        .order_by(Misunderstanding.id)
    ).all()
