"""Several wants in one sentence, each with the values of its own clause."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings

from nlu.understand import make_gazetteer
from nlu.understanding import Want
from nlu.values.clauses import hear
from nlu.values.dates import SHANGHAI
from nlu.values.people import find_people
from nlu.values.text import plain
from nlu.values.wants import compose, hours_of, unattached
from tests.nlu.saying import NOW, any_moment, any_text

GAZETTEER = make_gazetteer()


def wants_of(text: str, now: datetime = NOW) -> list[Want]:
    words = plain(text)
    return compose(hear(words, now, GAZETTEER, find_people(words)), GAZETTEER, now)


def short(want: Want) -> str:
    """meal.lunch×2 05 11:30 noon daily soft: what was said, in one line."""
    said = (
        want.service.code + (f"×{want.service.quantity}" if want.service.quantity > 1 else ""),
        f"{want.date:%m-%d}" if want.date else "",
        f"{want.time:%H:%M}" if want.time else "",
        want.part or "",
        want.recurrence or "",
        " ".join(want.diet),
    )
    return " ".join(filter(None, said))


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("明天中午给我妈订一份午餐,要软一点", ["meal.lunch 03-05 noon soft"]),
        ("明天中午给我妈订个午饭,下午再约护士上门换药",
         ["meal.lunch 03-05 noon", "nursing.wound 03-05 afternoon"]),
        ("后天上午换药,再订两份明天的午饭", ["nursing.wound 03-06 morning", "meal.lunch×2 03-05"]),
        ("明天中午送饭,后天上午换药", ["meal.lunch 03-05 noon", "nursing.wound 03-06 morning"]),
        ("明天中午送饭后天上午换药", ["meal.lunch 03-05 noon", "nursing.wound 03-06 morning"]),
        ("送饭明天中午换药后天上午", ["meal.lunch 03-05 noon", "nursing.wound 03-06 morning"]),
        ("打扫和洗澡,明天下午", ["home.clean 03-05 afternoon", "home.bath 03-05 afternoon"]),
        ("明天下午打扫,再洗个澡", ["home.clean 03-05 afternoon", "home.bath 03-05 afternoon"]),
        ("明天上午九点打扫,下午四点半送晚饭",
         ["home.clean 03-05 09:00 morning", "meal.dinner 03-05 16:30 afternoon"]),
        ("明天午饭两份晚饭一份,都要少盐",
         ["meal.lunch×2 03-05 low_salt", "meal.dinner 03-05 low_salt"]),
        ("两份午饭,一份晚饭,后天的", ["meal.lunch×2 03-06", "meal.dinner 03-06"]),
        ("两份午饭三份晚饭", ["meal.lunch×2", "meal.dinner×3"]),
        ("午饭两份晚饭", ["meal.lunch×2", "meal.dinner×2"]),
        ("明天的午饭订一份,后天也订一份", ["meal.lunch 03-05", "meal.lunch 03-06"]),
        ("每天中午送饭,从下周一开始", ["meal.lunch 03-09 noon daily"]),
        ("每天送午饭,每周三打扫", ["meal.lunch daily", "home.clean weekly:WED"]),
        ("每周三打扫,再洗个澡", ["home.clean weekly:WED", "home.bath weekly:WED"]),
        ("明天中午订午饭,哦不对,是后天", ["meal.lunch 03-06 noon"]),
        ("后天下午,帮我约护士换药", ["nursing.wound 03-06 afternoon"]),
        ("后天,下午三点,换药", ["nursing.wound 03-06 15:00 afternoon"]),
        ("换药,后天,下午三点", ["nursing.wound 03-06 15:00 afternoon"]),
        ("明天打扫,后天上午,换药", ["home.clean 03-05", "nursing.wound 03-06 morning"]),
        ("明天打扫,后天上午,大后天换药", ["home.clean 03-05", "nursing.wound 03-07"]),
        ("明天打扫,上午,换药", ["home.clean 03-05", "nursing.wound 03-05 morning"]),
        ("明天上午打扫,下午,换药",
         ["home.clean 03-05 morning", "nursing.wound 03-05 afternoon"]),
        ("订餐,明天的午餐", ["meal.lunch 03-05"]),
        ("订餐,要午餐和午餐", ["meal.lunch"]),
        ("明天午饭一份,明天午饭两份", ["meal.lunch×2 03-05"]),
        ("给我爸和我妈一人一份午饭", ["meal.lunch×2"]),
        ("明天中午送饭,顺便打扫", ["meal.lunch 03-05 noon", "home.clean 03-05"]),
        ("明天晚上七点打扫,再换药", ["home.clean 03-05 19:00 evening", "nursing.wound 03-05"]),
        ("明天午饭要软的饭,晚饭也要", ["meal.lunch 03-05 soft", "meal.dinner 03-05 soft"]),
        ("两份换药", ["nursing.wound"]),
        ("后天打扫,周六不行", ["home.clean 03-06"]),
        ("11点半送到,两份盒饭,要烂一点", ["meal.lunch×2 11:30 soft"]),
        ("明天晚上送饭", ["meal.dinner 03-05 evening"]),
        ("下午五点送饭", ["meal.dinner 17:00 afternoon"]),
        ("今天天气真好", []),
        ("明天和后天的午饭", ["meal.lunch 03-05", "meal.lunch 03-06"]),
        ("周一周三周五来打扫", ["home.clean 03-09", "home.clean 03-11", "home.clean 03-06"]),
        ("明天或者后天打扫", ["home.clean 03-05"]),
        ("明天一日三餐", ["meal.breakfast 03-05", "meal.lunch 03-05", "meal.dinner 03-05"]),
    ],
)  # fmt: skip
def test_who_gets_what_when(text: str, wants: list[str]) -> None:
    assert [short(want) for want in wants_of(text)] == wants


@pytest.mark.parametrize(
    ("hour", "text", "code"),
    [
        (9, "今天送饭", "meal.lunch"), (14, "今天送饭", "meal.dinner"), (14, "送饭", "meal.dinner"),
        (14, "明天送饭", "meal.lunch"), (22, "今天送饭", "meal.lunch"), (9, "送饭", "meal.lunch"),
        (14, "今天打扫,再送饭", "meal.dinner"),
    ],
)  # fmt: skip
def test_any_meal_today_is_the_next_that_can_be_had(hour: int, text: str, code: str) -> None:
    wants = wants_of(text, datetime(2026, 3, 4, hour, tzinfo=SHANGHAI))
    assert wants[-1].service.code == code


def test_a_clause_without_a_service_has_its_when_too() -> None:
    when = unattached(hear("明天下午三点", NOW, GAZETTEER), NOW)
    assert when.window is not None
    assert f"{when.window.start:%d %H:%M}-{when.window.end:%H:%M}" == "05 15:00-16:00"
    assert unattached(hear("好", NOW, GAZETTEER), NOW).window is None
    assert unattached(hear("每天晚上七点", NOW, GAZETTEER), NOW).recurrence == "daily"


@settings(max_examples=300, deadline=None)
@given(text=any_text, now=any_moment)
def test_any_text_gives_windows_that_can_be_kept(text: str, now: datetime) -> None:
    for want in wants_of(text, now):
        assert want.service.quantity >= 1
        if want.window is not None:
            hours = hours_of(GAZETTEER, want.service.code)
            assert now <= want.window.start < want.window.end
            assert hours.opens <= want.window.start.time()
            assert want.window.end.time() <= hours.closes
