"""Stories of people who ring from a number that we do not know."""

import pytest

from backend.seed.town import Seeded
from backend.services.work import Work
from nlu.dialogue.naming import is_like_a_name
from nlu.dialogue.state import WhoTask
from tests.nlu.dialogue.people import Caller

LUNCH = ("明天中午送一份午餐", "order_meal")


@pytest.fixture
def stranger(work: Work, seeded: Seeded) -> Caller:
    caller = Caller(work, "")
    caller.account.name = None
    assert "哪位长者" in caller.does("ring:")
    return caller


def asks_still(caller: Caller) -> WhoTask:
    task = caller.state.task
    assert isinstance(task, WhoTask)
    assert "长者" in caller.heard or "哪个镇" in caller.heard or "哪一位" in caller.heard
    return task


@pytest.mark.parametrize(
    "said",
    [
        ("你们是谁啊", "chitchat"),
        ("喂喂听得到吗", "inform"),
        ("我要找一下那个管事的人", "out_of_scope"),
        ("是的", "affirm"),
        ("不是", "deny"),
        ("今天天气真好", "chitchat"),
        ("我的腿走路不太方便", "inform"),
    ],
)
def test_a_sentence_is_no_name(stranger: Caller, said: tuple[str, str]) -> None:
    stranger.says(*LUNCH)
    stranger.says(*said)
    task = asks_still(stranger)
    assert (task.asked, task.said) == ("elder", "")
    # What was wanted at first is gone on with once we know for whom.
    stranger.says("李桂兰")
    stranger.says("莞城")
    assert "午餐" in stranger.says("对")


def test_who_we_are_is_said_and_the_question_comes_again(stranger: Caller) -> None:
    said = stranger.says("你们是谁", "chitchat")
    assert "我们是银铃" in said
    assert said.endswith("请说长者的名字。")


def test_an_order_instead_of_a_name_is_the_order_that_is_meant(stranger: Caller) -> None:
    stranger.says(*LUNCH)
    stranger.says("明天晚上送一份晚餐", "order_meal")
    asks_still(stranger)
    stranger.says("莞城的李桂兰")
    assert "晚餐" in stranger.says("对")


def test_after_two_answers_that_are_none_a_human_comes(stranger: Caller) -> None:
    answers = [stranger.says("喂喂听得到吗") for _ in range(3)]
    assert len(set(answers)) == 3
    assert "请同事来帮您" in answers[2]
    assert stranger.tickets()[0].kind == "handover"


def test_the_town_is_asked_again_and_the_name_kept(stranger: Caller) -> None:
    stranger.says("李桂兰")
    assert "哪个镇" in stranger.says("就是那边那个桥头过去一点")
    assert "莞城的李桂兰" in stranger.says("莞城")


def test_the_town_first_and_then_the_name(stranger: Caller) -> None:
    assert "叫什么名字" in stranger.says("莞城")
    assert "莞城的李桂兰" in stranger.says("李桂兰")


def test_a_key_is_no_name(stranger: Caller) -> None:
    stranger.presses("2")
    assert asks_still(stranger).said == ""


def test_keys_choose_among_those_who_were_named(stranger: Caller) -> None:
    assert "先给哪一位" in stranger.says("莞城的李桂兰和王建国")
    assert "王建国" in stranger.presses("2")
    assert "什么" in stranger.presses("1")


def test_a_daughter_chooses_among_her_parents_by_key(work: Work, seeded: Seeded) -> None:
    fang = Caller(work, "王芳", daughter=seeded.li_guilan, daughter2=seeded.wang_jianguo)
    fang.does("ring:")
    assert "哪位" in fang.says(*LUNCH)
    assert "王建国" in fang.presses("2")


@pytest.mark.parametrize(
    "name",
    ["李桂兰", "里桂兰", "给李桂兰", "我妈叫李桂兰", "陈惠芳奶奶", "欧阳明", "是王建国", "赵钱孙"],
)
def test_names(name: str) -> None:
    assert is_like_a_name(name)


@pytest.mark.parametrize(
    "said",
    [
        "你们是谁",
        "送饭",
        "好的",
        "谢谢",
        "我妈",
        "喂",
        "我要订餐",
        "什么",
        "多少钱",
        "马上来",
        "黄瓜炒鸡蛋好吃",
    ],
)
def test_no_names(said: str) -> None:
    assert not is_like_a_name(said)


def test_nothing_more_ends_the_call_kindly(work: Work, seeded: Seeded) -> None:
    guilan = Caller(work, "李桂兰", self=seeded.li_guilan)
    guilan.does("ring:")
    assert "再见" in guilan.says("不用了")
    assert guilan.turn.leaves
