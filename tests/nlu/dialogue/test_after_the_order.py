"""Stories of orders that stand: asked about, changed, cancelled, rated, complained about."""

from collections.abc import Callable
from datetime import date

import pytest

from backend.db.models import Notice, Order, Worker
from backend.domain.orders import OrderState
from backend.seed.town import Seeded
from backend.services.work import Work
from backend.settings import TIMEZONE
from tests.nlu.dialogue.people import Chat

FRIDAY = date(2026, 3, 6)
Place = Callable[..., Order]


@pytest.fixture
def fang(work: Work, seeded: Seeded) -> Chat:
    return Chat(work, daughter=seeded.li_guilan, daughter2=seeded.wang_jianguo)


@pytest.fixture
def place(fang: Chat) -> Place:
    """Order something the ordinary way."""

    def order(words: str = "明天中午给我妈订一份午餐", intent: str = "order_meal") -> Order:
        fang.says(words, intent)
        fang.says("好")
        return fang.orders()[-1]

    return order


@pytest.fixture
def finished(fang: Chat, place: Place, seeded: Seeded) -> Order:
    """A wound dressed by 陈敏, about which 王芳 was asked how it went."""
    order = place("明天上午给我妈换药", "order_nursing")
    order.worker_id = seeded.chen_min
    order.state = OrderState.FINISHED
    fang.wait(days=1, hours=3)
    fang.work.session.add(
        Notice(
            dedupe_key=f"order_finished:{order.id}",
            account_id=fang.account.id,
            kind="order_finished",
            data={"order_id": order.id, "number": order.number},
            created_at=fang.work.now,
            due_at=fang.work.now,
        )
    )
    fang.work.session.flush()
    return order


# ------------------------------------------------------------------ how does it stand


def test_one_order_and_who_comes(fang: Chat, place: Place, seeded: Seeded) -> None:
    order = place()
    assert "正在派单" in fang.says("午餐订上了没", "query_order")
    order.state, order.worker_id = OrderState.ACCEPTED, seeded.liang_zhiqiang
    said = fang.says("送饭的到哪了", "query_order")
    assert "已经派好人" in said
    assert "梁志强" in said
    assert "15400000011" in said


def test_several_orders_in_a_list_of_three(fang: Chat, place: Place) -> None:
    for words in ("明天中午给我妈订午餐", "明天晚上给我妈订晚餐", "后天中午给我妈订午餐",
                  "后天晚上给我爸订晚餐"):  # fmt: skip
        place(words)
    said = fang.says("查订单", "query_order")
    assert "现在有4单" in said
    assert said.count("单号") == 3
    assert "王建国的晚餐" in fang.says("我爸的订单", "query_order")


def test_an_order_by_its_number(fang: Chat, place: Place) -> None:
    order = place()
    place("后天上午给我妈打扫卫生", "order_home_help")
    assert "午餐" in fang.says(f"查一下{order.number}", "query_order")


def test_other_people_s_orders_do_not_exist(fang: Chat, place: Place, work: Work,
                                            seeded: Seeded) -> None:  # fmt: skip
    order = place()
    stranger = Chat(work, "赵军", son=seeded.li_guilan_of_dongcheng)
    said = stranger.says(f"查一下{order.number}", "query_order")
    assert "没有进行中的订单" in said
    assert "没有要取消的订单" in stranger.says(f"取消{order.number}", "cancel_order")


# ------------------------------------------------------------------ change


def test_the_day_moves_and_the_hours_stay(fang: Chat, place: Place) -> None:
    order = place()
    said = fang.says("把明天的午餐改到后天", "change_order")
    assert f"单号 {order.number}，改成" in said
    assert "后天（3月6日周五）中午11点到下午1点" in said
    assert "自付8元，价钱不变" in said
    assert "改好了" in fang.says("好")
    assert fang.commands == ["change_order"]
    assert order.service_day == FRIDAY


