"""When a worker works: the week's hours, and days off."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Absence, Shift, Worker
from backend.domain.errors import DomainError
from backend.domain.shifts import WEEKDAYS, Span, require_spans
from backend.services.free_worker import free_worker
from backend.services.work import Work

LONGEST_ABSENCE = timedelta(days=92)
FURTHEST_AHEAD = timedelta(days=366)


def keep_hours(work: Work, worker_id: int, week: Mapping[int, Sequence[Span]]) -> None:
    """Set the regular hours, by weekday (0 Monday); days that are not named are free. Jobs that
    were taken stay. Raises NotFound, DomainError `bad_span`, `spans_overlap`,
    `too_many_spans`."""
    planned = {day: require_spans(week.get(day, ())) for day in range(WEEKDAYS)}
    work.get(Worker, worker_id, lock=True)
    work.session.execute(delete(Shift).where(Shift.worker_id == worker_id))
    work.session.add_all(
        Shift(worker_id=worker_id, weekday=day, starts=span.starts, ends=span.ends)
        for day, spans in planned.items()
        for span in spans
    )
    work.session.flush()
    told = {
        str(day): [f"{span.starts:%H:%M}-{span.ends:%H:%M}" for span in spans]
        for day, spans in planned.items()
        if spans
    }
    work.audit("keep_hours", "worker", worker_id, week=told)


def take_days_off(work: Work, worker_id: int, first: date, last: date, reason: str) -> int:
    """The worker is away from `first` to `last`: what they had taken on these days, and what they
    are being asked, goes to others; how many orders that were.

    Raises NotFound, DomainError `bad_days_off`.
    """
    today = work.local_now.date()
    too_long = last - first > LONGEST_ABSENCE or first > today + FURTHEST_AHEAD
    if not today <= first <= last or too_long:
        raise DomainError("bad_days_off", most=LONGEST_ABSENCE.days)
    work.get(Worker, worker_id)
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    rows = [{"worker_id": worker_id, "day": day} for day in days]
    work.session.execute(insert(Absence).values(rows).on_conflict_do_nothing())
    freed = free_worker(work, worker_id, first, last, reason)
    work.audit(
        "take_days_off",
        "worker",
        worker_id,
        first=first.isoformat(),
        last=last.isoformat(),
        freed=freed,
        reason=reason,
    )
    return freed


def come_back(work: Work, worker_id: int, day: date) -> None:
    """The worker comes on a day after all. Raises NotFound."""
    work.get(Worker, worker_id)
    gone = work.session.execute(
        delete(Absence).where(Absence.worker_id == worker_id, Absence.day == day)
    )
    if gone.rowcount:  # type: ignore[attr-defined]
        work.audit("come_back", "worker", worker_id, day=day.isoformat())
