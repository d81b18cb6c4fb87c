"""A worker's day by short replies: 陈敏 the nurse, 梁志强 and 何秀英 of the canteen."""

from datetime import timedelta

import pytest

from backend.db.models import Elder, Offer, Order, Ticket, Visit, Worker
from backend.domain.errors import DomainError
from backend.domain.orders import OrderState
from backend.seed.town import Seeded
from backend.services.cancel_order import cancel_order
from backend.services.change_order import OrderChange, change_order
from backend.services.dispatch_order import dispatch_order
from backend.services.expire_offer import expire_offer
from backend.services.lookup import standing_offers
from backend.services.work import Work
from nlu.dialogue.jobs_desk import Desk
from nlu.dialogue.jobs_words import read
from nlu.dialogue.state import DialogueState
from nlu.dialogue.talk import Talk
from nlu.dialogue.turns import Utterance
from nlu.understanding import Understanding
from tests.nlu.dialogue.jobs_people import Phone, at, ordered


@pytest.fixture
def nurse(work: Work, seeded: Seeded) -> Phone:
    """陈敏's telephone."""
    return Phone(work, "陈敏", seeded.chen_min)


@pytest.fixture
def wound(work: Work, seeded: Seeded, nurse: Phone) -> Order:
    """李桂兰's dressing is to be changed on Thursday from ten to twelve; 陈敏 is asked."""
    order = ordered(
        work, seeded.li_guilan, "nursing.wound", "10:00", "12:00", note="门铃坏了,请敲门"
    )
    assert [o.order_id for o in standing_offers(work, seeded.chen_min)] == [order.id]
    return order


def accepted(nurse: Phone, order: Order) -> Order:
    nurse.says("接")
    assert order.state is OrderState.ACCEPTED
    return order


