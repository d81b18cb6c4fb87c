"""A provider's menus, as they are published and as they are planned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from backend.db.models import Dish, MenuDraft, Offering, Order, ServiceItem
from backend.domain.menus import (
    MenuDish,
    MenuState,
    last_planned,
    left_out,
    menu_state,
)
from backend.services.day_of_meals import NOT_COOKED
from backend.services.draft_menu import dishes_of
from backend.services.work import Work

USUAL_SINCE = timedelta(days=60)
MOST_USUAL = 60


@dataclass(frozen=True)
class Meal:
    """One meal of a day. `dishes` is what it will be once everything is published; `portions`
    how many are ordered; `missed_diets` what was asked for with them and no dish suits."""

    day: date
    code: str
    name: str
    state: MenuState
    dishes: tuple[MenuDish, ...]
    told: tuple[MenuDish, ...]
    portions: int
    missed_diets: tuple[str, ...]
    may_plan: bool

    @property
    def added(self) -> frozenset[str]:
        """Names that people are not told yet."""
        return frozenset(d.name for d in self.dishes) - {d.name for d in self.told}

    @property
    def dropped(self) -> tuple[str, ...]:
        """Names that people are told still."""
        kept = {dish.name for dish in self.dishes}
        return tuple(dish.name for dish in self.told if dish.name not in kept)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Diets for which there is nothing."""
        return left_out(self.dishes)


def menu_days(work: Work, provider_id: int, first: date, days: int) -> list[list[Meal]]:
    """The meals of so many days, in the order in which they are eaten; none for a provider that
    cooks nothing."""
    last = first + timedelta(days=days - 1)
    items = meals_cooked(work, provider_id)
    if not items:
        return []
    drafts = drafts_of(work, provider_id, first, last)
    told: dict[tuple[date, str], list[MenuDish]] = {}
    for dish in work.session.scalars(
        select(Dish)
        .where(Dish.provider_id == provider_id, Dish.day.between(first, last))
        .order_by(Dish.id)
    ):
        told.setdefault((dish.day, dish.code), []).append(MenuDish(dish.name, tuple(dish.diets)))
    ordered = _ordered(work, provider_id, first, last)
    today = work.local_now.date()

    def meal(day: date, item: ServiceItem) -> Meal:
        published = tuple(told.get((day, item.code), ()))
        draft = drafts.get((day, item.code))
        dishes = dishes_of(draft) if draft is not None else published
        portions, diets = ordered.get((day, item.code), (0, frozenset()))
        nothing = left_out(dishes) if dishes else ()
        return Meal(
            day, item.code, item.name, menu_state(bool(published), draft is not None), dishes,
            published, portions, tuple(diet for diet in nothing if diet in diets),
            today <= day <= last_planned(today),
        )  # fmt: skip

    span = [first + timedelta(days=ahead) for ahead in range(days)]
    return [[meal(day, item) for item in items] for day in span]


def meals_cooked(work: Work, provider_id: int) -> list[ServiceItem]:
    """The meals among a provider's offerings, open or not, by their hours."""
    return list(
        work.session.scalars(
            select(ServiceItem)
            .join(Offering, Offering.code == ServiceItem.code)
            .where(Offering.provider_id == provider_id, ServiceItem.category == "meal")
            .order_by(ServiceItem.hours_from, ServiceItem.code)
        )
    )


def drafts_of(
    work: Work, provider_id: int, first: date, last: date
) -> dict[tuple[date, str], MenuDraft]:
    """The drafts from `first` to `last`, by day and meal."""
    found = work.session.scalars(
        select(MenuDraft).where(
            MenuDraft.provider_id == provider_id, MenuDraft.day.between(first, last)
        )
    )
    return {(draft.day, draft.code): draft for draft in found}


def usual_dishes(work: Work, provider_id: int, code: str, but: Iterable[str]) -> list[MenuDish]:
    """What the kitchen has on its menus of a meal, the most frequent first, without `but`."""
    since = work.local_now.date() - USUAL_SINCE
    rows = work.session.execute(
        select(Dish.name, func.max(Dish.id))
        .where(Dish.provider_id == provider_id, Dish.code == code, Dish.day >= since)
        .group_by(Dish.name)
        .order_by(func.count().desc(), Dish.name)
        .limit(MOST_USUAL)
    ).all()
    newest = {
        dish.id: dish
        for dish in work.session.scalars(select(Dish).where(Dish.id.in_([row[1] for row in rows])))
    }
    out = set(but)
    return [
        MenuDish(name, tuple(newest[dish_id].diets)) for name, dish_id in rows if name not in out
    ]


def _ordered(
    work: Work, provider_id: int, first: date, last: date
) -> dict[tuple[date, str], tuple[int, frozenset[str]]]:
    """Portions and all the diets asked for, by day and meal."""
    rows = work.session.execute(
        select(Order.service_day, Order.code, Order.diet, func.sum(Order.quantity))
        .where(
            Order.provider_id == provider_id,
            Order.service_day.between(first, last),
            Order.code.like("meal.%"),
            Order.state.not_in(NOT_COOKED),
        )
        .group_by(Order.service_day, Order.code, Order.diet)
    )
    found: dict[tuple[date, str], tuple[int, frozenset[str]]] = {}
    for day, code, diet, portions in rows.tuples():
        before, diets = found.get((day, code), (0, frozenset()))
        found[day, code] = (before + portions, diets | set(diet))
    return found
