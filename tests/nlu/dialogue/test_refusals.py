"""Stories of people who turn down what we propose: they are asked what instead, and never twice
the same thing; what they said is kept."""

import pytest

from backend.seed.town import Seeded
from backend.services.work import Work
from tests.nlu.dialogue.people import Chat


@pytest.fixture
def guilan(work: Work, seeded: Seeded) -> Chat:
    return Chat(work, "李桂兰", self=seeded.li_guilan)


def offered_another_time(guilan: Chat) -> str:
    """She wants her lunch for noon of a day on which it is too late, and hears of another."""
    said = guilan.says("明天晚上十一点请人来打扫,轻一点", "order_home_help")
    assert guilan.state.task is not None
    assert guilan.state.task.asked == "proposal", said
    return said


@pytest.mark.parametrize(
    "no", ["不用了", "不要", "不行", "不", "唔使", "不好", "不用不用", "换个时间"]
)
def test_a_refused_time_is_asked_about_and_the_rest_is_kept(guilan: Chat, no: str) -> None:
    offered_another_time(guilan)
    assert "什么时候方便" in guilan.says(no, "deny")
    said = guilan.says("后天上午九点")
    assert "日常保洁" in said
    assert "订好了" in guilan.says("好")
    assert len(guilan.orders()) == 1


def test_who_names_another_hour_need_not_say_the_day_again(guilan: Chat) -> None:
    offered_another_time(guilan)
    guilan.says("不行")
    assert "明天" in guilan.says("那下午三点")


def test_six_times_no_is_never_asked_the_same_and_ends_kindly(guilan: Chat) -> None:
    answers = [offered_another_time(guilan)]
    answers += [guilan.says("不用了") for _ in range(3)]
    assert len(set(answers)) == len(answers)
    assert "要请同事给您回个电话" in answers[2]
    assert "给您留着" in answers[3]
    assert guilan.state.task is None
    # Whoever still says no is agreed with, and not asked what they want to do.
    for _ in range(3):
        assert guilan.says("不用了") == "好的，有事随时叫我。"


@pytest.mark.parametrize("no", ["不用了", "不行", "不对", "太贵了", "这么贵啊"])
def test_a_read_back_refused_twice_brings_the_offer_of_a_human(guilan: Chat, no: str) -> None:
    guilan.says("明天中午订一份午餐,软一点", "order_meal")
    assert "想改哪里" in guilan.says(no, "chitchat")
    assert "要请同事给您回个电话" in guilan.says("不用了")
    assert "尽快给您回电话" in guilan.says("好的")
    (ticket,) = guilan.tickets()
    assert ticket.kind == "call_back"
    assert "午餐" in ticket.summary


def test_what_was_put_by_is_gone_on_with(guilan: Chat) -> None:
    guilan.says("明天中午订一份午餐,软一点", "order_meal")
    for _ in range(3):
        guilan.says("不用了")
    assert guilan.says("没有了") == "好的，有事随时叫我。"
    guilan.wait(minutes=50)
    said = guilan.says("继续")
    assert "午餐1份" in said
    assert "软一点" in said
    assert "订好了" in guilan.says("好")


def test_instead_of_a_human_another_time_may_be_said(guilan: Chat) -> None:
    offered_another_time(guilan)
    guilan.says("不行")
    guilan.says("不行")
    assert "后天" in guilan.says("那就后天上午九点")


def test_corrections_are_no_refusals(guilan: Chat) -> None:
    guilan.says("明天中午订一份午餐", "order_meal")
    for words, heard in (("两份", "午餐2份"), ("后天", "后天"), ("三份", "午餐3份")):
        assert "想改哪里" in guilan.says("不对")
        assert heard in guilan.says(words)


def test_no_to_an_open_question_loses_nothing(guilan: Chat) -> None:
    guilan.says("订一份午餐,软一点", "order_meal")
    assert "要请同事给您回个电话" in guilan.says("不用了")
    guilan.says("不用了")
    assert "哪一天" in guilan.says("继续")


def test_words_that_end_the_matter_end_it(guilan: Chat) -> None:
    guilan.says("明天中午订一份午餐", "order_meal")
    assert "不订了" in guilan.says("算了,不订了")
    assert guilan.state.paused is None


