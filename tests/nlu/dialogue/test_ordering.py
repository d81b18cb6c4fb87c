"""Stories of ordering: 王芳 orders for her mother 李桂兰 and her father 王建国."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend.db.models import LedgerAccount, Offering, Order
from backend.domain.ledger import AccountKind
from backend.domain.orders import OrderState
from backend.seed.town import Seeded
from backend.services.work import Work
from backend.settings import TIMEZONE
from tests.nlu.dialogue.people import Chat, second_home

THURSDAY, FRIDAY = date(2026, 3, 5), date(2026, 3, 6)


@pytest.fixture
def fang(work: Work, seeded: Seeded) -> Chat:
    """王芳, who cares for both her parents."""
    return Chat(work, daughter=seeded.li_guilan, daughter2=seeded.wang_jianguo)


@pytest.fixture
def daughter(work: Work, seeded: Seeded) -> Chat:
    """A daughter with her mother only."""
    return Chat(work, daughter=seeded.li_guilan)


def hours(order: Order) -> tuple[str, str]:
    start, end = (t.astimezone(TIMEZONE) for t in (order.window_start, order.window_end))
    return f"{start:%H:%M}", f"{end:%H:%M}"


def spend_all(work: Work, elder_id: int) -> None:
    """Nothing is left of the elder's allowances."""
    for row in work.session.scalars(
        select(LedgerAccount).where(
            LedgerAccount.owner_id == elder_id, LedgerAccount.kind == AccountKind.AVAILABLE
        )
    ):
        row.balance_fen = 0
    work.session.flush()


@pytest.mark.parametrize(
    ("first", "whole"),
    [
        ("明天中午", "明天中午送一份午餐要软一点"),
        ("明天中午送一份午餐", "明天中午送一份午餐要软一点"),
        ("明天中午送一份午餐要", "明天中午送一份午餐要软一点"),
    ],
)
def test_a_sentence_heard_in_two_goes_is_one_order(daughter: Chat, first: str, whole: str) -> None:
    """On the telephone its first piece is taken for all of it while she thinks (ivr.call)."""
    daughter.says(first, "order_meal" if "午餐" in first else "inform")
    said = daughter.says(whole, "order_meal")
    assert "午餐1份" in said
    assert "软一点" in said
    daughter.says("好", "affirm")
    [order] = daughter.orders()
    assert order.quantity == 1


def test_two_wants_in_one_sentence_one_yes_two_orders(fang: Chat, seeded: Seeded) -> None:
    said = fang.says("明天中午给我妈订一份午餐,要软一点,后天上午换药", "order_meal")
    for word in ("李桂兰", "午餐1份", "明天", "软一点", "按档案：少盐", "伤口换药1次", "后天",
                 "运河东一路", "一共134元", "补贴付6元", "自付128元", "还剩474元"):  # fmt: skip
        assert word in said, word
    assert not fang.orders()

    assert "订好了" in fang.says("好的")
    lunch, wound = fang.orders()
    assert fang.commands == ["place_order", "place_order"]
    assert (lunch.code, lunch.service_day, lunch.elder_id) == (
        "meal.lunch", THURSDAY, seeded.li_guilan,
    )  # fmt: skip
    assert set(lunch.diet) == {"soft", "low_salt"}
    assert (wound.code, wound.service_day) == ("nursing.wound", FRIDAY)
    assert lunch.number in fang.last.text
    assert wound.number in fang.last.text


def test_the_read_back_for_ears_has_no_figures_or_brackets(fang: Chat) -> None:
    fang.says("明天中午给我妈订两份午餐", "order_meal")
    assert not set(fang.spoken) & set("0123456789()[]（）1.")
    assert "午餐两份" in fang.spoken
    assert "三月五号" in fang.spoken


def test_the_day_is_corrected_before_the_yes(fang: Chat) -> None:
    fang.says("明天中午给我妈订一份午餐", "order_meal")
    said = fang.says("不是明天,是后天", "deny")
    assert "后天（3月6日周五）" in said
    fang.says("好")
    assert [order.service_day for order in fang.orders()] == [FRIDAY]


