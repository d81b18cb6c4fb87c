"""What a worker did in a month."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from backend.db.models import Order, Visit
from backend.domain.orders import OrderState
from backend.services.allowance import first_day
from backend.services.work import Work

DONE = (OrderState.FINISHED, OrderState.REVIEWED)


@dataclass(frozen=True)
class WorkedDay:
    """Visits finished on a local day, the minutes from check-in to check-out, and fen earned: the
    whole price of the orders, as in the offers."""

    day: date
    visits: int
    minutes: int
    earned_fen: int


@dataclass(frozen=True)
class WorkerMonth:
    """`month` is YYYY-MM; the newest day comes first."""

    month: str
    days: tuple[WorkedDay, ...]

    @property
    def visits(self) -> int:
        return sum(day.visits for day in self.days)

    @property
    def minutes(self) -> int:
        return sum(day.minutes for day in self.days)

    @property
    def earned_fen(self) -> int:
        return sum(day.earned_fen for day in self.days)


def month_before(month: str) -> str:
    """The month before one, both YYYY-MM."""
    first = first_day(month)
    return f"{first.year - 1}-12" if first.month == 1 else f"{first.year}-{first.month - 1:02d}"


def worker_month(work: Work, worker_id: int, month: str) -> WorkerMonth:
    """Finished visits by day. Raises ValueError for a month that is none."""
    first = first_day(month)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    took = func.extract("epoch", Visit.checked_out_at - Visit.checked_in_at) / 60
    rows = work.session.execute(
        select(
            Order.service_day,
            func.count(),
            func.coalesce(func.sum(took), 0),
            func.sum(Order.total_fen),
        )
        .outerjoin(Visit, Visit.order_id == Order.id)
        .where(
            Order.worker_id == worker_id,
            Order.service_day >= first,
            Order.service_day < after,
            Order.state.in_(DONE),
        )
        .group_by(Order.service_day)
        .order_by(Order.service_day.desc())
    ).all()
    return WorkerMonth(
        month, tuple(WorkedDay(day, n, round(minutes), int(fen)) for day, n, minutes, fen in rows)
    )
