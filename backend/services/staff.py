"""A provider's people: their papers, their hours, what they have to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from backend.db.models import Absence, Account, Order, Qualification, ServiceItem, Worker
from backend.domain.orders import HOLDS_WORKER
from backend.domain.qualification import PAPERS, PaperState, paper_state
from backend.domain.shifts import Span, minutes
from backend.services.work import Work

A_WEEK = 7
MOST_ABSENCES = 60


@dataclass(frozen=True)
class PaperNow:
    """A paper and how it stands; `days_left` is negative once it has run out."""

    paper: Qualification
    state: PaperState
    days_left: int


@dataclass(frozen=True)
class Member:
    """A worker with what must be known of one. `papers`: the longest-lasting of each kind;
    `missing`: kinds that their services ask for and they do not hold; `idle_codes`: services
    that they may not do for it."""

    worker: Worker
    codes: tuple[str, ...]
    papers: tuple[PaperNow, ...]
    missing: tuple[str, ...]
    idle_codes: tuple[str, ...]
    is_bound: bool
    """Whether they can be asked: their WeChat or number is known to us."""

    @property
    def worst(self) -> PaperState:
        """Of the papers and what is missing."""
        states = [one.state for one in self.papers]
        if self.missing or PaperState.EXPIRED in states:
            return PaperState.EXPIRED
        return PaperState.EXPIRING if PaperState.EXPIRING in states else PaperState.VALID


@dataclass(frozen=True)
class WorkDay:
    """A worker's day of a week: `spans` as planned, `visits` that they have taken."""

    day: date
    spans: tuple[Span, ...]
    is_away: bool
    visits: int

    @property
    def minutes(self) -> int:
        """Of work planned."""
        return 0 if self.is_away else minutes(self.spans)


def staff(
    work: Work, ours: ColumnElement[bool], *, gone: bool = False, worker_id: int | None = None
) -> list[Member]:
    """The people who work there (`gone`: who did), those whose papers ask for something first."""
    query = (
        select(Worker)
        .where(ours)
        .options(selectinload(Worker.qualifications), selectinload(Worker.skills))
        .order_by(Worker.name, Worker.id)
    )
    if worker_id is not None:
        query = query.where(Worker.id == worker_id)
    else:
        query = query.where(Worker.is_active.is_(not gone))
    workers = work.session.scalars(query).all()
    required = dict(
        work.session.execute(select(ServiceItem.code, ServiceItem.required_qualification))
        .tuples()
        .all()
    )
    bound = _bound(work, workers)
    today = work.local_now.date()
    members = [_member(one, required, one.id in bound, today) for one in workers]
    rank = list(PaperState)
    return sorted(members, key=lambda one: rank.index(one.worst))


def week_of(work: Work, workers: Sequence[Worker], monday: date) -> dict[int, list[WorkDay]]:
    """The hours, days off and visits of these workers in the week from `monday`, by worker; their
    shifts are best loaded already."""
    ids = [worker.id for worker in workers]
    sunday = monday + timedelta(days=A_WEEK - 1)
    away = set(
        work.session.execute(
            select(Absence.worker_id, Absence.day).where(
                Absence.worker_id.in_(ids), Absence.day.between(monday, sunday)
            )
        ).tuples()
    )
    visits = {
        (worker_id, day): count
        for worker_id, day, count in work.session.execute(
            select(Order.worker_id, Order.service_day, func.count())
            .where(
                Order.worker_id.in_(ids),
                Order.service_day.between(monday, sunday),
                Order.state.in_(HOLDS_WORKER),
            )
            .group_by(Order.worker_id, Order.service_day)
        ).tuples()
    }

    def day(worker: Worker, ahead: int) -> WorkDay:
        at = monday + timedelta(days=ahead)
        spans = sorted(Span(s.starts, s.ends) for s in worker.shifts if s.weekday == ahead)
        key = (worker.id, at)
        return WorkDay(at, tuple(spans), key in away, visits.get(key, 0))

    return {worker.id: [day(worker, ahead) for ahead in range(A_WEEK)] for worker in workers}


def absences_of(work: Work, worker_id: int) -> list[date]:
    """The days off from today on."""
    return list(
        work.session.scalars(
            select(Absence.day)
            .where(Absence.worker_id == worker_id, Absence.day >= work.local_now.date())
            .order_by(Absence.day)
            .limit(MOST_ABSENCES)
        )
    )


def _member(worker: Worker, required: dict[str, str | None], is_bound: bool, today: date) -> Member:
    last: dict[str, Qualification] = {}
    for paper in sorted(worker.qualifications, key=lambda one: one.valid_until):
        last[paper.kind] = paper
    papers = tuple(
        PaperNow(last[kind], paper_state(last[kind].valid_until, today),
                 (last[kind].valid_until - today).days)
        for kind in PAPERS if kind in last
    )  # fmt: skip
    held = {one.paper.kind for one in papers if one.state is not PaperState.EXPIRED}
    codes = tuple(sorted(skill.code for skill in worker.skills))
    needs = {code: required.get(code) for code in codes}
    idle = tuple(code for code, kind in needs.items() if kind is not None and kind not in held)
    missing = tuple(
        kind for kind in PAPERS if kind not in last and kind in {needs[code] for code in idle}
    )
    return Member(worker, codes, papers, missing, idle, is_bound)


def _bound(work: Work, workers: Sequence[Worker]) -> set[int]:
    found = select(Account.worker_id).where(
        Account.worker_id.in_([one.id for one in workers]), Account.unreachable_since.is_(None)
    )
    return {worker_id for worker_id in work.session.scalars(found) if worker_id is not None}