def test_thursday_is_that_week_s_thursday(fang: Chat, place: Place) -> None:
    place("下周三早上八点陪我妈去医院", "order_escort")
    assert "3月12日周四上午8点" in fang.says("把陪诊改到周四", "change_order")


def test_last_month_s_allowance(fang: Chat) -> None:
    assert "李桂兰2月的补贴" in fang.says("我妈上个月用了多少补贴", "query_balance")


def test_another_number_costs_more_and_is_said(fang: Chat, place: Place) -> None:
    order = place()
    said = fang.says("午餐改成两份", "change_order")
    assert "您自付20元，比原来多12元" in said
    fang.says("行")
    assert order.lines[0].quantity == 2


def test_which_of_several_is_asked(fang: Chat, place: Place) -> None:
    place("后天上午给我妈换药", "order_nursing")
    place("大后天上午给我妈换药", "order_nursing")
    said = fang.says("把换药改到下午", "change_order")
    assert "1. 后天" in said
    assert fang.choices == ("第1个", "第2个")
    assert "3月7日周六下午1点到6点" in fang.says("第二个")
    fang.says("好的")
    assert [o.window_start.astimezone(TIMEZONE).hour for o in fang.orders()] == [8, 13]


def test_an_order_beyond_the_three_shown_is_found_by_its_day(fang: Chat, place: Place) -> None:
    for day in ("后天", "大后天", "3月8号", "3月9号"):
        place(f"{day}上午给我妈换药", "order_nursing")
    said = fang.says("取消换药", "cancel_order")
    assert "还有1单没列出来" in said
    assert len(fang.choices) == 3
    assert "3月9日周一" in fang.says("9号的")


def test_what_to_change_is_asked(fang: Chat, place: Place) -> None:
    place()
    assert "想改成什么" in fang.says("我要改一下订单", "change_order")
    assert "后天" in fang.says("后天吧")
    assert "原来的单照旧" in fang.says("算了")
    assert fang.orders()[0].service_day != FRIDAY


def test_a_change_to_a_time_that_cannot_be_had(fang: Chat, place: Place) -> None:
    order = place("明天下午三点给我妈打扫卫生", "order_home_help")
    said = fang.says("打扫改到晚上九点", "change_order")
    assert "上午8点到下午6点上门" in said
    assert "明天（3月5日周四）下午5点到6点" in said
    fang.says("好")
    assert order.window_start.astimezone(TIMEZONE).hour == 17


def test_a_visit_that_has_begun_cannot_be_changed(fang: Chat, place: Place) -> None:
    order = place()
    order.state = OrderState.IN_SERVICE
    assert "已经开始了" in fang.says(f"把{order.number}改到后天", "change_order")
    assert "已经开始了" in fang.says(f"取消{order.number}", "cancel_order")
    assert order.state is OrderState.IN_SERVICE


# ------------------------------------------------------------------ cancel


def test_cancel_asks_once_and_gives_the_money_back(fang: Chat, place: Place) -> None:
    order = place()
    said = fang.says("取消明天的午餐", "cancel_order")
    assert "确定取消吗" in said
    assert order.state is OrderState.PLACED
    assert "补贴6元退回来了" in fang.says("是的")
    assert order.state is OrderState.CANCELLED
    assert "还剩480元" in fang.says("我妈还剩多少", "query_balance")


def test_not_cancelled_after_all(fang: Chat, place: Place) -> None:
    order = place()
    fang.says("取消午餐", "cancel_order")
    assert "没有取消" in fang.says("不取消", "deny")
    assert order.state is OrderState.PLACED


def test_not_cancelled_whatever_the_classifier_makes_of_it(fang: Chat, place: Place) -> None:
    order = place()
    for words in ("不取消", "先不取消了", "2"):
        fang.says("取消午餐", "cancel_order")
        assert "没有取消" in fang.says(words, "cancel_order"), words
    assert order.state is OrderState.PLACED