class TestTheWholeVisit:
    def test_the_card_before_acceptance_has_no_name_and_no_street(
        self, nurse: Phone, wound: Order
    ) -> None:
        [card] = nurse.told("offer")
        assert "莞城西隅社区" in card
        assert "李姓长者" in card
        assert "桂兰" not in card
        assert "运河东一路" not in card
        assert "接" in card
        assert "不接" in card

    def test_from_yes_to_thanks(self, nurse: Phone, wound: Order) -> None:
        card = nurse.says("接")
        assert nurse.done == ["accept_offer"]
        for fact in ("李桂兰", "运河东一路28号3栋502房", "脚踝有慢性伤口", "门铃坏了", "服务码"):
            assert fact in card
        assert wound.visit_code not in card

        nurse.clock = at("09:30")
        assert "李奶奶" in nurse.says("出发了")
        assert wound.state is OrderState.ON_THE_WAY

        assert "多少分钟" in nurse.says("堵车,要晚到")
        assert "20分钟" in nurse.says("20")
        assert nurse.work.session.get_one(Visit, wound.id).late_minutes == 20

        nurse.clock = at("10:15")
        assert "四位服务码" in nurse.says("到了")
        wrong = "1111" if wound.visit_code != "1111" else "2222"
        assert "还可以试4次" in nurse.says(wrong)
        assert wound.state is OrderState.ON_THE_WAY
        begun = nurse.says(f"不好意思,是 {wound.visit_code}")
        assert "签到好了" in begun
        assert wound.state is OrderState.IN_SERVICE
        assert nurse.work.session.get_one(Visit, wound.id).wrong_codes == 1

        nurse.clock = at("10:55")
        thanks = nurse.says("完事了,伤口挺好,有点渗液")
        assert "辛苦了" in thanks
        assert "40分钟" in thanks
        assert "120元" in thanks
        assert wound.state is OrderState.FINISHED
        note = nurse.work.session.get_one(Visit, wound.id).check_out_note
        assert note == "伤口挺好,有点渗液"

    def test_everything_in_other_words(self, nurse: Phone, wound: Order) -> None:
        """What the rules do not know, the classifier does."""
        nurse.says("这一趟算我的", intent="job_accept")
        assert wound.state is OrderState.ACCEPTED
        nurse.clock = at("09:40")
        nurse.says("骑上车了", intent="job_depart")
        assert wound.state is OrderState.ON_THE_WAY
        nurse.clock = at("10:02")
        spoken = "".join("零一二三四五六七八九"[int(d)] for d in wound.visit_code)
        nurse.says(f"码是{spoken}", intent="job_check_in")
        assert wound.state is OrderState.IN_SERVICE
        nurse.says("可以走了", intent="job_check_out")
        assert wound.state is OrderState.FINISHED

    @pytest.mark.parametrize("guess", ["transfer_agent", "complain", "bind_elder"])
    def test_a_number_that_sounds_like_something_else_is_still_the_job_s(
        self, nurse: Phone, wound: Order, guess: str
    ) -> None:
        """The classifier takes 接单 100374 for 转人工, and 接单 100023 for what it is."""
        nurse.says(f"接单 {wound.number}", intent=guess)
        assert wound.state is OrderState.ACCEPTED

    def test_a_place_instead_of_the_code(self, nurse: Phone, wound: Order) -> None:
        accepted(nurse, wound)
        nurse.clock = at("10:00")
        far = nurse.shares(23.0300, 113.7418)
        assert "米" in far
        assert wound.state is OrderState.ACCEPTED
        near = nurse.shares(23.0463, 113.7419)
        assert "签到好了" in near
        assert nurse.work.session.get_one(Visit, wound.id).check_in_proof == "place"

    def test_five_wrong_codes_and_only_the_place_is_left(self, nurse: Phone, wound: Order) -> None:
        accepted(nurse, wound)
        nurse.clock = at("10:00")
        wrong = "1111" if wound.visit_code != "1111" else "2222"
        answers = [nurse.says(wrong) for _ in range(5)]
        assert "还可以试4次" in answers[0]
        assert "发位置" in answers[4]
        assert "不能再试" in nurse.says(wound.visit_code)
        assert wound.state is OrderState.ACCEPTED
        nurse.shares(23.0462, 113.7418)
        assert wound.state is OrderState.IN_SERVICE

    def test_two_hours_early_is_too_early(self, nurse: Phone, wound: Order) -> None:
        accepted(nurse, wound)
        nurse.clock = at("07:50")
        early = nurse.says(f"到了 {wound.visit_code}")
        assert "上午9点以后" in early
        assert wound.state is OrderState.ACCEPTED

    def test_setting_out_the_day_before_is_no_news_for_the_family(
        self, nurse: Phone, wound: Order
    ) -> None:
        accepted(nurse, wound)
        assert "太早" in nurse.says("出发了")
        assert wound.state is OrderState.ACCEPTED

    def test_done_before_arriving(self, nurse: Phone, wound: Order) -> None:
        accepted(nurse, wound)
        nurse.clock = at("10:00")
        assert "还没签到" in nurse.says("做完了")
        assert wound.state is OrderState.ACCEPTED


