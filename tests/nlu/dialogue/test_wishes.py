"""A dish that is named with an order goes to the kitchen, if the kitchen cooks it that day."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from backend.db.models import Order
from backend.seed.town import Seeded
from backend.services.lookup import menu
from backend.services.work import Work
from nlu.understand import Understander, make_gazetteer
from nlu.values.dishes import Dishes
from tests.nlu.dialogue import people
from tests.nlu.dialogue.people import SCRIPT, Chat

TOMORROW = date(2026, 3, 5)


@pytest.fixture
def chat(work: Work, seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """王芳, talked with by somebody who knows the dishes by name."""
    known = ["佛跳墙", *(dish.name for dish in tomorrow(work, seeded))]
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


def test_what_nobody_cooks_that_day_is_not_promised(chat: Chat, work: Work) -> None:
    said = chat.says("明天中午给我妈订一份佛跳墙", "order_meal")
    assert "佛跳墙" not in said
    chat.says("好", "affirm")
    assert work.session.scalars(select(Order)).one().note == ""
