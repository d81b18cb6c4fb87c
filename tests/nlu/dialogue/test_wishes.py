"""A dish that is named with an order goes to the kitchen, if the kitchen cooks it that day."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from backend.db.models import Dish, Order
from backend.seed.town import Seeded
from backend.services.lookup import menu
from backend.services.work import Work
from nlu.understand import Understander, make_gazetteer
from nlu.values.dishes import Dishes
from nlu.values.other_dishes import is_on
from tests.nlu.dialogue import people
from tests.nlu.dialogue.people import SCRIPT, Caller, Chat

TOMORROW = date(2026, 3, 5)


@pytest.fixture
def chat(work: Work, seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """王芳, talked with by somebody who knows the dishes by name."""
    known = ["白切鸡", "土豆焖牛腩", "清蒸鲩鱼", "红烧茄子"]
    known += [dish.name for dish in tomorrow(work, seeded)]
    gazetteer = make_gazetteer(None, Dishes(lambda: known))
    monkeypatch.setattr(people, "UNDERSTANDER", Understander(SCRIPT, gazetteer))
    return Chat(work, daughter=seeded.li_guilan)


def tomorrow(work: Work, seeded: Seeded) -> list:
    return menu(work, seeded.li_guilan, TOMORROW, "meal.lunch")


def test_a_dish_on_the_menu_is_read_back_and_reaches_the_kitchen(
    chat: Chat, work: Work, seeded: Seeded
) -> None:
    dish = tomorrow(work, seeded)[0].name
    said = chat.says(f"明天中午给我妈订一份{dish}", "order_meal")
    assert f"交代:{dish}" in said.replace("：", ":")
    chat.says("好", "affirm")
    assert work.session.scalars(select(Order)).one().note == dish


def test_a_dish_named_afterwards_is_taken_along(chat: Chat, work: Work, seeded: Seeded) -> None:
    first, second = (dish.name for dish in tomorrow(work, seeded)[:2])
    chat.says(f"明天给我妈订午饭,要{first}", "order_meal")
    assert second in chat.says(f"还要{second}", "inform")
    chat.says("好", "affirm")
    assert work.session.scalars(select(Order)).one().note == f"{first}、{second}"


def plainly(said: str) -> str:
    return said.translate(str.maketrans("，：；", ",:;"))


def before_the_yes(chat: Chat) -> str:
    """What is said before the read-back and its question."""
    return plainly("".join(reply.text for reply in chat.turn.replies[:-1]))


@pytest.mark.parametrize("dish", ["佛跳墙", "红烧肉", "糖醋排骨", "清蒸鲈鱼", "北京烤鸭", "饺子"])
def test_a_dish_that_nobody_cooks_that_day_is_told_of_before_the_yes(
    chat: Chat, work: Work, seeded: Seeded, dish: str
) -> None:
    """The meal is not lost by it, and the kitchen is promised nothing."""
    chat.says(f"明天中午给我妈要一份{dish}", "order_meal")
    told = before_the_yes(chat)
    assert f"那天午餐的菜单上没有{dish},有" in told
    offered = told.partition(",有")[2].partition("。")[0].split("、")
    on_menu = [one.name for one in tomorrow(work, seeded)]
    assert len(offered) == 3
    assert set(offered) <= set(on_menu)
    assert "午餐1份" in chat.last.text
    assert "交代" not in chat.last.text
    chat.says("好", "affirm")
    assert work.session.scalars(select(Order)).one().note == ""


def test_another_dish_is_taken_instead_and_nothing_is_told_twice(
    chat: Chat, work: Work, seeded: Seeded
) -> None:
    chat.says("明天中午给我妈订一份佛跳墙", "order_meal")
    dish = tomorrow(work, seeded)[0].name
    said = chat.says(f"那要{dish}", "inform")
    assert "佛跳墙" not in said
    assert f"交代:{dish}" in plainly(said)
    chat.says("好", "affirm")
    assert work.session.scalars(select(Order)).one().note == dish


def test_on_another_day_the_menu_is_looked_at_anew(chat: Chat, work: Work) -> None:
    chat.says("明天中午给我妈订一份佛跳墙", "order_meal")
    chat.says("改到后天吧", "inform")
    assert "那天午餐的菜单上没有佛跳墙" in before_the_yes(chat)


def test_before_the_menu_is_out_nothing_is_promised_nor_denied(chat: Chat, work: Work) -> None:
    for dish in work.session.scalars(select(Dish)):
        work.session.delete(dish)
    work.session.flush()
    chat.says("明天中午给我妈订一份佛跳墙", "order_meal")
    assert "菜单还没有出来,不一定有佛跳墙" in before_the_yes(chat)


def test_a_dish_of_another_days_menu_is_told_of_too(chat: Chat, work: Work, seeded: Seeded) -> None:
    ours = {one.name for one in tomorrow(work, seeded)}
    other = next(
        name
        for name in ("白切鸡", "土豆焖牛腩", "清蒸鲩鱼", "红烧茄子")
        if not any(is_on(one, name) for one in ours)
    )
    chat.says(f"明天中午给我妈订一份午餐,要{other}", "order_meal")
    assert f"没有{other}" in before_the_yes(chat)


@pytest.mark.parametrize(
    "wish",
    [
        "软一点",
        "清淡点",
        "少放盐",
        "米饭",
        "汤",
        "多一点米饭",
        "不要红烧肉",
        "不吃鱼",
        "送到门口",
        "切碎",
    ],
)
def test_what_is_no_dish_is_not_said_to_be_missing(chat: Chat, wish: str) -> None:
    said = chat.says(
        f"明天中午给我妈订一份午餐,{'' if wish[0] == '不' else '要'}{wish}", "order_meal"
    )
    assert "菜单" not in said
    assert "午餐1份" in said


def test_by_phone_it_is_heard_before_the_question(work: Work, seeded: Seeded, chat: Chat) -> None:
    caller = Caller(work, self=seeded.li_guilan)
    caller.says("明天中午要一份佛跳墙", "order_meal")
    heard = plainly(caller.spoken)
    assert "那天午餐的菜单上没有佛跳墙,有" in heard
    assert heard.index("没有佛跳墙") < heard.index("我念一遍")
    assert heard.endswith("?") or heard.endswith("？")
    caller.says("对", "affirm")
    assert "place_order" in caller.commands


def test_asked_whether_there_is_one_the_answer_names_it(chat: Chat) -> None:
    assert "没有佛跳墙" in plainly(chat.says("明天中午有没有佛跳墙", "query_menu"))
