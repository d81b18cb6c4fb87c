"""Stories of daily greeting calls: asked for and ended by a sentence, by elders and families."""

from datetime import time

import pytest
from sqlalchemy import select

from backend.db.models import Greeting
from backend.domain.callouts import Reason
from backend.seed.town import Seeded
from backend.services.callouts import call_out
from backend.services.work import SYSTEM, Work
from tests.nlu.dialogue.people import Caller, Chat


@pytest.fixture
def guilan(work: Work, seeded: Seeded) -> Caller:
    return Caller(work, "李桂兰", self=seeded.li_guilan)


@pytest.fixture
def fang(work: Work, seeded: Seeded) -> Chat:
    return Chat(work, "王芳", daughter=seeded.li_guilan)


def greeting(work: Work) -> Greeting | None:
    return work.session.scalar(select(Greeting).where(Greeting.ended_at.is_(None)))


@pytest.mark.parametrize(
    "words",
    [
        "每天给我打个电话问候一下",
        "你们能不能每天给我打个电话",
        "天天给我来个电话好不好",
        "我想你们每天打电话问候我",
        "可以每天打个电话问一声吗",
        "我要每天的问候电话",
        "每日打个电话畀我",
    ],
)
@pytest.mark.parametrize("guess", ["order_companion", "inform", "out_of_scope"])
def test_an_elder_asks_to_be_greeted(guilan: Caller, work: Work, words: str, guess: str) -> None:
    assert "几点" in guilan.says(words, guess, 0.7)
    said = guilan.says("早上九点")
    assert "每天早上9点" in said or "每天上午9点" in said
    standing = greeting(work)
    assert standing is not None
    assert (standing.at, standing.account_id) == (time(9), guilan.account.id)


def test_the_hour_may_be_said_at_once_and_changed(guilan: Caller, work: Work) -> None:
    assert "下午3点" in guilan.says("每天下午三点给我打个电话", "inform")
    guilan.says("每天早上给我打电话吧", "inform")
    assert (standing := greeting(work)) is not None
    assert standing.at == time(9)


def test_at_night_and_at_noon_nobody_is_rung(guilan: Caller, work: Work) -> None:
    assert "怕打扰" in guilan.says("每天晚上十点给我打电话", "inform")
    assert "怕打扰" in guilan.says("那中午一点")
    assert "晚上7点" in guilan.says("晚上七点")
    assert greeting(work) is not None


@pytest.mark.parametrize(
    "words",
    [
        "不用每天打电话了",
        "别每天给我打电话了",
        "以后不用每天打电话问候我",
        "问候电话不用打了",
        "取消问候电话",
        "天天打电话不用了",
        "不用每天都给我打电话",
        "每天的问候电话以后就不要打了",
        "我不想你们天天打电话来",
    ],
)
def test_and_to_be_greeted_no_more(guilan: Caller, work: Work, words: str) -> None:
    guilan.says("每天早上九点给我打个电话", "inform")
    assert "以后不再打" in guilan.says(words, "deny", 0.7)
    assert greeting(work) is None
    assert "没有每天打的" in guilan.says("不用每天打电话了", "deny", 0.7)


@pytest.mark.parametrize(
    ("words", "guess"),
    [
        ("我每天给我女儿打电话", "chitchat"),
        ("你们怎么每天都打电话给我", "complain"),
        ("每天送午餐,到了打电话给我", "order_meal"),
        ("你们每天几点打电话给人问候多少钱", "query_price"),
        ("每天打电话提醒我吃药", "inform"),
        ("明天打个电话问候一下我", "order_companion"),
        ("每天送一份午餐", "order_meal"),
        ("不用每天送饭", "deny"),
        ("每天送饭不用打电话", "order_meal"),
        ("以后不用每天打扫了", "cancel_order"),
        ("不用每天给我送饭", "deny"),
        ("给我打个电话", "transfer_agent"),
    ],
)
def test_what_only_sounds_like_it(guilan: Caller, work: Work, words: str, guess: str) -> None:
    guilan.says(words, guess)
    assert greeting(work) is None
    assert "问候电话" not in guilan.turn.replies[0].text
    assert guilan.state.task is None or guilan.state.task.kind != "greeting"


def test_a_daughter_asks_for_her_mother_and_ends_it(fang: Chat, guilan: Caller, work: Work) -> None:
    assert "李桂兰" in fang.says("每天早上十点给我妈打个电话问候一下", "order_companion")
    standing = greeting(work)
    assert standing is not None
    assert standing.account_id == guilan.account.id
    assert "以后不再打" in fang.says("不用每天给我妈打电话了", "deny")
    assert greeting(work) is None


def test_of_two_parents_it_is_asked_which(work: Work, seeded: Seeded, guilan: Caller) -> None:
    fang = Chat(work, "王芳", daughter=seeded.li_guilan, daughter2=seeded.wang_jianguo)
    assert "给哪位" in fang.says("每天早上九点打个电话问候一下老人", "inform")
    assert "李桂兰" in fang.says("李桂兰")
    assert greeting(work) is not None


def test_in_the_middle_of_an_order_the_order_goes_on(guilan: Caller, work: Work) -> None:
    guilan.says("明天中午订一份午餐", "order_meal")
    said = guilan.says("对了,每天早上九点给我打个电话问候一下", "inform")
    assert "每天" in said
    assert "我念一遍" in said
    assert "订好了" in guilan.says("好")


def test_while_we_greet_her_the_greetings_are_ended_or_put_off(
    guilan: Caller, work: Work, seeded: Seeded
) -> None:
    guilan.says("每天早上九点给我打个电话", "inform")
    standing = greeting(work)
    assert standing is not None
    for words, hours in (("以后每天下午三点打电话给我吧", time(15)), ("不用每天打电话了", None)):
        house = Work(work.session, SYSTEM, work.now)
        callout = call_out(
            house,
            guilan.account.id,
            Reason.DAILY_GREETING,
            words,
            elder_id=seeded.li_guilan,
            greeting_id=standing.id,
        )
        assert callout is not None
        guilan.does(f"callout:{callout.id}")
        guilan.says(words, "inform")
        work.session.refresh(callout)
        assert callout.settled_at is not None
        assert (kept := greeting(work)) is None or kept.at == hours


def test_without_her_number_a_human_takes_it_down(fang: Chat, work: Work) -> None:
    assert "没有李桂兰自己的电话" in fang.says("每天给我妈打个电话", "inform")
    fang.says("好的")
    assert "问候电话" in fang.tickets()[0].summary
    assert greeting(work) is None
