"""Rules, the classifier's intent and the values put together.

The classifier here is a stand-in that says what it is told; Rasa itself is tested elsewhere.
"""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from hypothesis import given, settings

from nlu.errors import RasaUnavailable
from nlu.rasa_client import IntentGuess
from nlu.understand import Understander, make_gazetteer
from nlu.understanding import Understanding
from tests.nlu.saying import NOW, any_moment, any_text

GAZETTEER = make_gazetteer()


class Says:
    """A classifier with one opinion."""

    def __init__(self, intent: str, confidence: float = 0.9, then: str = "inform") -> None:
        self.guess = IntentGuess(
            intent, confidence, ((intent, confidence), (then, (1 - confidence) / 2))
        )
        self.asked: list[str] = []

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        self.asked.append(text)
        return self.guess


class Dead:
    """Rasa is down."""

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        raise RasaUnavailable("down")


def understand(text: str, intent: str, confidence: float = 0.9, then: str = "inform",
               now: datetime = NOW) -> Understanding:  # fmt: skip
    return Understander(Says(intent, confidence, then), GAZETTEER).understand(text, now)


def codes(found: Understanding) -> list[str]:
    return [service.code for service in found.services]


def test_wang_fangs_lunch_for_her_mother() -> None:
    found = understand("明天中午给我妈订一份午餐,要软一点", "order_meal")
    assert found.to_json() == {
        "text": "明天中午给我妈订一份午餐,要软一点",
        "intent": "order_meal",
        "confidence": 0.9,
        "services": [{"code": "meal.lunch", "quantity": 1}],
        "date": "2026-03-05",
        "time": None,
        "part": "noon",
        "window": {"start": "2026-03-05T11:00+08:00", "end": "2026-03-05T13:00+08:00"},
        "recurrence": None,
        "person": "我妈",
        "diet": ["soft"],
        "rating": None,
        "order_ref": None,
    }
    json.dumps(found.to_json(), ensure_ascii=False)


def test_two_wants_the_first_leads() -> None:
    found = understand("后天上午换药,再订两份明天的午饭", "order_meal")
    assert found.intent == "order_nursing"
    assert found.source == "gazetteer"
    assert found.to_json()["services"] == [
        {"code": "nursing.wound", "quantity": 1},
        {"code": "meal.lunch", "quantity": 2},
    ]
    assert found.date == date(2026, 3, 6)
    assert [want.date for want in found.wants] == [date(2026, 3, 6), date(2026, 3, 5)]


def test_what_the_recogniser_and_the_classifier_get_is_plain() -> None:
    says = Says("order_meal")
    Understander(says, GAZETTEER).understand("唔该聽日 幫我阿媽訂２份午飯👌", NOW, "voice")
    assert says.asked == ["唔该听日帮我阿妈订2份午饭"]


def test_rules_work_with_rasa_dead() -> None:
    understander = Understander(Dead(), GAZETTEER)
    alarm = understander.understand("我妈摔倒了起不来", NOW)
    assert (alarm.intent, alarm.source, alarm.services) == ("emergency", "rule", ())
    assert (alarm.person, alarm.emergency_phrase) == ("我妈", "摔倒")
    assert understander.understand("好的", NOW).intent == "affirm"
    assert understander.understand("不用了", NOW).intent == "deny"
    with pytest.raises(RasaUnavailable):
        understander.understand("明天送饭", NOW)


@pytest.mark.parametrize(
    ("text", "intent", "services"),
    [
        ("取消明天的午餐", "cancel_order", ["meal.lunch"]),
        ("我要去医院,明天的午饭取消", "cancel_order", ["meal.lunch"]),
        ("午饭和打扫退掉", "cancel_order", ["meal.lunch", "home.clean"]),
        ("午饭那单", "cancel_order", ["meal.lunch"]),
        ("不要打扫了,要洗澡", "order_home_help", ["home.bath"]),
        ("不要打扫", "order_home_help", ["home.clean"]),
        ("不是换药,是打针", "order_nursing", ["nursing.injection"]),
        ("把午饭改成晚饭", "change_order", ["meal.dinner"]),
        ("把明天的午饭改到后天", "change_order", ["meal.lunch"]),
        ("陪我去医院换药", "order_escort", ["escort.hospital"]),
        ("陪我去医院,再帮我买菜", "order_escort", ["escort.hospital", "errand.shopping"]),
        ("帮我去医院拿药", "order_errand", ["errand.medicine"]),
        ("去医院看病", "order_escort", ["escort.hospital"]),
        ("我想咨询一下打针的事", "health_consult", ["health.consult"]),
        ("头有点晕怎么办", "health_consult", ["health.consult"]),
        ("健康咨询", "health_consult", ["health.consult"]),
        ("中午给我送一份来", "order_meal", ["meal.lunch"]),
        ("晚上给我妈弄点吃的", "order_meal", ["meal.dinner"]),
        ("约个护士", "order_nursing", []),
        ("找个人陪陪", "order_companion", ["companion.visit"]),
        ("谢谢照顾", "thanks", []),
        ("洗澡那单我接了", "job_accept", []),
        ("饭太咸了,送饭的态度也差", "complain", []),
        ("中午送饭的态度差", "complain", ["meal.lunch"]),
        ("打扫多少钱一小时", "query_price", ["home.clean"]),
        ("换药和打扫", "inform", ["nursing.wound", "home.clean"]),
        ("补贴还有多少,能送饭吗", "query_balance", []),
        ("帮我约唤药", "order_nursing", ["nursing.wound"]),
    ],
)  # fmt: skip
def test_what_the_message_is_about(text: str, intent: str, services: list[str]) -> None:
    found = understand(text, intent)
    assert found.intent == intent
    assert codes(found) == services


