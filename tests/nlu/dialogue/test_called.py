"""We ring 李桂兰: what she hears first, and what becomes of what she says."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from sqlalchemy import select

from backend.db.models import Account, Callout, Greeting, Incident, Review
from backend.domain.callouts import Reason
from backend.seed.town import Seeded
from backend.services.callout_of_notice import REASONS
from backend.services.callouts import call_out
from backend.services.dispatch_order import dispatch_order
from backend.services.greet_daily import ask_for_greetings
from backend.services.place_order import place_order
from backend.services.raise_incident import raise_incident
from backend.services.take_jobs_by_phone import take_jobs_by_phone
from backend.services.work import SYSTEM, Work, actor_of
from nlu.dialogue.expects import expectation
from nlu.dialogue.state import CalledTask
from nlu.expected import Slot
from nlu.prompts import prompt_ids
from tests.backend.people import Cast, at, lunch
from tests.backend.visits import finished_lunch
from tests.nlu.dialogue.people import Chat

FACTS = {
    "item": "午餐",
    "number": "100023",
    "elder": "李桂兰",
    "window_start": "2026-03-05T03:00:00+00:00",
    "window_end": "2026-03-05T05:00:00+00:00",
}


@pytest.fixture
def cast(work: Work) -> Cast:
    return Cast(work)


@pytest.fixture
def guilan(work: Work, seeded: Seeded) -> Chat:
    """李桂兰 with the receiver in her hand."""
    chat = Chat(work, "李桂兰", self=seeded.li_guilan)
    chat.account.channel, chat.account.identifier = "phone", "15400009001"
    work.session.flush()
    return chat


def rung(chat: Chat, why: Reason, **about: Any) -> Callout:
    """She has picked up a call of ours."""
    house = Work(chat.work.session, SYSTEM, chat.work.now)
    callout = call_out(house, chat.account.id, why, f"test:{why}", **about)
    assert callout is not None
    chat.does(f"callout:{callout.id}")
    return callout


def changed(chat: Chat, seeded: Seeded) -> Callout:
    """Her daughter has changed her lunch of tomorrow, and we ask about it."""
    house = Work(chat.work.session, SYSTEM, chat.work.now)
    order = place_order(house, lunch(seeded.li_guilan), "k1")
    return rung(
        chat, Reason.CONFIRM_CHANGE, elder_id=seeded.li_guilan, order_id=order.id,
        notice_kind="order_changed", data=FACTS,
    )  # fmt: skip


def is_settled(chat: Chat, callout: Callout) -> bool:
    chat.work.session.refresh(callout)
    return callout.settled_at is not None


def test_a_change_is_told_and_asked_about(guilan: Chat, seeded: Seeded) -> None:
    callout = changed(guilan, seeded)
    heard = guilan.spoken
    assert heard.startswith("您好，李奶奶，这里是银铃。")
    assert "您的午餐改了" in heard
    assert "可以吗" in heard
    assert expectation(guilan.work, guilan.account).slots == {Slot.YES_NO}
    assert "就照这样" in guilan.says("好的", "affirm")
    assert is_settled(guilan, callout)


@pytest.mark.parametrize("word", ["知道了", "可以", "1"])
def test_a_change_may_be_taken_note_of_in_any_words(
    guilan: Chat, seeded: Seeded, word: str
) -> None:
    callout = changed(guilan, seeded)
    guilan.says(word, "inform" if word == "1" else "affirm")
    assert is_settled(guilan, callout)


def test_who_does_not_like_the_change_is_asked_for_another(guilan: Chat, seeded: Seeded) -> None:
    callout = changed(guilan, seeded)
    answered = guilan.says("不行", "deny")
    assert guilan.state.task is not None
    assert guilan.state.task.kind == "change", answered
    assert is_settled(guilan, callout)


def test_a_mumble_is_asked_about_once_more(guilan: Chat, seeded: Seeded) -> None:
    callout = changed(guilan, seeded)
    assert "可以吗" in guilan.says("那个什么来着", "out_of_scope", 0.2)
    assert not is_settled(guilan, callout)


def test_a_visit_is_rated_by_a_word_or_not_at_all(cast: Cast, seeded: Seeded, guilan: Chat) -> None:
    fang = cast.family("王芳", seeded.li_guilan)
    order = finished_lunch(cast, seeded, fang)
    guilan.work.now = at(11, 45)
    rung(
        guilan, Reason.HOW_WAS_IT, elder_id=seeded.li_guilan, order_id=order.id,
        notice_kind="order_finished", data=FACTS,
    )  # fmt: skip
    assert "几星" in guilan.spoken
    assert "李桂兰" not in guilan.spoken
    assert expectation(guilan.work, guilan.account).slots == {Slot.RATING}
    assert guilan.work.session.get(Review, order.id) is None  # silence is no star
    guilan.says("五星", "rate_service")
    review = guilan.work.session.get(Review, order.id)
    assert review is not None
    assert review.stars == 5


def greeted(chat: Chat, seeded: Seeded) -> Callout:
    house = Work(chat.work.session, SYSTEM, chat.work.now)
    greeting = ask_for_greetings(house, seeded.li_guilan, chat.account.id, time(9))
    return rung(chat, Reason.DAILY_GREETING, elder_id=seeded.li_guilan, greeting_id=greeting.id)


@pytest.mark.parametrize(("words", "intent"), [
    ("挺好的", "chitchat"), ("好", "affirm"), ("没有不舒服", "deny"), ("今天天气不错", "chitchat"),
    ("好多了，昨天还有点咳嗽", "inform"),
])  # fmt: skip
def test_a_greeting_answered_in_any_words_is_answered(
    guilan: Chat, seeded: Seeded, words: str, intent: str
) -> None:
    callout = greeted(guilan, seeded)
    assert "身体怎么样" in guilan.spoken
    assert "放心" in guilan.says(words, intent)
    assert is_settled(guilan, callout)
    assert guilan.state.task is None


@pytest.mark.parametrize("words", ["不", "不太好", "头有点晕，没胃口", "昨晚没睡好", "腿疼"])
def test_who_is_unwell_is_offered_a_colleague(guilan: Chat, seeded: Seeded, words: str) -> None:
    greeted(guilan, seeded)
    assert "回个电话" in guilan.says(words, "deny" if words == "不" else "inform")
    guilan.says("好的", "affirm")
    (ticket,) = guilan.tickets()
    assert (ticket.kind, ticket.elder_id) == ("call_back", seeded.li_guilan)
    assert words in ticket.summary


def test_who_is_in_danger_is_not_greeted_but_helped(guilan: Chat, seeded: Seeded) -> None:
    greeted(guilan, seeded)
    guilan.says("救命啊，我摔倒了起不来", "emergency")
    incident = guilan.work.session.scalars(select(Incident)).one()
    assert incident.elder_id == seeded.li_guilan


def test_a_greeting_may_become_an_order(guilan: Chat, seeded: Seeded) -> None:
    callout = greeted(guilan, seeded)
    guilan.says("明天中午给我送一份午餐", "order_meal")
    assert is_settled(guilan, callout)
    guilan.says("好的", "affirm")
    assert len(guilan.orders()) == 1


def test_greetings_end_by_a_word(guilan: Chat, seeded: Seeded) -> None:
    greeted(guilan, seeded)
    assert "不再打" in guilan.says("以后不用打了", "deny")
    assert guilan.work.session.scalars(select(Greeting)).one().ended_at is not None


def test_an_order_that_lay_unfinished_is_taken_up_after_the_call(
    guilan: Chat, seeded: Seeded
) -> None:
    guilan.says("给我订一份午餐", "order_meal")
    greeted(guilan, seeded)
    assert isinstance(guilan.state.task, CalledTask)
    guilan.says("还好", "chitchat")
    assert guilan.state.task is not None
    assert guilan.state.task.kind == "order"


def test_a_question_whether_help_is_needed_is_not_pushed_aside(
    guilan: Chat, seeded: Seeded
) -> None:
    guilan.says("我手抬不起来", "emergency")
    assert guilan.state.task is not None
    before = guilan.state.task.kind
    greeted(guilan, seeded)
    assert guilan.state.task is not None
    assert guilan.state.task.kind == before


def test_a_worker_hears_the_job_and_takes_it_by_a_word(
    cast: Cast, seeded: Seeded, work: Work
) -> None:
    liang = Chat(work)
    liang.account = take_jobs_by_phone(work, seeded.liang_zhiqiang)
    liang.work.actor = actor_of(liang.account)
    order = place_order(work, lunch(seeded.li_guilan), "k1")
    offer = dispatch_order(work, order.id)
    assert offer is not None
    (notice,) = cast.told(liang.account, "offer")
    rung(liang, Reason.JOB_OFFER, notice_kind="offer", data=notice.data)
    assert "梁志强" in liang.spoken
    assert "接不接" in liang.spoken
    assert "街" not in liang.spoken  # no address before acceptance
    liang.says("接", "job_accept")
    assert offer.state == "accepted"


def test_an_alarm_by_telephone_is_answered_by_a_word(
    cast: Cast, seeded: Seeded, work: Work
) -> None:
    son = Chat(work, "王强", son=seeded.li_guilan)
    incident = raise_incident(work, "救命", "i1", seeded.li_guilan)
    (notice,) = cast.told(son.account, "incident")
    rung(
        son, Reason.ALARM, incident_id=incident.id, elder_id=seeded.li_guilan,
        notice_kind="incident", data=notice.data,
    )  # fmt: skip
    assert "有人求助" in son.spoken
    son.says("收到", "affirm")
    assert incident.acknowledged_by is not None


TOLD = sorted(
    kind
    for kind, why in REASONS.items()
    if why not in (Reason.HOW_WAS_IT, Reason.CONFIRM_CHANGE)  # these ask, about an order
)


@pytest.mark.parametrize("kind", TOLD)
def test_every_news_can_be_told_with_no_facts_but_its_kind(guilan: Chat, kind: str) -> None:
    """A sentence must stand when facts are missing."""
    rung(guilan, REASONS[kind], notice_kind=kind, data={})
    assert len(guilan.spoken) > len("您好，李奶奶，这里是银铃。") + 5


def test_who_is_asked_to_look_hears_whom_and_why(guilan: Chat) -> None:
    data = {"elder": "王建国", "relation": "spouse", "phone": "15400009003"}
    rung(guilan, Reason.CHECK, data=data)
    assert "王建国今天没有接" in guilan.spoken


def test_all_our_words_are_in_the_prompts() -> None:
    said = {"hello", "order_changed", "how_was_it", "how_are_you", "check", "job_offer"}
    assert {f"callout.{one}" for one in said} <= prompt_ids()


def test_an_account_without_a_name_is_greeted_without_one(work: Work) -> None:
    nobody = Chat(work)
    nobody.account.name = None
    rung(nobody, Reason.CHECK, data={"elder": "王建国"})
    assert nobody.spoken.startswith("您好，这里是银铃。")
    assert isinstance(nobody.account, Account)
