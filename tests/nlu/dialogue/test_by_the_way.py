"""Smaller stories: vague answers, long baskets, second thoughts, two bindings, old drafts."""

from datetime import timedelta

import pytest

from backend.db.models import Link, Offering
from backend.domain.orders import OrderState
from backend.seed.town import Seeded
from backend.services.answer_incident import resolve_incident
from backend.services.lookup import dish_names, unanswered_incidents
from backend.services.work import Work
from backend.settings import TIMEZONE
from tests.nlu.dialogue.people import Chat


@pytest.fixture
def fang(work: Work, seeded: Seeded) -> Chat:
    return Chat(work, daughter=seeded.li_guilan, daughter2=seeded.wang_jianguo)


@pytest.fixture
def daughter(work: Work, seeded: Seeded) -> Chat:
    return Chat(work, daughter=seeded.li_guilan)


def test_any_time_will_do(daughter: Chat) -> None:
    daughter.says("给我妈打扫卫生", "order_home_help")
    said = daughter.says("随便哪天")
    assert "明天（3月5日周四）上午8点到下午6点" in said


def test_as_soon_as_possible(daughter: Chat) -> None:
    daughter.says("给我妈打扫卫生", "order_home_help")
    said = daughter.says("越快越好")
    assert "今天（3月4日周三）" in said
    daughter.says("好")
    start = daughter.orders()[0].window_start.astimezone(TIMEZONE)
    assert (start.hour, start.minute) == (11, 30)


def test_a_basket_has_a_bottom(daughter: Chat) -> None:
    daughter.says("明天上午给我妈打扫", "order_home_help")
    for service in ("理发", "洗衣服", "助浴", "换药", "修水龙头", "代购"):
        said = daughter.says(f"再加一个{service}", "change_order")
    assert "一次最多办6样" in said
    # One answer serves all that still lack it.
    assert "6. 居家维修" in daughter.says("下午两点")
    daughter.says("好")
    assert len(daughter.orders()) == 6