def test_a_service_named_outright_corrects_the_kind_of_order() -> None:
    assert understand("后天约护士换药", "order_meal").intent == "order_nursing"
    assert understand("后天约唤药", "order_meal").intent == "order_meal"
    assert understand("后天换药", "inform").intent == "inform"
    assert understand("帮我约换药", "chitchat", 0.3).intent == "order_nursing"
    assert understand("帮我约换药", "inform", 0.1).intent == "order_nursing"
    assert understand("帮我约换药", "chitchat", 0.8).intent == "chitchat"
    assert understand("换药", "chitchat", 0.3).intent == "chitchat"
    assert understand("嗯那个什么", "order_meal", 0.3).services == ()


def test_a_false_alarm_of_the_classifier_is_taken_back() -> None:
    found = understand("昨天摔了一跤,现在没事了", "emergency", 0.8, then="health_consult")
    assert found.intent == "health_consult"
    assert understand("说不出的难受快来看看", "emergency", 0.8).intent == "emergency"
    only = Says("emergency")
    only.guess = IntentGuess("emergency", 1.0, (("emergency", 1.0),))
    found = Understander(only, GAZETTEER).understand("昨天摔了一跤,现在没事了", NOW)
    assert found.intent == "emergency"


def test_an_order_is_never_for_a_day_gone_by() -> None:
    found = understand("昨天摔了一跤,现在没事了,想约康复", "emergency", 0.8, then="order_nursing")
    assert codes(found) == ["nursing.rehab"]
    assert found.date is None


def test_small_talk_has_no_day_and_no_service() -> None:
    found = understand("今天天气真好,我妈刚洗澡", "chitchat")
    assert (found.date, found.services, found.person, found.order_ref) == (None, (), None, None)


@pytest.mark.parametrize(
    ("text", "intent", "rating", "order_ref"),
    [
        ("很满意", "rate_service", 5, None),
        ("给昨天那个护士打四星", "rate_service", 4, "昨天那个护士"),
        ("五星", "inform", 5, None), ("很好", "inform", None, None),
        ("上次那单取消", "cancel_order", None, "上次那单"),
        ("把明天的午饭改到后天", "change_order", None, "明天的午饭"),
        ("订五份饭", "order_meal", None, None),
    ],
)  # fmt: skip
def test_ratings_and_orders_meant(
    text: str, intent: str, rating: int | None, order_ref: str | None
) -> None:
    found = understand(text, intent)
    assert (found.rating, found.order_ref) == (rating, order_ref)


def test_complaints_look_back_and_orders_ahead() -> None:
    assert understand("周一的午饭凉了", "complain").date == date(2026, 3, 2)
    assert understand("周一的午饭", "order_meal").date == date(2026, 3, 9)


def test_at_once_means_today() -> None:
    found = understand("马上叫个护士来打针", "order_nursing")
    assert found.date == date(2026, 3, 4)
    assert found.window is not None
    assert f"{found.window.start:%H:%M}" == "11:30"
    assert understand("马上订明天的午饭", "order_meal").date == date(2026, 3, 5)


def test_a_question_is_no_plan() -> None:
    assert understand("每天几点送饭", "query_service").recurrence is None
    assert understand("每天送饭", "order_meal").recurrence == "daily"


def test_the_kitchen_is_asked_nothing_by_a_wound() -> None:
    assert understand("换药要软一点的纱布", "order_nursing").diet == ()
    assert understand("要软一点", "inform").diet == ("soft",)


def test_a_bare_time_has_a_window_once_a_day_is_said() -> None:
    assert understand("下午三点", "inform").window is None
    window = understand("后天下午三点", "inform").window
    assert window is not None
    assert f"{window.start:%d %H:%M}" == "06 15:00"


@settings(max_examples=200, deadline=None)
@given(text=any_text, now=any_moment)
def test_any_text_is_understood_somehow(text: str, now: datetime) -> None:
    for intent in ("order_meal", "cancel_order", "complain", "inform", "health_consult"):
        found = understand(text, intent, now=now)
        json.dumps(found.to_json())
        if found.window is not None:
            assert found.window.start >= now