class TestOffers:
    @pytest.mark.parametrize("yes", ["接", "接单", "1", "好的", "我接", "可以接", "行", "没问题"])
    def test_ways_to_say_yes(self, nurse: Phone, wound: Order, yes: str) -> None:
        assert "接单成功" in nurse.says(yes)
        assert wound.state is OrderState.ACCEPTED

    @pytest.mark.parametrize(
        ("no", "reason"),
        [
            ("不接", ""),
            ("不接,家里有事", "家里有事"),
            ("没空", ""),
            ("不行", ""),
            ("接不了,孩子发烧", "孩子发烧"),
            ("来不了,明天要去医院", "明天要去医院"),
        ],
    )
    def test_ways_to_say_no(self, nurse: Phone, wound: Order, no: str, reason: str) -> None:
        answer = nurse.says(no)
        assert nurse.done == ["decline_offer"]
        assert reason in answer
        [offer] = wound.offers
        assert (offer.state, offer.decline_reason) == ("declined", reason)

    def test_the_canteen_declines_and_the_next_is_asked(self, work: Work, seeded: Seeded) -> None:
        liang = Phone(work, "梁志强", seeded.liang_zhiqiang)
        he = Phone(work, "何秀英", seeded.he_xiuying)
        order = ordered(
            work, seeded.li_guilan, "meal.lunch", "11:00", "12:00", diet=("soft",), quantity=2
        )
        assert "2份" in liang.told("offer")[0]
        assert he.told("offer") == []
        liang.says("不接,车坏了")
        dispatch_order(work, order.id)
        assert "软一点" in he.told("offer")[0]
        card = he.says("接")
        assert "2份" in card
        assert order.worker_id == seeded.he_xiuying
        # A rider carries lunches; the elder's illnesses are not his business.
        assert "高血压" not in card

    def test_two_offers_at_once(self, work: Work, seeded: Seeded, nurse: Phone) -> None:
        wound = ordered(work, seeded.li_guilan, "nursing.wound", "09:00", "11:00")
        vitals = ordered(work, seeded.chen_huifang[1], "nursing.vitals", "14:00", "16:00")
        question = nurse.says("接")
        assert "1." in question
        assert "2." in question
        assert wound.state is OrderState.OFFERED
        assert "陈惠芳" in nurse.says("第二个")
        assert vitals.state is OrderState.ACCEPTED
        assert wound.state is OrderState.OFFERED
        assert "李桂兰" in nurse.says("接")
        assert wound.state is OrderState.ACCEPTED

    def test_by_name_by_number_or_all(self, work: Work, seeded: Seeded, nurse: Phone) -> None:
        orders = [
            ordered(work, seeded.li_guilan, "nursing.wound", "08:00", "09:00"),
            ordered(work, seeded.chen_huifang[1], "nursing.vitals", "10:30", "11:30"),
            ordered(work, seeded.chen_huifang[1], "nursing.wound", "14:00", "15:00"),
            ordered(work, seeded.li_guilan, "nursing.vitals", "16:30", "17:30"),
        ]
        assert len(standing_offers(work, seeded.chen_min)) == 4
        nurse.says(f"接{orders[1].number}")
        assert orders[1].state is OrderState.ACCEPTED
        nurse.says("接陈奶奶的")
        assert orders[2].state is OrderState.ACCEPTED
        nurse.says("不接李奶奶的")  # there are two: asked which
        assert nurse.done == []
        assert "2单都接好了" in nurse.says("都接")
        assert {order.state for order in orders} == {OrderState.ACCEPTED}

    def test_naming_an_elder_who_is_not_there_takes_nothing(
        self, nurse: Phone, wound: Order
    ) -> None:
        assert "没有找到" in nurse.says("接张奶奶的")
        assert wound.state is OrderState.OFFERED

    def test_an_offer_that_ran_out(self, work: Work, nurse: Phone, wound: Order) -> None:
        [offer] = wound.offers
        nurse.clock = offer.expires_at + timedelta(seconds=1)
        late = nurse.says("接")
        assert "过了回复时间" in late
        assert nurse.done == []
        work.now = nurse.clock
        expire_offer(work, offer.id)
        assert "过了回复时间" in nurse.told("offer_lapsed")[0]
        assert "过了回复时间" in nurse.says("接")

    def test_an_offer_taken_back_in_the_same_breath(
        self, work: Work, nurse: Phone, wound: Order
    ) -> None:
        cancel_order(work, wound.id, "不需要了")
        assert "撤回" in nurse.says("接")
        assert wound.state is OrderState.CANCELLED

    def test_two_offers_for_the_same_hour_do_not_book_her_twice(
        self, work: Work, seeded: Seeded, nurse: Phone
    ) -> None:
        first = ordered(work, seeded.li_guilan, "nursing.wound", "10:00", "12:00")
        second = ordered(work, seeded.chen_huifang[1], "nursing.wound", "10:00", "12:00")
        answer = nurse.says("都接")
        assert sorted([first.state, second.state]) == [OrderState.ACCEPTED, OrderState.OFFERED]
        assert "已经有别的单" in answer

    def test_i_have_read_it_is_not_yet_a_yes(self, nurse: Phone, wound: Order) -> None:
        assert "回复“接”" in nurse.says("收到")
        assert wound.state is OrderState.OFFERED

    def test_nothing_to_accept(self, nurse: Phone) -> None:
        assert "没有等您回复的单" in nurse.says("接")


