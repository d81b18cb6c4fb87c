"""Orders, people, hours, money, satisfaction and punctuality, by the day of service.

`PARTS` says what is counted. A figure counts the orders that a part's condition holds for, and the
list behind the figure is made with the same condition: they cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
    tuple_,
)

from backend.db.models import Elder, Order, Provider, Review, ServiceItem, Visit, Worker
from backend.domain.orders import OPEN_STATES, OrderState
from backend.services.figures.slice import By, Slice
from backend.services.work import Work

HAPPY, UNHAPPY = 4, 2
"""So many stars or more, or fewer."""

_done = Order.state.in_([OrderState.FINISHED, OrderState.REVIEWED])
_came = Visit.checked_in_at.is_not(None)

PARTS: dict[str, ColumnElement[bool]] = {
    "all": true(),
    "done": _done,
    "open": Order.state.in_(OPEN_STATES),
    "cancelled": Order.state == OrderState.CANCELLED,
    "missed": Order.state == OrderState.MISSED,
    # The window is what the elder was promised: later than its end is late.
    "on_time": and_(_came, Visit.checked_in_at <= Order.window_end),
    "late": and_(_came, Visit.checked_in_at > Order.window_end),
    "happy": and_(_done, Review.stars >= HAPPY),
    "middle": and_(_done, Review.stars < HAPPY, Review.stars > UNHAPPY),
    "unhappy": and_(_done, Review.stars <= UNHAPPY),
    "silent": and_(_done, Review.order_id.is_(None)),
}

KEYS: dict[By, Any] = {
    By.MONTH: func.to_char(Order.service_day, literal_column("'YYYY-MM'")),
    By.TOWN: Elder.town,
    By.CATEGORY: ServiceItem.category,
    By.PROVIDER: cast(Order.provider_id, Text),
}


@dataclass(frozen=True)
class OrderFigures:
    """Of one group; of the whole slice where `key` is None."""

    key: str | None
    orders: int
    """Asked for, whatever became of them."""
    done: int
    open: int
    cancelled: int
    missed: int
    """Nobody came until an hour after the window."""
    people: int
    """Different elders with at least one order done. Somebody served in two groups is in both,
    and once in the whole."""
    seconds: int
    """Between check-in and check-out of visits done, meals apart: a meal is brought, not served
    by the hour."""
    portions: int
    """Meals brought."""
    subsidy_fen: int
    """Of orders done: what the ledger has captured for them."""
    self_pay_fen: int
    """Of orders done: the elders' own share."""
    on_time: int
    """Checked in before the promised window was over."""
    late: int
    """Checked in after it."""
    happy: int
    """Orders done with 4 or 5 stars."""
    middle: int
    """With 3."""
    unhappy: int
    """With 1 or 2."""
    silent: int
    """Orders done that nobody said anything about. Silence is no praise."""
    stars: int
    """The sum of all stars."""

    @property
    def total_fen(self) -> int:
        """What orders done came to."""
        return self.subsidy_fen + self.self_pay_fen

    @property
    def said(self) -> int:
        """Orders done that somebody rated."""
        return self.happy + self.middle + self.unhappy

    @property
    def silent_share(self) -> float | None:
        """Of orders done, those that nobody said anything about; None when none was done."""
        return self.silent / self.done if self.done else None

    @property
    def happy_share(self) -> float | None:
        """Of those who said something; None when nobody did."""
        return self.happy / self.said if self.said else None

    @property
    def average_stars(self) -> float | None:
        """Of those who said something; None when nobody did."""
        return self.stars / self.said if self.said else None


def order_figures(
    work: Work, of: Slice, by: By, ours: ColumnElement[bool]
) -> tuple[OrderFigures, list[OrderFigures]]:
    """The whole slice, and its groups in the order of their keys. `ours`: a condition on orders
    for what the one who asks may see."""
    key = KEYS[by]
    count = func.count()
    meal = ServiceItem.shared_visit
    spent = func.extract("epoch", Visit.checked_out_at - Visit.checked_in_at)
    counted = [
        func.coalesce(figure, 0)
        for figure in (
            count,
            *(count.filter(PARTS[part]) for part in ("done", "open", "cancelled", "missed")),
            func.count(Order.elder_id.distinct()).filter(_done),
            func.sum(spent).filter(_done, ~meal),
            func.sum(Order.quantity).filter(_done, meal),
            func.sum(Order.subsidy_fen).filter(_done),
            func.sum(Order.self_pay_fen).filter(_done),
            *(count.filter(PARTS[part]) for part in ("on_time", "late")),
            *(count.filter(PARTS[part]) for part in ("happy", "middle", "unhappy", "silent")),
            func.sum(Review.stars).filter(_done),
        )
    ]
    rows = work.session.execute(
        _joined(select(func.grouping(key), key, *counted))
        .where(*of.of_orders(), ours)
        .group_by(func.grouping_sets(tuple_(key), literal_column("()")))
        .order_by(func.grouping(key).desc(), key)
    ).all()
    made = [OrderFigures(key, *map(int, rest)) for _, key, *rest in rows]
    return made[0], made[1:]


def orders_behind(of: Slice, part: str, ours: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The orders of a part, the newest day first, with what a list shows of each; columns are
    named. Raises KeyError for a part that there is not."""
    return (
        _joined(
            select(
                Order.number.label("number"),
                Order.service_day.label("day"),
                Elder.name.label("elder"),
                Elder.town.label("town"),
                ServiceItem.name.label("service"),
                Provider.name.label("provider"),
                Worker.name.label("worker"),
                Order.state.label("state"),
                Order.window_start.label("window_start"),
                Order.window_end.label("window_end"),
                Visit.checked_in_at.label("checked_in_at"),
                Visit.checked_out_at.label("checked_out_at"),
                Review.stars.label("stars"),
                Order.total_fen.label("total_fen"),
                Order.subsidy_fen.label("subsidy_fen"),
                Order.self_pay_fen.label("self_pay_fen"),
                case((_done, Order.subsidy_fen), else_=0).label("captured_fen"),
                case((_done, Order.self_pay_fen), else_=0).label("owed_fen"),
            )
        )
        .join(Provider, Provider.id == Order.provider_id)
        .outerjoin(Worker, Worker.id == Order.worker_id)
        .where(*of.of_orders(), PARTS[part], ours)
        .order_by(Order.service_day.desc(), Order.id.desc())
    )


def _joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.select_from(Order)
        .join(Elder, Elder.id == Order.elder_id)
        .join(ServiceItem, ServiceItem.code == Order.code)
        .outerjoin(Visit, Visit.order_id == Order.id)
        .outerjoin(Review, Review.order_id == Order.id)
    )
