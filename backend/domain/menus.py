"""What a menu of one day and meal may be, and where it stands between kitchen and people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from backend.domain.errors import DomainError

DIETS = (
    "soft", "minced", "low_salt", "low_sugar", "low_fat", "no_pork", "no_fish", "vegetarian",
)  # fmt: skip
"""What a kitchen may be asked for."""
MOST_DISHES = 20
SHORTEST_NAME, LONGEST_NAME = 2, 16
"""Characters: longer names are heard and read badly."""
WEEK = timedelta(days=7)
WEEKS = 3
"""So many may be planned, this one counted: on a Sunday too there are two whole ones ahead."""


class MenuState(StrEnum):
    """Where a day's meal stands."""

    EMPTY = "empty"
    DRAFT = "draft"
    """Planned; people are told nothing yet."""
    PUBLISHED = "published"
    CHANGED = "changed"
    """Published, and planned otherwise since: people are still told the old menu."""


@dataclass(frozen=True)
class MenuDish:
    """A dish and the diets it suits."""

    name: str
    diets: tuple[str, ...] = ()


def menu_dish(name: str, diets: Iterable[str]) -> MenuDish:
    """A dish as it may stand on a menu. Raises DomainError `bad_dish_name`, `unknown_diet`."""
    name = "".join(name.split())
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise DomainError("bad_dish_name", least=SHORTEST_NAME, most=LONGEST_NAME)
    asked = set(diets)
    if not asked <= set(DIETS):
        raise DomainError("unknown_diet")
    return MenuDish(name, tuple(diet for diet in DIETS if diet in asked))


def with_dish(dishes: Iterable[MenuDish], dish: MenuDish) -> tuple[MenuDish, ...]:
    """The menu with the dish at its end; in its place, with its new diets, if it was there.
    Raises DomainError `menu_full`."""
    kept = tuple(dish if one.name == dish.name else one for one in dishes)
    if dish in kept:
        return kept
    if len(kept) >= MOST_DISHES:
        raise DomainError("menu_full", most=MOST_DISHES)
    return (*kept, dish)


def without_dish(dishes: Iterable[MenuDish], name: str) -> tuple[MenuDish, ...]:
    """The menu without a dish of that name."""
    return tuple(one for one in dishes if one.name != name)


def menu_state(published: bool, drafted: bool) -> MenuState:
    """From whether there is a published menu, and a draft."""
    if drafted:
        return MenuState.CHANGED if published else MenuState.DRAFT
    return MenuState.PUBLISHED if published else MenuState.EMPTY


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def last_planned(today: date) -> date:
    """The last day that may be planned: the Sunday of the last of WEEKS."""
    return monday_of(today) + WEEKS * WEEK - timedelta(days=1)


def require_plannable(day: date, today: date) -> None:
    """Raises DomainError `menu_past`, `menu_too_far`."""
    if day < today:
        raise DomainError("menu_past")
    if day > last_planned(today):
        raise DomainError("menu_too_far", weeks=WEEKS)


def left_out(dishes: Iterable[MenuDish]) -> tuple[str, ...]:
    """The diets for which nothing on the menu is fit."""
    suited = {diet for dish in dishes for diet in dish.diets}
    return tuple(diet for diet in DIETS if diet not in suited)