def test_the_number_is_corrected(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert "午餐2份" in daughter.says("不对,是两份", "deny")
    daughter.says("好")
    (order,) = daughter.orders()
    assert order.lines[0].quantity == 2


def test_the_service_is_corrected(daughter: Chat) -> None:
    daughter.says("明天给我妈订午餐", "order_meal")
    said = daughter.says("不是午餐,是晚餐", "change_order")
    assert "晚餐1份" in said
    assert "午餐" not in said


def test_one_question_at_a_time_and_answers_out_of_order(daughter: Chat) -> None:
    assert "具体要哪一样" in daughter.says("我想请护士上门", "order_nursing")
    # The answer comes with the day, which was not asked yet.
    assert "什么时候方便" in daughter.says("换药,后天吧", "order_nursing")
    said = daughter.says("上午")
    assert "伤口换药1次，后天" in said
    daughter.says("好的")
    assert hours(daughter.orders()[0]) == ("08:00", "12:00")


def test_the_day_is_asked_when_it_was_not_said(daughter: Chat) -> None:
    said = daughter.says("给我妈订一份午餐", "order_meal")
    assert "要哪一天" in said
    assert daughter.choices == ("今天", "明天", "后天")
    assert "明天（3月5日周四）" in daughter.says("明天")


def test_a_meal_without_a_time_of_day_is_asked_about(daughter: Chat) -> None:
    said = daughter.says("明天帮我妈送个饭,软一点", "order_meal")
    assert daughter.choices == ("早餐", "午餐", "晚餐")
    assert "早餐" in said
    said = daughter.says("晚餐")
    assert "晚餐1份，明天" in said
    assert "软一点" in said


def test_two_elders_which_one(fang: Chat, seeded: Seeded) -> None:
    said = fang.says("明天中午订一份午餐", "order_meal")
    assert "给哪位" in said
    assert fang.choices == ("李桂兰", "王建国")
    assert "给王建国" in fang.says("我爸的")
    fang.says("好")
    assert fang.orders()[0].elder_id == seeded.wang_jianguo


@pytest.mark.parametrize("answer", ["王建国", "2", "第二个", "老爸"])
def test_the_elder_is_picked_by_name_number_or_word(
    fang: Chat, seeded: Seeded, answer: str
) -> None:
    fang.says("明天中午订一份午餐", "order_meal")
    assert "给王建国" in fang.says(answer)


def test_two_elders_of_one_name_are_told_apart_by_place(work: Work, seeded: Seeded) -> None:
    aunt = Chat(work, other=seeded.chen_huifang[0], other2=seeded.chen_huifang[1])
    said = aunt.says("明天中午给陈惠芳订午餐", "order_meal")
    assert "罗沙社区" in said
    assert "北隅社区" in said
    said = aunt.says("北隅社区那个")
    assert "可园北路" in said


def test_a_person_nobody_here_is_bound_to(fang: Chat) -> None:
    said = fang.says("明天中午给我婆婆订午餐", "order_meal")
    assert "还没有绑定“我婆婆”" in said
    assert "李桂兰" in said
    assert not fang.orders()
    assert "给李桂兰" in fang.says("李桂兰")


def test_daughter_in_law_says_mother_in_law(work: Work, seeded: Seeded) -> None:
    wife = Chat(work, daughter_in_law=seeded.li_guilan, daughter_in_law2=seeded.wang_jianguo)
    assert "给李桂兰" in wife.says("明天中午给我婆婆订午餐", "order_meal")


def test_the_elder_herself_needs_no_name(work: Work, seeded: Seeded) -> None:
    guilan = Chat(work, "李桂兰", self=seeded.li_guilan, spouse=seeded.wang_jianguo)
    assert "给您" in guilan.says("明天中午送一份午餐", "order_meal")
    guilan.says("算了")
    assert "给王建国" in guilan.says("明天中午给我老伴送一份午餐", "order_meal")


def test_both_parents_one_after_the_other(fang: Chat, seeded: Seeded) -> None:
    said = fang.says("明天中午给我爸妈各订一份午餐", "order_meal")
    assert "给李桂兰" in said
    assert "午餐1份" in said
    assert "给王建国" in fang.says("好")
    fang.says("好")
    assert [order.elder_id for order in fang.orders()] == [seeded.li_guilan, seeded.wang_jianguo]


def test_same_as_last_time_at_a_new_day(daughter: Chat) -> None:
    daughter.says("明天下午三点给我妈打扫卫生", "order_home_help")
    daughter.says("好")
    assert "日常保洁" in daughter.says("跟上次一样,后天", "repeat_order")
    daughter.says("好的")
    first, second = daughter.orders()
    assert (second.code, second.service_day) == (first.code, FRIDAY)
    assert hours(second) == hours(first) == ("15:00", "16:00")


def test_same_as_last_time_without_a_last_time(daughter: Chat) -> None:
    said = daughter.says("跟上次一样", "repeat_order")
    assert "没找到上次的订单" in said
    assert "想要什么服务" in said


def test_digressions_are_answered_and_the_question_stands_again(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    for text, intent, answer in (
        ("她还剩多少补贴", "query_balance", "还剩480元"),
        ("明天有什么菜", "query_menu", "莞城长者饭堂"),
        ("午餐多少钱", "query_price", "午餐12元一份"),
        ("你们有什么服务", "query_service", "送餐"),
        ("谢谢", "thanks", "不客气"),
        ("现在有什么单", "query_order", "没有进行中的订单"),
    ):
        said = daughter.says(text, intent)
        assert answer in said, text
        assert "要下单吗" in said, text
    daughter.says("好")
    assert len(daughter.orders()) == 1


def test_another_service_is_added_to_the_same_basket(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    said = daughter.says("再加一个理发,下午", "order_home_help")
    assert "1. 午餐1份，明天" in said
    assert "2. 上门理发1次，明天（3月5日周四）下午1点到6点" in said
    daughter.says("好")
    assert len(daughter.orders()) == 2


def test_added_even_if_it_sounds_like_a_change(fang: Chat) -> None:
    fang.says("后天上午给我妈换药", "order_nursing")
    fang.says("好")
    fang.says("明天中午给我妈订一份午餐", "order_meal")
    said = fang.says("再加一个理发,下午三点", "change_order")
    assert "2. 上门理发1次，明天（3月5日周四）下午3点到4点" in said


def test_a_new_wish_for_the_other_parent_is_an_order_of_its_own(fang: Chat, seeded: Seeded) -> None:
    fang.says("明天中午给我妈订一份午餐", "order_meal")
    said = fang.says("明天下午三点给我爸打扫卫生", "order_home_help")
    assert "给王建国" in said
    assert "午餐" not in said
    said = fang.says("好")
    assert "接着刚才的" in said
    assert "给李桂兰" in said
    fang.says("好")
    assert [(o.code, o.elder_id) for o in fang.orders()] == [
        ("home.clean", seeded.wang_jianguo),
        ("meal.lunch", seeded.li_guilan),
    ]


def test_one_thing_is_taken_out_of_the_basket(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订午餐,后天上午换药", "order_meal")
    said = daughter.says("午餐不要了", "cancel_order")
    assert "伤口换药" in said
    assert "午餐" not in said


def test_a_correction_that_could_be_for_several_is_asked_about(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订午餐,后天上午换药", "order_meal")
    assert "是改哪一样" in daughter.says("改到下午三点", "change_order")
    said = daughter.says("换药")
    assert "伤口换药1次，后天（3月6日周五）下午3点到4点" in said


@pytest.mark.parametrize("words", ["算了", "不要了", "取消吧", "先不订了"])
def test_giving_up_places_nothing(daughter: Chat, words: str) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert "不订了" in daughter.says(words, "deny")
    assert daughter.state.task is None
    daughter.says("好")
    assert not daughter.orders()


def test_no_then_what_to_change(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert "想改哪里" in daughter.says("不对")
    assert "改到什么时候" in daughter.says("改时间", "change_order")
    assert "后天" in daughter.says("后天")
    assert not daughter.orders()
    daughter.says("好")
    assert daughter.orders()[0].service_day == FRIDAY


@pytest.mark.parametrize("words", ["好的,不过改到后天", "行,但是要两份"])
def test_a_yes_with_a_but_is_no_yes(daughter: Chat, words: str) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert "我念一遍" in daughter.says(words, "affirm")
    assert not daughter.orders()


def test_a_doubtful_yes_costs_no_money(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert "要下单吗" in daughter.says("嘟嘟囔囔的", "affirm", confidence=0.3)
    assert not daughter.orders()


def test_saying_the_day_once_more_with_the_yes_is_a_yes(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert "订好了" in daughter.says("对,就明天中午", "affirm")


def test_the_same_message_twice_places_once(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.says("好", source_id="the-yes")
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.says("好", source_id="the-yes")
    assert len(daughter.orders()) == 1


def test_every_day_first_one_now_the_rest_by_a_human(daughter: Chat) -> None:
    daughter.says("每天中午给我妈送饭", "order_meal")
    said = daughter.says("好")
    assert "还不能自动下单" in said
    assert [order.service_day for order in daughter.orders()] == [THURSDAY]
    (ticket,) = daughter.tickets()
    assert ticket.kind == "call_back"
    assert "每天午餐" in ticket.summary


def test_another_address_is_named_by_its_label(daughter: Chat, work: Work, seeded: Seeded) -> None:
    other = second_home(work, seeded.li_guilan, "女儿家")
    assert "运河东一路" in daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert "光明路9号" in daughter.says("送到女儿家")
    daughter.says("好")
    assert daughter.orders()[0].address_id == other.id


def test_an_address_that_is_not_registered_is_told(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    said = daughter.says("送去我弟弟家", "order_errand", confidence=0.3)
    assert "没有登记那个地址" in said
    assert "午餐，您自付8元，要下单吗" in said


def test_a_doubtful_guess_at_an_order_does_not_push_this_one_aside(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    said = daughter.says("哎呀那个谁", "order_errand", confidence=0.3)
    assert "午餐，您自付8元，要下单吗" in said


def test_the_first_of_many_is_said_before_the_yes(daughter: Chat) -> None:
    assert "每天的先订第一次" in daughter.says("每天中午给我妈送饭", "order_meal")


def test_all_paid_by_the_subsidy(daughter: Chat) -> None:
    said = daughter.says("周六下午找人来陪我妈聊聊天", "order_companion")
    assert "全部由补贴付，您不用付钱" in said


# ------------------------------------------------------------------ the house says no, kindly


def test_nursing_without_an_assessment(fang: Chat, seeded: Seeded) -> None:
    said = fang.says("明天上午给我爸打针", "order_nursing")
    assert "第一次要先上门评估" in said
    assert "约评估吗" in said
    assert "记下了" in fang.says("好的")
    (ticket,) = fang.tickets()
    assert (ticket.kind, ticket.elder_id) == ("call_back", seeded.wang_jianguo)
    assert "首次评估" in ticket.summary


def test_an_expired_assessment(work: Work, seeded: Seeded) -> None:
    son = Chat(work, "赵军", son=seeded.li_guilan_of_dongcheng)
    assert "到期了" in son.says("明天上午给我妈换药", "order_nursing")
    assert "先不打" in son.says("不用了")
    assert not son.tickets()


def test_the_rest_of_the_basket_goes_on_after_a_refusal(fang: Chat) -> None:
    said = fang.says("明天中午给我爸订午餐,后天上午打针", "order_meal")
    assert "评估" in said
    said = fang.says("不用了")
    assert "接着刚才的" in said
    assert "午餐1份" in said
    fang.says("好")
    assert [order.code for order in fang.orders()] == ["meal.lunch"]


def test_no_allowance_left_is_said_and_still_possible(
    daughter: Chat, work: Work, seeded: Seeded
) -> None:
    spend_all(work, seeded.li_guilan)
    said = daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert "都是自付" in said
    assert "补贴已经用完" in said
    daughter.says("好")
    assert daughter.orders()[0].subsidy_fen == 0


def test_an_elder_without_a_subsidy(fang: Chat) -> None:
    assert "没有登记补贴" in fang.says("明天中午给我爸订一份午餐", "order_meal")


def test_the_day_s_ceiling_is_not_called_uncovered(daughter: Chat) -> None:
    for _ in range(2):
        said = daughter.says("明天中午给我妈订一份午餐", "order_meal")
        daughter.says("好")
    assert "那一天的补贴额度已经用了" in said


def test_who_may_order_is_told_at_once(daughter: Chat, work: Work, seeded: Seeded) -> None:
    neighbour = Chat(work, "赵姨")
    neighbour.bind(work, "other", seeded.li_guilan, may_order=False)
    said = neighbour.says("给李桂兰订午餐", "order_meal")
    assert "不能替李桂兰下单" in said
    assert "王芳（女儿）" in said
    assert neighbour.state.task is None


def test_no_provider_in_that_town(daughter: Chat, work: Work) -> None:
    for offering in work.session.scalars(select(Offering).where(Offering.code == "home.haircut")):
        offering.is_open = False
    work.session.flush()
    said = daughter.says("明天上午给我妈理发", "order_home_help")
    assert "还没有机构能做" in said
    daughter.says("好的")
    assert "上门理发" in daughter.tickets()[0].summary


def test_outside_the_hours_the_nearest_time_is_offered(daughter: Chat) -> None:
    said = daughter.says("明天晚上十点给我妈打扫卫生", "order_home_help")
    assert "明天（3月5日周四）下午5点到6点，可以吗" in said
    daughter.says("可以")
    daughter.says("好")
    assert hours(daughter.orders()[0]) == ("17:00", "18:00")


def test_too_late_for_today_s_lunch(daughter: Chat) -> None:
    daughter.wait(hours=3, minutes=10)
    said = daughter.says("今天中午给我妈订一份午餐", "order_meal")
    assert "来不及了" in said
    assert "明天（3月5日周四）" in said
    assert "什么时候方便" in daughter.says("换个时间", "change_order")
    assert "后天" in daughter.says("后天")


def test_a_full_kitchen_offers_the_next_day(daughter: Chat, work: Work, seeded: Seeded) -> None:
    for offering in work.session.scalars(select(Offering).where(Offering.code == "meal.lunch")):
        offering.daily_capacity = 1
    work.session.flush()
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.says("好")
    for _ in range(2):
        said = daughter.says("明天中午给我妈订一份午餐", "order_meal")
        if "约满" in said:
            break
        daughter.says("好")
    assert "约满了" in said
    assert "后天（3月6日周五）" in said


def test_too_many_portions(daughter: Chat) -> None:
    assert "一次最多订20份" in daughter.says("明天中午给我妈订三十份午餐", "order_meal")
    assert "午餐3份" in daughter.says("3份")


def test_sixty_days_is_the_furthest(daughter: Chat) -> None:
    assert "60天以内" in daughter.says("8月1号中午给我妈订一份午餐", "order_meal")
    assert "明天" in daughter.says("明天")


def test_the_price_went_up_between_read_back_and_yes(
    daughter: Chat, work: Work, seeded: Seeded
) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    spend_all(work, seeded.li_guilan)
    said = daughter.says("好")
    assert "价钱有变动" in said
    assert "自付" in said
    assert not daughter.orders()
    daughter.says("好")
    assert len(daughter.orders()) == 1


# ------------------------------------------------------------------ time goes by


def test_after_an_hour_an_old_yes_places_nothing(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.wait(hours=2)
    said = daughter.says("好")
    assert "之前的午餐还没下单，还要吗" in said
    assert not daughter.orders()
    assert "我念一遍" in daughter.says("还要", "affirm")
    daughter.says("好")
    assert len(daughter.orders()) == 1


def test_after_an_hour_something_new_goes_first(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.wait(hours=3)
    said = daughter.says("余额多少", "query_balance")
    assert "还剩480元" in said
    assert "还要吗" in said
    assert "不订了" in daughter.says("不要了")
    assert daughter.state.paused is None


def test_a_day_later_it_is_forgotten(daughter: Chat) -> None:
    daughter.says("后天中午给我妈订一份午餐", "order_meal")
    daughter.wait(hours=25)
    assert "还要吗" not in daughter.says("你好", "greet")
    assert daughter.state.paused is None


@pytest.fixture
def lunch(daughter: Chat) -> Callable[[], Order]:
    def place() -> Order:
        daughter.says("明天中午给我妈订一份午餐", "order_meal")
        daughter.says("好")
        return daughter.orders()[-1]

    return place


def test_an_order_interrupted_by_a_cancellation_goes_on(
    daughter: Chat, lunch: Callable[[], Order]
) -> None:
    order = lunch()
    daughter.says("后天上午给我妈打扫卫生", "order_home_help")
    daughter.says(f"取消订单{order.number}", "cancel_order")
    said = daughter.says("确定取消", "cancel_order")
    assert "已经取消了" in said
    assert "接着刚才的" in said
    assert "日常保洁" in said
    assert order.state is OrderState.CANCELLED
    daughter.says("好")
    assert daughter.orders()[-1].code == "home.clean"


def test_nine_in_the_afternoon_was_nine_in_the_morning(daughter: Chat) -> None:
    said = daughter.says("明天下午九点找人来给我妈打扫", "order_home_help")
    assert "上午9点到10点" in said
    assert "晚上" not in daughter.says("改成上午三点")
    daughter.says("好")
    assert hours(daughter.orders()[-1]) == ("15:00", "16:00")


def test_a_date_gone_by_is_not_ordered(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.work.now += timedelta(hours=23)
    assert "还要吗" in daughter.says("好")


def test_a_newer_order_first_then_the_older_one(daughter: Chat) -> None:
    daughter.says("后天中午给我妈订一份午餐", "order_meal")
    daughter.wait(hours=2)
    daughter.says("明天上午给我妈理发", "order_home_help")
    said = daughter.says("好")
    assert "订好了" in said
    assert "午餐还没下单，还要吗" in said
    daughter.says("要")
    daughter.says("好")
    assert [order.code for order in daughter.orders()] == ["home.haircut", "meal.lunch"]


def test_four_elders_can_all_be_named(work: Work, seeded: Seeded) -> None:
    niece = Chat(
        work,
        other=seeded.li_guilan,
        other2=seeded.wang_jianguo,
        other3=seeded.chen_huifang[0],
        other4=seeded.elders["林淑贞"][0],
    )
    said = niece.says("明天中午订一份午餐", "order_meal")
    assert "林淑贞" in said
    assert len(niece.choices) == 3
    assert "给林淑贞" in niece.says("林淑贞")