def test_cancel_instead_of_change(fang: Chat, place: Place) -> None:
    place("后天上午给我妈换药", "order_nursing")
    second = place("大后天上午给我妈换药", "order_nursing")
    fang.says("把换药改到下午", "change_order")
    assert second.number in fang.says("第二个取消", "cancel_order")
    fang.says("确定取消", "cancel_order")
    assert second.state is OrderState.CANCELLED


def test_change_what_was_never_ordered(fang: Chat, place: Place) -> None:
    place()
    assert "没有找到您说的那一单" in fang.says("把理发改到后天", "change_order")


def test_the_nurse_means_the_nursing_order(fang: Chat, place: Place) -> None:
    place()
    place("后天上午给我妈换药", "order_nursing")
    said = fang.says("护士来了没", "query_order")
    assert "伤口换药" in said
    assert "午餐" not in said


def test_cancel_what_was_never_ordered(fang: Chat, place: Place) -> None:
    assert "没有要取消的订单" in fang.says("取消打扫", "cancel_order")
    place()
    assert "没有找到您说的那一单" in fang.says("取消打扫", "cancel_order")


@pytest.mark.parametrize(("tap", "answer"), [
    ("换时间", "想改成什么"), ("继续等", "继续帮您找人"), ("取消", "确定取消吗"),
])  # fmt: skip
def test_choices_when_nobody_could_come(fang: Chat, place: Place, tap: str, answer: str) -> None:
    place("后天上午给我妈打扫卫生", "order_home_help")
    stuck = place()
    stuck.state = OrderState.UNASSIGNED
    said = fang.says(tap, "out_of_scope", confidence=0.2)
    assert answer in said
    assert stuck.number in said or "午餐" in said


# ------------------------------------------------------------------ rating, complaints


def test_five_stars_and_a_word(fang: Chat, finished: Order) -> None:
    said = fang.says("五星,很好", "rate_service")
    assert "谢谢您，5星" in said
    assert "陈敏" in said
    assert finished.review is not None
    assert (finished.review.stars, finished.review.words) == (5, "五星,很好")
    assert finished.state is OrderState.REVIEWED


def test_stars_are_asked_for_only_if_none_were_understood(fang: Chat, finished: Order) -> None:
    assert "几星" in fang.says("我要评价", "rate_service")
    assert "4星记下了" in fang.says("4")
    fang.work.session.refresh(finished, ["review"])
    assert finished.review is not None
    assert finished.review.stars == 4


def test_a_tap_on_the_stars_is_no_position_in_the_list(fang: Chat, finished: Order) -> None:
    fang.says("我要评价", "rate_service")
    assert "3星记下了" in fang.says("3星")


def test_few_stars_bring_a_call(fang: Chat, finished: Order) -> None:
    said = fang.says("1星,来晚了一个小时", "rate_service")
    assert "对不起" in said
    assert "同事会打电话" in said
    (ticket,) = fang.tickets()
    assert (ticket.kind, ticket.order_id) == ("review_follow_up", finished.id)


def test_nothing_to_rate(fang: Chat) -> None:
    assert "没有要评价" in fang.says("五星好评", "rate_service")


def test_a_complaint_about_a_clear_order(fang: Chat, finished: Order) -> None:
    said = fang.says("今天换药的护士迟到了,我要投诉", "complain")
    (ticket,) = fang.tickets()
    assert (ticket.kind, ticket.order_id) == ("complaint", finished.id)
    assert f"投诉号 {ticket.id}" in said
    assert "迟到" in ticket.summary


def test_a_bare_complaint_asks_what_happened(fang: Chat) -> None:
    assert "怎么回事" in fang.says("我要投诉", "complain")
    assert "投诉号" in fang.says("饭送来都凉了")
    assert fang.tickets()[0].summary == "饭送来都凉了"


def test_thanks_to_the_worker_is_no_rating(fang: Chat, finished: Order) -> None:
    assert "不客气" in fang.says("谢谢", "thanks")
    assert fang.work.session.get(Worker, finished.worker_id).rating_count  # type: ignore[union-attr]
    assert finished.state is OrderState.FINISHED