class TestChangesUnderHerFeet:
    def test_another_time_asks_her_again(self, work: Work, nurse: Phone, wound: Order) -> None:
        accepted(nurse, wound)
        change_order(work, wound.id, OrderChange(window_start=at("15:00"), window_end=at("17:00")))
        assert "时间改了" in nurse.told("job_changed")[0]
        assert "没有要出发的单" in nurse.says("出发了")
        dispatch_order(work, wound.id)
        assert "下午3点" in nurse.told("offer")[-1]
        assert "下午3点" in nurse.says("接")
        assert wound.state is OrderState.ACCEPTED

    def test_cancelled_while_on_the_way(self, work: Work, nurse: Phone, wound: Order) -> None:
        accepted(nurse, wound)
        nurse.clock = at("09:30")
        nurse.says("出发了")
        cancel_order(work, wound.id, "住院了")
        assert "不用去了" in nurse.told("job_cancelled")[0]
        assert "没有要签到的单" in nurse.says(f"到了 {wound.visit_code}")
        assert wound.state is OrderState.CANCELLED

    def test_she_cannot_come_and_is_asked_once_more(self, nurse: Phone, wound: Order) -> None:
        accepted(nurse, wound)
        assert "真的去不了" in nurse.says("来不了了,孩子发烧")
        assert wound.state is OrderState.ACCEPTED
        assert "照旧" in nurse.says("不退")
        assert wound.state is OrderState.ACCEPTED
        nurse.says("来不了了,孩子发烧")
        gone = nurse.says("是")
        assert nurse.done == ["withdraw_job"]
        assert "孩子发烧" in gone
        assert wound.worker_id is None
        assert wound.state is OrderState.PLACED

    def test_an_old_question_is_not_answered_by_a_new_yes(self, nurse: Phone, wound: Order) -> None:
        accepted(nurse, wound)
        nurse.says("来不了了")
        nurse.clock = nurse.clock + timedelta(hours=2)
        nurse.says("是")
        assert wound.state is OrderState.ACCEPTED

    def test_what_has_begun_is_not_given_back(self, nurse: Phone, wound: Order) -> None:
        accepted(nurse, wound)
        nurse.clock = at("10:00")
        nurse.says(wound.visit_code)
        assert "已经签到开始" in nurse.says("退单")
        assert wound.state is OrderState.IN_SERVICE


