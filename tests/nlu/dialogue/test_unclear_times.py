"""Times nobody can book and rhythms nobody can plan: the question names what was heard."""

import pytest
from sqlalchemy import select

from backend.db.models import Ticket
from backend.seed.town import Seeded
from backend.services.work import Work
from tests.nlu.dialogue.people import Chat


@pytest.fixture
def daughter(work: Work, seeded: Seeded) -> Chat:
    return Chat(work, daughter=seeded.li_guilan)


def tickets(work: Work) -> list[str]:
    return list(work.session.scalars(select(Ticket.summary)))


def test_after_the_meal_is_no_hour(daughter: Chat) -> None:
    said = daughter.says("明天吃完饭那会儿给我妈换药", "order_nursing")
    assert "吃完饭那会儿" in said
    assert "大概是几点" in said
    assert "吃完饭那会儿" in daughter.spoken
    # A second vague answer is named too; nothing is guessed.
    assert "睡醒以后" in daughter.says("睡醒以后吧")
    assert "下午2点" in daughter.says("那就下午两点")


def test_yesterday_is_not_ordered_for(daughter: Chat) -> None:
    said = daughter.says("昨天下午三点给我妈换药", "order_nursing")
    assert "昨天下午三点" in said
    assert "过去了" in said
    assert "要哪一天" in said
    assert "下午3点" in daughter.says("明天")


def test_yesterday_as_an_answer_is_asked_again(daughter: Chat) -> None:
    assert "要哪一天" in daughter.says("给我妈订一份午餐", "order_meal")
    said = daughter.says("昨天")
    assert "昨天" in said
    assert "要哪一天" in said
    assert "3月5日" in daughter.says("说错了,明天")


def test_what_happened_yesterday_is_no_day_for_an_order(daughter: Chat) -> None:
    said = daughter.says("昨天摔了一跤,想给我妈约康复", "order_nursing")
    assert "过去了" not in said


@pytest.mark.parametrize("words", ["过两天", "下个礼拜", "后天之前"])
def test_a_day_nobody_can_point_at(daughter: Chat, words: str) -> None:
    said = daughter.says(f"给我妈订一份午餐,{words}", "order_meal")
    assert words in said
    assert "要哪一天" in said
    assert "3月6日" in daughter.says("后天")


def test_the_words_are_named_once(daughter: Chat) -> None:
    daughter.says("过几天给我妈换药", "order_nursing")
    assert "过几天" not in daughter.says("后天")


def test_every_other_day_begins_tomorrow_and_a_human_plans_the_rest(
    daughter: Chat, work: Work
) -> None:
    said = daughter.says("隔天上午给我妈换药", "order_nursing")
    assert "3月5日" in said
    assert "隔天的先订第一次" in said
    assert "隔天" in daughter.says("好")
    assert any("隔天" in summary for summary in tickets(work))


@pytest.mark.parametrize(
    ("words", "day", "named"),
    [
        ("逢双日", "3月6日", "逢双日"), ("每月15号", "3月15日", "每月15号"),
        ("每隔两天", "3月5日", "每3天"), ("隔周", "3月5日", "每2周"),
    ],
)  # fmt: skip
def test_rhythms_beyond_the_week(daughter: Chat, words: str, day: str, named: str) -> None:
    said = daughter.says(f"{words}上午给我妈打扫", "order_home_help")
    assert day in said
    assert f"{named}的先订第一次" in said


def test_twice_a_week_asks_for_the_first_and_tells_a_human(daughter: Chat, work: Work) -> None:
    said = daughter.says("每周两次给我妈打扫", "order_home_help")
    assert "每周两次" in said
    assert "第一次要哪一天" in said
    daughter.says("周五上午")
    assert "每周两次" in daughter.says("好")
    assert any("每周两次" in summary for summary in tickets(work))


def test_an_order_moved_to_after_the_meal_is_asked_about(daughter: Chat) -> None:
    daughter.says("明天上午给我妈换药", "order_nursing")
    daughter.says("好")
    said = daughter.says("换药改到吃完饭那会儿", "change_order")
    assert "吃完饭那会儿" in said
    assert "改成什么" in said
    assert "过两天" in daughter.says("过两天吧")
    assert "下午2点" in daughter.says("下午两点")
