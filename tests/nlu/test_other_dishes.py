"""Dishes that are asked for by name and stand on no menu."""

from __future__ import annotations

import pytest

from nlu.values.other_dishes import find_other_dishes, is_on


@pytest.mark.parametrize(
    ("text", "dish"),
    [
        ("明天中午要一份佛跳墙", "佛跳墙"),
        ("我想吃糖醋排骨", "糖醋排骨"),
        ("来个清蒸鲈鱼吧", "清蒸鲈鱼"),
        ("送一份午餐,想吃土豆烧牛肉", "土豆烧牛肉"),
        ("要一碗饺子", "饺子"),
        ("西红柿炒鸡蛋", "西红柿炒鸡蛋"),
        ("点个酸菜鱼", "酸菜鱼"),
    ],
)
def test_what_everybody_knows_or_can_cook_is_a_dish(text: str, dish: str) -> None:
    assert [one.value for one in find_other_dishes(text, [])] == [dish]


@pytest.mark.parametrize(
    "text",
    [
        "明天中午送一份午餐",
        "要软一点",
        "要清淡的",
        "多要点米饭",
        "要一碗汤",
        "想喝炖鸡汤",
        "请人来煮饭",
        "帮我炒两个菜",
        "不要红烧肉",
        "别放炒鸡蛋",
        "她发烧了要去医院",
        "昨天红烧肉太咸",
        "少放油炸的",
        "要打扫厨房",
    ],
)
def test_what_is_no_dish_or_is_not_asked_for_is_none(text: str) -> None:
    assert find_other_dishes(text, []) == []


def test_what_the_menu_has_already_is_not_found_again() -> None:
    assert find_other_dishes("要一份红烧茄子", [(3, 7)]) == []


@pytest.mark.parametrize(
    ("menu", "named", "same"),
    [
        ("番茄炒蛋", "西红柿炒鸡蛋", True),
        ("清蒸鲩鱼", "蒸鱼", True),
        ("家常红烧肉", "红烧肉", True),
        ("红烧茄子", "红烧肉", False),
        ("清蒸鲩鱼", "清蒸鲈鱼", False),
    ],
)
def test_the_same_dish_goes_by_several_names(menu: str, named: str, same: bool) -> None:
    assert is_on(menu, named) is same