class TestSeveralJobs:
    @pytest.fixture
    def day(self, work: Work, seeded: Seeded, nurse: Phone) -> list[Order]:
        """A morning and an afternoon visit, both accepted."""
        orders = [
            ordered(work, seeded.li_guilan, "nursing.wound", "10:00", "12:00"),
            ordered(work, seeded.chen_huifang[1], "nursing.vitals", "15:00", "17:00"),
        ]
        nurse.says("都接")
        assert {order.state for order in orders} == {OrderState.ACCEPTED}
        return orders

    def test_the_list(self, nurse: Phone, day: list[Order]) -> None:
        listed = nurse.says("我明天有哪些单")
        assert "1. 上午10点到中午12点" in listed
        assert "李奶奶" in listed
        assert "运河东一路" in listed
        assert "2. 下午3点到下午5点" in listed
        card = nurse.says("2")
        assert "陈惠芳" in card
        assert "电话" in card

    def test_an_empty_day_names_the_next_job(self, nurse: Phone, day: list[Order]) -> None:
        empty = nurse.says("我今天有哪些单")
        assert "没有要上门的单" in empty
        assert "李奶奶" in empty

    def test_the_job_whose_time_it_is(self, nurse: Phone, day: list[Order]) -> None:
        nurse.clock = at("09:30")
        nurse.says("出发")
        assert [order.state for order in day] == [OrderState.ON_THE_WAY, OrderState.ACCEPTED]
        nurse.says("晚半个小时")
        assert nurse.work.session.get_one(Visit, day[0].id).late_minutes == 30

    def test_the_named_one(self, nurse: Phone, day: list[Order]) -> None:
        nurse.clock = at("09:30")
        nurse.says("陈奶奶那单要晚20分钟")
        assert nurse.work.session.get_one(Visit, day[1].id).late_minutes == 20
        assert nurse.work.session.get_one(Visit, day[0].id).late_minutes is None

    def test_which_one_will_you_not_do(self, nurse: Phone, day: list[Order]) -> None:
        assert "要退哪一单" in nurse.says("来不了了,发烧")
        assert "陈奶奶" in nurse.says("2")
        nurse.says("是")
        assert [order.state for order in day] == [OrderState.ACCEPTED, OrderState.PLACED]
        assert day[1].offers[0].decline_reason == "发烧"

    def test_the_next_job_follows_the_thanks(self, nurse: Phone, day: list[Order]) -> None:
        nurse.clock = at("10:00")
        nurse.says(day[0].visit_code)
        nurse.clock = at("10:40")
        assert "下一单" in nurse.says("做完了")
        nurse.clock = at("15:00")
        nurse.says(f"到了{day[1].visit_code}")
        nurse.clock = at("15:20")
        assert "今天做完2单" in nurse.says("王阿姨也在,都好了")

    def test_a_meal_round_sets_out_with_one_word_and_each_code_finds_its_house(
        self, work: Work, seeded: Seeded
    ) -> None:
        liang = Phone(work, "梁志强", seeded.liang_zhiqiang)
        orders = [
            ordered(work, elder, "meal.lunch", "11:00", "12:00")
            for elder in (seeded.li_guilan, *seeded.chen_huifang)
        ]
        for number, order in enumerate(orders):
            order.visit_code = f"900{number}"
        liang.says("都接")
        liang.clock = at("10:40")
        assert "3家" in liang.says("出发了")
        assert {order.state for order in orders} == {OrderState.ON_THE_WAY}
        liang.clock = at("11:05")
        liang.says("9002")
        assert orders[2].state is OrderState.IN_SERVICE
        liang.says("送到了")  # nothing is said of a code: asked for one
        assert orders[2].state is OrderState.IN_SERVICE
        liang.says("9000 9001")
        assert {order.state for order in orders} == {OrderState.IN_SERVICE}
        assert "3家都做完了" in liang.says("都送完了")
        assert {order.state for order in orders} == {OrderState.FINISHED}

    def test_a_couple_at_one_table_is_served_with_one_shared_place(
        self, work: Work, seeded: Seeded
    ) -> None:
        liang = Phone(work, "梁志强", seeded.liang_zhiqiang)
        orders = [
            ordered(work, elder, "meal.lunch", "11:00", "12:00")
            for elder in (seeded.li_guilan, seeded.wang_jianguo, seeded.chen_huifang[0])
        ]
        liang.says("都接")
        liang.clock = at("11:05")
        liang.shares(23.0462, 113.7418)
        assert [order.state for order in orders] == [
            OrderState.IN_SERVICE,
            OrderState.IN_SERVICE,
            OrderState.ACCEPTED,
        ]

    def test_two_visits_of_one_hour_are_asked_apart_and_the_minutes_are_kept(
        self, work: Work, seeded: Seeded, nurse: Phone
    ) -> None:
        """They lie in one house and were given to her by hand."""
        first = ordered(work, seeded.li_guilan, "nursing.wound", "10:00", "12:00")
        second = ordered(work, seeded.li_guilan, "nursing.vitals", "14:00", "16:00")
        nurse.says("都接")
        second.window_start, second.window_end = at("10:15"), at("12:15")
        nurse.clock = at("09:50")
        assert "哪一单要晚" in nurse.says("晚到25分钟")
        assert "25分钟" in nurse.says("第二个")
        assert nurse.work.session.get_one(Visit, second.id).late_minutes == 25
        assert nurse.work.session.get_one(Visit, first.id).late_minutes is None

    def test_an_absurd_delay_is_refused_once(self, nurse: Phone, day: list[Order]) -> None:
        assert nurse.says("陈奶奶那单要晚9个小时").count("240分钟") == 1

    def test_an_order_number_shows_its_card_and_other_numbers_are_left(
        self, nurse: Phone, day: list[Order]
    ) -> None:
        assert "李桂兰" in nurse.says(day[0].number)
        assert nurse.leaves("987654")