def test_the_last_thing_taken_out_leaves_the_question(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert "具体要哪一样" in daughter.says("不要午餐", "cancel_order")


def test_another_kind_of_service_after_all(daughter: Chat) -> None:
    daughter.says("我想请护士", "order_nursing")
    assert "早餐" in daughter.says("还是送饭吧", "order_meal")


def test_the_portions_are_changed_by_tap(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.says("改一下", "change_order")
    assert "要几份" in daughter.says("改份数", "change_order")
    assert "午餐3份" in daughter.says("3份")


def test_nothing_to_change_after_all(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.says("不对")
    assert "我念一遍" in daughter.says("没有")
    assert not daughter.orders()


def test_which_item_answered_with_something_else(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订午餐,后天上午换药", "order_meal")
    daughter.says("改到下午三点", "change_order")
    said = daughter.says("余额多少", "query_balance")
    assert "还剩480元" in said
    assert "我念一遍" in said or "要下单吗" in said


def test_a_stranger_s_name_is_denied(fang: Chat) -> None:
    fang.says("明天中午给我婆婆订午餐", "order_meal")
    assert "绑定码是6位数字" in fang.says("不是")


def test_an_old_draft_is_asked_about_until_answered(daughter: Chat) -> None:
    daughter.says("后天中午给我妈订一份午餐", "order_meal")
    daughter.wait(hours=2)
    assert "还要吗" in daughter.says("你好", "greet")
    assert "还要吗" in daughter.says("谢谢", "thanks")
    said = daughter.says("还要,改成两份", "inform")
    assert "午餐2份" in said


def test_an_old_draft_whose_day_has_gone_is_dropped(daughter: Chat) -> None:
    daughter.says("今天晚上给我妈订一份晚餐", "order_meal")
    daughter.wait(hours=20)
    assert "还要吗" not in daughter.says("你好", "greet")


def test_an_old_question_about_an_old_draft_is_not_asked_for_ever(daughter: Chat) -> None:
    daughter.says("后天中午给我妈订一份午餐", "order_meal")
    daughter.wait(hours=2)
    daughter.says("你好", "greet")
    daughter.wait(hours=2)
    assert "还要吗" not in daughter.says("你好", "greet")


def test_a_change_costs_more_than_was_read_out(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.says("好")
    daughter.says("午餐改成两份", "change_order")
    for offering in daughter.work.session.query(Offering).filter_by(code="meal.lunch"):
        offering.price_fen += 500
    daughter.work.session.flush()
    assert "价钱有变动" in daughter.says("好")
    assert "改好了" in daughter.says("好")


def test_second_thoughts_about_a_change(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.says("好")
    daughter.says("午餐改成两份", "change_order")
    assert "想改成什么" in daughter.says("再改改", "change_order")
    assert "午餐3份" in daughter.says("3份")
    assert "想改成什么" in daughter.says("不对")
    assert "照旧" in daughter.says("算了")
    assert daughter.orders()[0].lines[0].quantity == 1


def test_a_number_to_cancel_that_has_just_been_finished(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.says("好")
    (order,) = daughter.orders()
    daughter.says("取消午餐", "cancel_order")
    order.state = OrderState.IN_SERVICE
    daughter.work.session.flush()
    assert "已经开始了" in daughter.says("是的")
    assert order.state is OrderState.IN_SERVICE


def test_none_of_the_list(daughter: Chat) -> None:
    for day in ("明天", "后天"):
        daughter.says(f"{day}中午给我妈订一份午餐", "order_meal")
        daughter.says("好")
    daughter.says("取消午餐", "cancel_order")
    assert "没有取消" in daughter.says("不用了")


def test_unbinding_one_of_two(fang: Chat, work: Work, seeded: Seeded) -> None:
    assert "给哪位" in fang.says("解绑", "unbind_elder")
    assert "确定不再管王建国" in fang.says("我爸", "inform")
    assert "已经解绑王建国" in fang.says("是的")
    live = work.session.query(Link).filter_by(account_id=fang.account.id, ended_at=None).all()
    assert [link.elder_id for link in live] == [seeded.li_guilan]


def test_binding_given_up(work: Work) -> None:
    zhao = Chat(work, "赵军")
    zhao.says("绑定", "bind_elder")
    assert "先不绑定" in zhao.says("算了")


def test_a_complaint_given_up_and_a_rating_left_open(daughter: Chat) -> None:
    daughter.says("我要投诉", "complain")
    assert "先不投诉" in daughter.says("算了")
    assert not daughter.tickets()


def test_the_menu_of_a_day_not_planned_yet(daughter: Chat) -> None:
    assert "还没有出来" in daughter.says("下个月20号午餐有什么菜", "query_menu")


def test_one_dish_is_asked_for(daughter: Chat, work: Work) -> None:
    tomorrow = work.local_now.date() + timedelta(days=1)
    told = daughter.says("明天中午吃什么", "query_menu")
    known = [dish for dish in dish_names(work.session, tomorrow) if len(dish) >= 3]
    cooked = next(dish for dish in known if dish in told)
    other = next(dish for dish in known if dish not in told)
    assert f"有的，{cooked}" in daughter.says(f"明天中午有没有{cooked}", "query_menu")
    assert f"没有{other}" in daughter.says(f"明天中午有没有{other}", "query_menu")


def test_what_one_service_is(daughter: Chat) -> None:
    said = daughter.says("你们能上门换药吗", "query_service")
    assert "由持证护士做" in said
    assert "上午8点到下午6点" in said
    assert "您想问哪一项" in daughter.says("怎么收费", "query_price")


def test_an_order_put_aside_can_be_dropped_by_its_name(daughter: Chat, work: Work) -> None:
    daughter.says("明天晚上给我妈订个晚饭", "order_meal")
    daughter.says("我妈摔倒了起不来", "emergency")
    (incident,) = unanswered_incidents(work)
    resolve_incident(work, incident.id, "没事")
    assert "不订了" in daughter.says("晚饭先算了", "cancel_order", 0.2)
    assert daughter.state.paused is None and daughter.orders() == []
