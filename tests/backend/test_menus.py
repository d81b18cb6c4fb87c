"""Menus between kitchen and people: planned, copied, published, taken back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from backend.db.models import Audit, Dish, MenuDraft
from backend.domain.errors import DomainError, NotFound
from backend.domain.menus import (
    MOST_DISHES,
    MenuDish,
    MenuState,
    last_planned,
    left_out,
    menu_dish,
    with_dish,
    without_dish,
)
from backend.seed.town import Seeded
from backend.services.copy_week import copy_week
from backend.services.draft_menu import add_dish, discard_draft, drop_dish, published
from backend.services.lookup import menu
from backend.services.menu_weeks import menu_days, usual_dishes
from backend.services.publish_menus import publish_menus
from backend.services.work import Work

LUNCH = "meal.lunch"
TODAY = date(2026, 3, 4)
"""A Wednesday; menus are seeded from this day on for two weeks."""
FREE = date(2026, 3, 19)
"""The first Thursday without one."""


def names(work: Work, seeded: Seeded, day: date) -> list[str]:
    """What a family in town is told."""
    return [dish.name for dish in menu(work, seeded.li_guilan, day, LUNCH)]


def state(work: Work, seeded: Seeded, day: date) -> MenuState:
    return next(m.state for m in menu_days(work, seeded.canteen, day, 1)[0] if m.code == LUNCH)


def test_people_are_told_of_a_dish_once_it_is_published(work: Work, seeded: Seeded) -> None:
    add_dish(work, seeded.canteen, FREE, LUNCH, " 荷叶 蒸田鸡", ["soft", "no_pork"])
    assert names(work, seeded, FREE) == []
    assert state(work, seeded, FREE) is MenuState.DRAFT
    assert publish_menus(work, seeded.canteen, FREE, FREE) == 1
    assert names(work, seeded, FREE) == ["荷叶蒸田鸡"]
    assert state(work, seeded, FREE) is MenuState.PUBLISHED
    assert publish_menus(work, seeded.canteen, FREE, FREE) == 0, "nothing is left to publish"
    audit = work.session.scalars(select(Audit).where(Audit.action == "publish_menu")).one()
    assert audit.changes["dishes"] == ["荷叶蒸田鸡"]


def test_a_published_menu_stands_while_it_is_being_changed(work: Work, seeded: Seeded) -> None:
    before = names(work, seeded, TODAY)
    drop_dish(work, seeded.canteen, TODAY, LUNCH, before[0])
    add_dish(work, seeded.canteen, TODAY, LUNCH, "新菜心", [])
    add_dish(work, seeded.canteen, TODAY, LUNCH, "新菜心", [])
    assert names(work, seeded, TODAY) == before
    meal = menu_days(work, seeded.canteen, TODAY, 1)[0][1]
    assert (meal.state, meal.added, meal.dropped) == (
        MenuState.CHANGED, frozenset({"新菜心"}), (before[0],)
    )  # fmt: skip
    publish_menus(work, seeded.canteen, TODAY, TODAY, LUNCH)
    assert names(work, seeded, TODAY) == [*before[1:], "新菜心"]


def test_a_change_taken_back_is_no_change(work: Work, seeded: Seeded) -> None:
    add_dish(work, seeded.canteen, TODAY, LUNCH, "新菜心", [])
    drop_dish(work, seeded.canteen, TODAY, LUNCH, "新菜心")
    assert state(work, seeded, TODAY) is MenuState.PUBLISHED
    add_dish(work, seeded.canteen, TODAY, LUNCH, "新菜心", [])
    discard_draft(work, seeded.canteen, TODAY, LUNCH)
    assert state(work, seeded, TODAY) is MenuState.PUBLISHED
    assert work.session.scalar(select(func.count()).select_from(MenuDraft)) == 0


def test_a_week_is_planned_as_the_one_before_and_nothing_is_lost(
    work: Work, seeded: Seeded
) -> None:
    monday = date(2026, 3, 16)
    before = {day: published(work, seeded.canteen, day, LUNCH) for day in _week(monday)}
    planned = copy_week(work, seeded.canteen, monday)
    assert planned == 3 * sum(not dishes for dishes in before.values())
    for day in _week(monday):
        meal = menu_days(work, seeded.canteen, day, 1)[0][1]
        assert meal.told == before[day], "published days are left alone"
        if not before[day]:
            assert meal.dishes == published(work, seeded.canteen, day - timedelta(7), LUNCH)
    assert copy_week(work, seeded.canteen, monday) == 0


def test_a_menu_is_of_its_own_kitchen_and_of_days_to_come(work: Work, seeded: Seeded) -> None:
    with pytest.raises(NotFound):
        add_dish(work, seeded.nursing_station, TODAY, LUNCH, "白切鸡", [])
    with pytest.raises(DomainError, match="menu_past"):
        add_dish(work, seeded.canteen, TODAY - timedelta(1), LUNCH, "白切鸡", [])
    with pytest.raises(DomainError, match="menu_too_far"):
        add_dish(work, seeded.canteen, last_planned(TODAY) + timedelta(1), LUNCH, "白切鸡", [])
    add_dish(work, seeded.canteen, FREE, LUNCH, "白切鸡", [])
    assert publish_menus(work, seeded.nursing_station, FREE, FREE) == 0
    assert menu_days(work, seeded.nursing_station, TODAY, 7) == []


def test_what_is_cooked_often_is_offered_again(work: Work, seeded: Seeded) -> None:
    menu_now = menu_days(work, seeded.canteen, TODAY, 1)[0][1].dishes
    usual = usual_dishes(work, seeded.canteen, LUNCH, [dish.name for dish in menu_now])
    assert usual and not {dish.name for dish in usual} & {dish.name for dish in menu_now}
    counts = dict(
        work.session.execute(
            select(Dish.name, func.count())
            .where(Dish.provider_id == seeded.canteen, Dish.code == LUNCH)
            .group_by(Dish.name)
        )
        .tuples()
        .all()
    )
    often = [counts[dish.name] for dish in usual]
    assert often == sorted(often, reverse=True)


@pytest.mark.parametrize("name", ["", "饭", "菜" * 17, "白切\x00鸡"])
def test_names_that_nobody_could_say_are_refused(name: str) -> None:
    with pytest.raises(DomainError, match="bad_dish_name"):
        menu_dish(name, [])


def test_a_menu_says_for_which_diets_it_has_nothing() -> None:
    fish = menu_dish("清蒸鲩鱼", ["low_salt", "soft"])
    assert fish.diets == ("soft", "low_salt"), "in the order of the house"
    assert "soft" not in left_out([fish]) and "vegetarian" in left_out([fish])
    full = tuple(MenuDish(f"菜{n}") for n in range(MOST_DISHES))
    assert with_dish(full, MenuDish("菜0", ("soft",)))[0].diets == ("soft",)
    with pytest.raises(DomainError, match="menu_full"):
        with_dish(full, fish)
    assert without_dish([fish], "清蒸鲩鱼") == ()


def _week(monday: date) -> list[date]:
    return [monday + timedelta(days=ahead) for ahead in range(7)]