class TestOutOfTurn:
    """What people say at the wrong moment is answered with where they stand."""

    def test_nearly_there_is_not_there(self, nurse: Phone, wound: Order) -> None:
        accepted(nurse, wound)
        nurse.clock = at("09:50")
        nurse.says("出发了")
        assert "路上小心" in nurse.says("快到了")
        assert wound.state is OrderState.ON_THE_WAY

    def test_said_twice(self, nurse: Phone, wound: Order) -> None:
        accepted(nurse, wound)
        nurse.clock = at("09:50")
        nurse.says("出发了")
        assert "已经记下您出发了" in nurse.says("出发了")
        nurse.says(f"到了 {wound.visit_code}")
        assert "已经签到" in nurse.says(f"到了 {wound.visit_code}")
        assert "已经签到" in nurse.says("出发了")
        nurse.says("做完了")
        assert "没有正在做的单" in nurse.says("做完了")
        assert wound.state is OrderState.FINISHED

    @pytest.mark.parametrize(
        ("words", "answer"),
        [
            ("出发了", "没有要出发的单"),
            ("晚到20分钟", "没有接着的单"),
            ("到了 1234", "没有要签到的单"),
            ("做完了", "没有正在做的单"),
            ("退单", "没有可以退的单"),
            ("好的", "有新单"),
            ("有哪些单", "没有要上门的单"),
        ],
    )
    def test_with_nothing_to_do(self, nurse: Phone, words: str, answer: str) -> None:
        assert answer in nurse.says(words)
        assert nurse.done == []

    def test_a_place_with_nothing_to_begin_is_somebody_elses(self, nurse: Phone) -> None:
        nurse.shares(23.0462, 113.7418)
        assert nurse.done == []

    def test_what_happened_to_the_offer_she_answers_again(self, nurse: Phone, wound: Order) -> None:
        nurse.says("接")
        assert "已经接了" in nurse.says("接")
        nurse.says("退单")
        nurse.says("是")
        assert "撤回" in nurse.says("接")

    def test_an_offer_declined_is_gone(self, nurse: Phone, wound: Order) -> None:
        nurse.says("不接")
        assert "刚才没有接" in nurse.says("接")

    def test_numbers_after_two_offers(self, work: Work, seeded: Seeded, nurse: Phone) -> None:
        first = ordered(work, seeded.li_guilan, "nursing.wound", "09:00", "11:00")
        second = ordered(work, seeded.chen_huifang[1], "nursing.vitals", "14:00", "16:00")
        assert "接哪一单" in nurse.says("2")  # numbers mean nothing before they are shown
        assert second.state is OrderState.OFFERED
        nurse.says("2")
        assert (first.state, second.state) == (OrderState.OFFERED, OrderState.ACCEPTED)
        assert "没有找到" in nurse.says("接第5个")
        nurse.says("1")
        assert first.state is OrderState.ACCEPTED

    def test_a_new_card_after_the_list_is_what_one_means(
        self, work: Work, seeded: Seeded, nurse: Phone
    ) -> None:
        first = ordered(work, seeded.li_guilan, "nursing.wound", "09:00", "11:00")
        nurse.says("接")
        nurse.says("明天有哪些单")
        work.now = nurse.clock = nurse.clock + timedelta(minutes=1)
        second = ordered(work, seeded.chen_huifang[1], "nursing.vitals", "14:00", "16:00")
        nurse.says("1")
        assert (first.state, second.state) == (OrderState.ACCEPTED, OrderState.ACCEPTED)

    def test_none_of_them(self, work: Work, seeded: Seeded, nurse: Phone) -> None:
        orders = [
            ordered(work, seeded.li_guilan, "nursing.wound", "09:00", "11:00"),
            ordered(work, seeded.chen_huifang[1], "nursing.vitals", "14:00", "16:00"),
        ]
        assert "2单都不接" in nurse.says("都不接,要带孩子")
        assert [order.offers[0].decline_reason for order in orders] == ["要带孩子", "要带孩子"]

    def test_which_one_she_declines(self, work: Work, seeded: Seeded, nurse: Phone) -> None:
        first = ordered(work, seeded.li_guilan, "nursing.wound", "09:00", "11:00")
        second = ordered(work, seeded.chen_huifang[1], "nursing.vitals", "14:00", "16:00")
        assert "不接哪一单" in nurse.says("不接,家里有事")
        assert "家里有事" in nurse.says("第一个")
        assert (first.state, second.state) == (OrderState.PLACED, OrderState.OFFERED)

    def test_another_matter_ends_the_question(self, nurse: Phone, wound: Order) -> None:
        accepted(nurse, wound)
        nurse.says("来不了了")
        assert "单号" in nurse.says(wound.number)
        nurse.says("今天热死了", intent="chitchat")
        nurse.says("是")
        assert wound.state is OrderState.ACCEPTED


