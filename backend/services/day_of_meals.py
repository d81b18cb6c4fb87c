"""A day's meals as kitchens and riders need them: by canteen, meal and round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from backend.db.models import Dish, Order, Provider, ServiceItem
from backend.domain.orders import OrderState
from backend.services.work import Work

NOT_COOKED = (OrderState.CANCELLED, OrderState.MISSED)
SEEKS = (OrderState.PLACED, OrderState.OFFERED, OrderState.UNASSIGNED)
AT_MOST = 1000
"""Orders on one kitchen's list."""


@dataclass(frozen=True)
class Round:
    """The meals of one canteen that go out in the same hour. `plain` are the portions without a
    diet; `without_rider` the portions that nobody has taken yet."""

    provider_id: int
    provider: str
    code: str
    begins: datetime
    ends: datetime
    orders: int
    portions: int
    plain: int
    without_rider: int


@dataclass(frozen=True)
class Kitchen:
    """What one canteen cooks for one meal of a day. `diets` counts portions by their whole diet
    (soft and low in salt is one), the most first."""

    provider: Provider
    meal: ServiceItem
    orders: tuple[Order, ...]
    diets: tuple[tuple[tuple[str, ...], int], ...]
    dishes: tuple[Dish, ...]

    @property
    def portions(self) -> int:
        """How many to cook."""
        return sum(order.quantity for order in self.orders)

    @property
    def rounds(self) -> list[tuple[datetime, list[Order]]]:
        """By when they go out."""
        begins = sorted({order.window_start for order in self.orders})
        return [(at, [o for o in self.orders if o.window_start == at]) for at in begins]


def day_of_meals(work: Work, day: date, ours: ColumnElement[bool]) -> list[Round]:
    """The rounds of a day, by canteen and hour."""
    portions = func.sum(Order.quantity)
    plain = portions.filter(func.cardinality(Order.diet) == 0)
    rows = work.session.execute(
        select(
            Provider.id, Provider.name, Order.code, Order.window_start,
            func.max(Order.window_end), func.count(), portions,
            func.coalesce(plain, 0),
            func.coalesce(portions.filter(Order.state.in_(SEEKS)), 0),
        )
        .join(Provider, Provider.id == Order.provider_id)
        .where(*_meals(day), ours)
        .group_by(Provider.id, Provider.name, Order.code, Order.window_start)
        .order_by(Provider.name, Provider.id, Order.window_start, Order.code)
    )  # fmt: skip
    return [Round(*row) for row in rows.tuples()]


def kitchen(
    work: Work, provider_id: int, code: str, day: date, ours: ColumnElement[bool]
) -> Kitchen:
    """A canteen's list for one meal, the way it is cooked and carried. Raises NotFound."""
    provider, meal = work.get(Provider, provider_id), work.get(ServiceItem, code)
    orders = work.session.scalars(
        select(Order)
        .where(*_meals(day), Order.provider_id == provider_id, Order.code == code, ours)
        .options(joinedload(Order.elder), joinedload(Order.address), joinedload(Order.worker))
        .order_by(Order.window_start, Order.worker_id.asc().nulls_last(), Order.id)
        .limit(AT_MOST)
    ).all()
    dishes = work.session.scalars(
        select(Dish)
        .where(Dish.provider_id == provider_id, Dish.day == day, Dish.code == code)
        .order_by(Dish.id)
    ).all()
    return Kitchen(provider, meal, tuple(orders), count_diets(orders), tuple(dishes))


def count_diets(orders: Iterable[Order]) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Portions by diet, the most first."""
    counted: Counter[tuple[str, ...]] = Counter()
    for order in orders:
        counted[tuple(sorted(order.diet))] += order.quantity
    return tuple(counted.most_common())


def _meals(day: date) -> tuple[ColumnElement[bool], ...]:
    shared = select(ServiceItem.code).where(ServiceItem.category == "meal")
    return Order.service_day == day, Order.code.in_(shared), Order.state.not_in(NOT_COOKED)
