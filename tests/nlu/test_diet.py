"""What a kitchen is asked for, and what only sounds like it."""

from __future__ import annotations

import pytest

from nlu.values.diet import find_diet


@pytest.mark.parametrize(
    ("text", "diet"),
    [
        ("要软一点", ("soft",)), ("烂一点", ("soft",)), ("煮烂点", ("soft",)),
        ("我妈牙口不好", ("soft",)),
        ("软一点的饭", ("soft",)), ("做得软一些", ("soft",)), ("少盐", ("low_salt",)),
        ("清淡些", ("low_salt",)), ("不要太咸", ("low_salt",)), ("少放点盐", ("low_salt",)),
        ("糖尿病餐", ("low_sugar",)), ("少糖", ("low_sugar",)), ("别放糖", ("low_sugar",)),
        ("少油", ("low_fat",)), ("不要太油", ("low_fat",)), ("不吃猪肉", ("no_pork",)),
        ("清真的", ("no_pork",)), ("吃素", ("vegetarian",)), ("不要肉", ("vegetarian",)),
        ("不要鱼", ("no_fish",)), ("除了鱼都行", ("no_fish",)), ("海鲜过敏", ("no_fish",)),
        ("切碎", ("minced",)), ("打成糊", ("minced",)),
        ("饭要软一点,少盐,不要鱼", ("soft", "low_salt", "no_fish")),
        ("软一点,饭要软一点", ("soft",)),
    ],
)  # fmt: skip
def test_kitchen_requests(text: str, diet: tuple[str, ...]) -> None:
    assert find_diet(text) == diet


@pytest.mark.parametrize(
    "text",
    [
        "换药轻一点",
        "软的棉签",
        "不用太软",
        "不要切碎",
        "太软了",
        "有点咸",
        "买鱼油",
        "早一点来",
        "切碎不用了",
    ],
)
def test_nothing_asked_of_the_kitchen(text: str) -> None:
    assert find_diet(text) == ()