class TestNobodyOpens:
    def test_people_on_duty_hear_of_it(self, work: Work, nurse: Phone, wound: Order) -> None:
        agent = Phone(work, "值班小周").on_duty()
        accepted(nurse, wound)
        nurse.clock = at("10:05")
        assert "值班" in nurse.says("敲了半天门没人应")
        assert nurse.done == ["open_ticket"]
        assert "李桂兰" in agent.told("ticket_opened")[0]
        ticket = work.session.get_one(Ticket, nurse.turn.commands[0].subject_id)
        assert (ticket.kind, ticket.elder_id) == ("call_back", wound.elder_id)


class TestWhoIsSpeaking:
    def test_a_worker_with_a_mother_orders_for_her(
        self, seeded: Seeded, nurse: Phone, wound: Order
    ) -> None:
        nurse.follows(seeded.chen_huifang[0])
        assert nurse.leaves("给我妈订一份午餐", intent="order_meal")
        assert nurse.leaves("护士到了吗", intent="query_order")
        assert nurse.leaves("我妈的饭送到了吗", intent="query_order")
        assert nurse.leaves("今天天气怎么样")
        nurse.says("接")
        assert wound.state is OrderState.ACCEPTED

    @pytest.mark.parametrize(
        "intent", ["emergency", "transfer_agent", "bind_elder", "unbind_elder", "complain"]
    )
    def test_some_things_are_never_a_matter_of_jobs(
        self, nurse: Phone, wound: Order, intent: str
    ) -> None:
        assert nurse.leaves("接", intent=intent)
        assert wound.state is OrderState.OFFERED

    def test_small_talk_and_questions_go_on(self, nurse: Phone) -> None:
        assert nurse.leaves("你好", intent="greet")
        assert nurse.leaves("打针多少钱", intent="query_price")

    def test_the_menu_lists_jobs(self, nurse: Phone, wound: Order) -> None:
        assert "等您回复" in nurse.presses("JOBS")

    def test_not_understood_twice_brings_a_human(
        self, work: Work, nurse: Phone, wound: Order
    ) -> None:
        agent = Phone(work, "值班小周").on_duty()
        accepted(nurse, wound)
        assert "没听明白" in nurse.says("那个啥玩意儿整一下")
        assert "请同事来帮您" in nurse.says("就是那个")
        assert nurse.done == ["open_ticket"]
        assert "陈敏" in agent.told("ticket_opened")[0]

    def test_a_word_understood_in_between_starts_the_count_again(
        self, nurse: Phone, wound: Order
    ) -> None:
        nurse.says("那个啥玩意儿整一下")
        nurse.says("有哪些单")
        assert "没听明白" in nurse.says("就是那个")

    def test_help(self, nurse: Phone) -> None:
        assert "出发了" in nurse.says("帮助")

    def test_someone_elses_offer_is_not_hers(
        self, work: Work, seeded: Seeded, wound: Order
    ) -> None:
        other = Phone(work, "黄丽", seeded.huang_li)
        assert "没有等您回复的单" in other.says("接")
        assert wound.state is OrderState.OFFERED
        assert work.session.get_one(Offer, wound.offers[0].id).state == "standing"


