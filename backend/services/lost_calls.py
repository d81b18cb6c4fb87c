"""Calls whose process has died: nobody ends them but we."""

from sqlalchemy import select

from backend.db.models import Call
from backend.services.work import Work

AT_ONCE = 200


def lost_calls(work: Work) -> list[int]:
    """The calls that are on, and whose process has not been heard of for too long."""
    lost = select(Call.id).where(Call.ended_at.is_(None), Call.alive_until < work.now)
    return list(work.session.scalars(lost.order_by(Call.id).limit(AT_ONCE)))