def test_what_waits_is_not_dropped_by_a_no_to_something_else(guilan: Chat) -> None:
    offered_another_time(guilan)
    for _ in range(4):
        guilan.says("不用了")
    guilan.says("晚点再说吧", "goodbye")
    assert guilan.state.paused is not None


def misheard_twice(guilan: Chat) -> str:
    """She says the day after tomorrow, and tomorrow is heard, twice."""
    guilan.says("明天中午订一份午餐", "order_meal")
    assert "想改哪里" in guilan.says("不对", "deny")
    return guilan.says("明天中午订一份午餐", "order_meal")


@pytest.mark.parametrize(
    ("wrong", "asked", "right", "heard"),
    [
        ("日子不对", "哪一天", "后天", "后天"),
        ("是哪天听错了", "哪一天", "大后天", "3月7日"),
        ("第三个", "什么时候方便", "十二点", "12点"),
        ("服务不对", "早餐", "晚餐", "晚餐"),
    ],
)
def test_what_was_refused_is_not_read_back_again_but_asked_part_by_part(
    guilan: Chat, wrong: str, asked: str, right: str, heard: str
) -> None:
    assert "哪一样不对" in misheard_twice(guilan)
    assert asked in guilan.says(wrong)
    assert heard in guilan.says(right)
    assert "订好了" in guilan.says("对")
    assert len(guilan.orders()) == 1


def test_who_says_at_once_what_is_right_needs_no_part(guilan: Chat) -> None:
    misheard_twice(guilan)
    assert "后天" in guilan.says("是后天")


def test_a_third_time_the_same_brings_a_human_and_loses_nothing(guilan: Chat) -> None:
    misheard_twice(guilan)
    guilan.says("日子不对")
    assert "要请同事给您回个电话" in guilan.says("明天")
    guilan.says("好的")
    (ticket,) = guilan.tickets()
    assert "午餐" in ticket.summary


def bath_misheard_twice(guilan: Chat, heard: str) -> str:
    guilan.says(heard, "order_home_help")
    assert "想改哪里" in guilan.says("不对", "deny")
    return guilan.says(heard, "order_home_help")


@pytest.mark.parametrize(
    ("heard", "asked", "after"),
    [
        ("后天下午来给我洗澡", "是上午吗", "上午"),
        ("后天上午来给我洗澡", "是下午吗", "下午"),
    ],
)
def test_the_other_half_of_the_day_is_proposed_where_it_may_have_been_misheard(
    guilan: Chat, heard: str, asked: str, after: str
) -> None:
    assert asked in bath_misheard_twice(guilan, heard)
    assert after in guilan.says("对", "affirm")
    assert "订好了" in guilan.says("对", "affirm")
    (order,) = guilan.orders()
    assert order.code == "home.bath"


def test_if_it_is_not_the_half_of_the_day_the_part_is_asked(guilan: Chat) -> None:
    bath_misheard_twice(guilan, "后天下午来给我洗澡")
    assert "哪一样不对" in guilan.says("不是", "deny")
    assert "哪一天" in guilan.says("日子不对")
    assert "明天" in guilan.says("明天")


def test_the_right_half_said_instead_of_yes_is_taken(guilan: Chat) -> None:
    bath_misheard_twice(guilan, "后天下午来给我洗澡")
    assert "上午" in guilan.says("不是下午,是上午", "deny")


def test_the_same_question_is_not_asked_a_third_time(guilan: Chat) -> None:
    """Each answer was taken for an order of a bath, and none told the day."""
    guilan.says("我要洗澡", "order_home_help")
    asked = guilan.says("我要洗澡", "order_home_help")
    assert "哪一天" in asked
    assert "同事" in guilan.says("我要洗澡", "order_home_help")
    (ticket,) = guilan.tickets()
    assert ticket.kind == "handover"


def test_a_kind_named_while_a_misheard_service_is_asked_about_takes_its_place(
    guilan: Chat,
) -> None:
    """午饭 was heard as 冲凉; she wants a meal and says so."""
    assert "助浴" in guilan.says("冲凉", "order_home_help")
    assert "早餐" in guilan.says("我要订饭", "order_meal")
    assert "哪一天" in guilan.says("午餐", "inform")
    assert "午餐" in guilan.says("明天", "inform")