REFUSALS = [
    ("offer_gone", {"state": "expired", "number": "100023"}, "不等了"),
    ("not_yours", {}, "不在您名下"),
    ("wrong_code", {"left": 3}, "还可以试3次"),
    ("wrong_code", {"left": 0}, "发位置"),
    ("too_many_codes", {"number": "100023"}, "发位置"),
    ("too_far_away", {"distance_m": 850}, "850米"),
    ("proof_needed", {}, "四位服务码"),
    ("too_early", {"opens_at": "2026-03-05T01:00:00+00:00"}, "上午9点"),
    ("no_longer_fits", {"why": "double_booked"}, "已经有别的单"),
    ("no_longer_fits", {"why": "gone"}, "情况变了"),
    ("bad_minutes", {"most": 240}, "240分钟"),
    ("already_started", {"state": "in_service", "number": "100023"}, "不能退"),
    ("not_found", {"what": "Order", "key": 7}, "没有找到"),
    ("illegal_move", {"state": "cancelled", "move": "depart"}, "取消"),
    ("illegal_move", {"state": "finished", "move": "check_out"}, "已经做完"),
    ("illegal_move", {"state": "accepted", "move": "check_out"}, "还没签到"),
    ("illegal_move", {"state": "on_the_way", "move": "depart"}, "已经记下"),
    ("illegal_move", {"state": "in_service", "move": "check_in"}, "已经签到"),
    ("something_new", {"fact": 1}, "96993"),
]


@pytest.mark.parametrize("with_job", [True, False])
@pytest.mark.parametrize(("code", "facts", "says"), REFUSALS)
def test_every_refusal_is_explained_with_a_way_on(
    nurse: Phone,
    wound: Order,
    seeded: Seeded,
    code: str,
    facts: dict[str, object],
    says: str,
    with_job: bool,
) -> None:
    accepted(nurse, wound)
    worker = nurse.work.session.get_one(Worker, seeded.chen_min)
    utterance = Utterance("m", "wechat", "到了", Understanding("到了", "job_check_in", 0.9))
    talk = Talk(nurse.work, nurse.account, utterance, DialogueState())
    desk = Desk(talk, worker, read("到了"))
    desk.refuse(DomainError(code, **facts), desk.jobs[0] if with_job else None)
    [reply] = talk.replies
    assert says in reply.text
    assert len(reply.text.encode()) <= 600
    assert "None" not in reply.text
    assert not any(mark in reply.speech for mark in "()“”0123456789")


def test_a_full_round_fits_into_one_message(work: Work, seeded: Seeded) -> None:
    liang = Phone(work, "梁志强", seeded.liang_zhiqiang)
    elders = [elder for ids in seeded.elders.values() for elder in ids]
    in_town = [e for e in elders if work.session.get_one(Elder, e).town == "莞城"]
    orders = [
        ordered(work, elder, code, start, end, diet=("soft", "low_salt"))
        for code, start, end in (
            ("meal.breakfast", "07:00", "08:00"),
            ("meal.lunch", "11:00", "12:00"),
            ("meal.dinner", "17:00", "18:00"),
        )
        for elder in in_town
    ]
    mine = [order for order in orders if order.offers[0].worker_id == seeded.liang_zhiqiang]
    assert len(mine) > 10
    assert len(liang.says("接").encode()) <= 2048
    seen = liang.says("都接")  # the ten that were shown
    assert f"另有{len(mine) - 10}单" in seen
    rest = liang.says("都接")
    assert f"{len(mine) - 10}单都接好了" in rest
    assert max(len(seen.encode()), len(rest.encode())) <= 2048
    listed = liang.says("我明天有哪些单")
    assert f"有{len(mine)}单" in listed
    assert f"还有{len(mine) - 10}单" in listed
    assert len(listed.encode()) <= 2048
