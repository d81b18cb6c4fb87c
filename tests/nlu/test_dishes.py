"""Dishes on the menus, as people name them."""

from __future__ import annotations

from nlu.understand import make_gazetteer
from nlu.values.dishes import Dishes
from tests.nlu.test_roundabout import understand

MENU = Dishes(lambda: ["肉末蒸水蛋", "清蒸鲩鱼", "白粥"])


def named(text: str, dishes: Dishes = MENU) -> list[str]:
    return [one.value for one in dishes.find(text)]


def test_by_the_whole_name_or_its_end() -> None:
    assert named("有没有清蒸鲩鱼和蒸水蛋") == ["清蒸鲩鱼", "蒸水蛋"]
    assert named("来碗白粥") == []  # two characters are somebody's name as easily
    assert named("肉末") == []


def test_by_sound() -> None:
    assert named("来份清真鲩鱼") == ["清蒸鲩鱼"]
    assert named("请争换余") == []


def test_menus_change_and_are_read_again() -> None:
    menus = iter([["白切鸡"], None, ["姜葱焖鸭"]])
    dishes = Dishes(lambda: next(menus), fresh_for=0)
    assert named("要白切鸡", dishes) == ["白切鸡"]
    assert named("要白切鸡", dishes) == ["白切鸡"]  # no news
    assert named("要白切鸡", dishes) == []
    once = Dishes(iter([["白切鸡"]]).__next__)
    assert named("白切鸡", once) == named("白切鸡", once) == ["白切鸡"]


def test_a_dish_is_a_meal_and_no_other_wish() -> None:
    asked = understand("今天有没有冬菇蒸排骨", "query_menu")
    assert (asked.dishes, asked.services) == (("冬菇蒸排骨",), ())
    ordered = understand("来份清真鲩鱼", "order_meal")
    assert [s.code for s in ordered.services] == ["meal.lunch"]
    assert ordered.diet == ()


def test_the_shipped_menus_are_known() -> None:
    assert named("豆腐鲫鱼煲", make_gazetteer().dishes) == ["豆腐鲫鱼煲"]
