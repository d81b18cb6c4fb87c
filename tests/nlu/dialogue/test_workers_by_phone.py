"""Stories of 梁志强, a worker with a plain telephone and at first no WeChat."""

from itertools import count

import pytest
from sqlalchemy import select, update

from backend.db.models import Account, Notice, Order, Worker
from backend.domain.orders import OrderState
from backend.seed.town import Seeded
from backend.services.callout_of_notice import call_about
from backend.services.open_call import Ring, open_call
from backend.services.work import SYSTEM, Work
from nlu.dialogue.expects import expectation
from nlu.expected import Slot
from tests.nlu.dialogue.jobs_people import ordered
from tests.nlu.dialogue.people import Caller, Chat

NUMBER = "13790001234"
_rings = count(1)


@pytest.fixture
def zhiqiang(work: Work, seeded: Seeded) -> Caller:
    """He alone can be reached, and his provider has his number."""
    work.session.execute(update(Account).values(worker_id=None))
    work.get(Worker, seeded.liang_zhiqiang).phone = NUMBER
    return rings(work)


def rings(work: Work) -> Caller:
    house = Work(work.session, SYSTEM, work.now)
    call = open_call(house, Ring(f"sip-{next(_rings)}", work.now, NUMBER, "96993"))
    caller = Caller(work, "")
    caller.account, caller.work.actor = call.account, house.actor
    caller.does("ring:")
    return caller


def lunch(work: Work, seeded: Seeded, start: str = "11:00", end: str = "13:00") -> Order:
    return ordered(work, seeded.li_guilan, "meal.lunch", start, end)


def test_he_is_known_by_his_number_and_greeted_by_name(zhiqiang: Caller) -> None:
    assert zhiqiang.heard.startswith("梁志强")
    assert "没有要上门的单" in zhiqiang.heard
    assert "绑定码" not in zhiqiang.heard


@pytest.mark.parametrize(("words", "key"), [("接", ""), ("我接", ""), ("", "1")])
def test_he_hears_the_offer_and_takes_it(
    zhiqiang: Caller, work: Work, seeded: Seeded, words: str, key: str
) -> None:
    order = lunch(work, seeded)
    caller = rings(work)
    assert "午餐" in caller.heard
    assert caller.heard.endswith("您接不接？")
    assert "回复" not in caller.heard
    assert Slot.YES_NO in expectation(caller.work, caller.account).slots
    said = caller.says(words, "out_of_scope", 0.2) if words else caller.presses(key)
    assert "接单成功" in said
    assert "回复" not in caller.heard
    assert work.get(Order, order.id).state is OrderState.ACCEPTED
    # When he rings again he hears what he has to do.
    assert "李奶奶" in rings(work).heard


@pytest.mark.parametrize(("words", "key"), [("不接", ""), ("没空", ""), ("", "2")])
def test_he_hears_the_offer_and_does_not_take_it(
    zhiqiang: Caller, work: Work, seeded: Seeded, words: str, key: str
) -> None:
    order = lunch(work, seeded)
    caller = rings(work)
    said = caller.says(words, "out_of_scope", 0.2) if words else caller.presses(key)
    assert "不用您去" in said
    assert work.get(Order, order.id).state is not OrderState.ACCEPTED


def test_a_number_struck_from_the_books_is_his_no_more(
    zhiqiang: Caller, work: Work, seeded: Seeded
) -> None:
    work.get(Worker, seeded.liang_zhiqiang).phone = "13790009999"
    work.session.flush()
    assert "哪位长者" in rings(work).heard


def test_a_number_of_two_workers_is_neithers(work: Work, seeded: Seeded) -> None:
    first, second = work.session.scalars(select(Worker).order_by(Worker.id).limit(2))
    first.phone = second.phone = NUMBER
    assert "哪位长者" in rings(work).heard


@pytest.mark.parametrize(
    "words",
    [
        "以后打电话告诉我",
        "以后有单打电话告诉我吧",
        "我没有微信,有活打我电话",
        "我不会用微信",
        "有新单就给我打电话",
        "以后派单打电话给我",
        "今后电话通知我就行",
    ],
)
def test_he_wants_his_jobs_by_telephone(zhiqiang: Caller, words: str) -> None:
    said = zhiqiang.says(words, "out_of_scope", 0.2)
    assert "以后有单就打" in said
    assert zhiqiang.commands == ["take_jobs_by_phone"]


@pytest.mark.parametrize(
    "words",
    [
        "家里人没给我打电话",
        "老人说以后打电话给她",
        "以后别打电话给我了",
        "有单怎么不打电话给我",
        "电话打不通",
        "有哪些单",
    ],
)
def test_what_only_sounds_like_it(zhiqiang: Caller, words: str) -> None:
    zhiqiang.says(words, "out_of_scope", 0.2)
    assert "take_jobs_by_phone" not in zhiqiang.commands


# ------------------------------------------------------------------ with WeChat as well


@pytest.fixture
def in_wechat(zhiqiang: Caller, work: Work, seeded: Seeded) -> Chat:
    """He has WeChat too."""
    chat = Chat(work, "梁志强")
    chat.account.worker_id = seeded.liang_zhiqiang
    work.session.flush()
    return chat


def hears_of_a_job(work: Work, seeded: Seeded) -> set[str]:
    """The ways by which a new job comes to him."""
    order = lunch(work, seeded)
    offers = select(Notice).where(
        Notice.kind == "offer", Notice.data["order_id"].as_integer() == order.id
    )
    house = Work(work.session, SYSTEM, work.now)
    return {
        notice.account.channel
        for notice in work.session.scalars(offers)
        if notice.account.channel != "phone" or call_about(house, notice) is not None
    }


def test_with_wechat_jobs_go_there_and_nowhere_else(
    in_wechat: Chat, work: Work, seeded: Seeded
) -> None:
    assert hears_of_a_job(work, seeded) == {"wechat"}


@pytest.mark.parametrize(
    "words", ["以后打电话通知我", "有新单就给我打电话", "没有微信的时候多，以后有单打电话"]
)
def test_he_is_rung_as_well(in_wechat: Chat, work: Work, seeded: Seeded, words: str) -> None:
    said = in_wechat.says(words, "out_of_scope", 0.2)
    assert "微信也照样发" in said
    assert hears_of_a_job(work, seeded) == {"wechat", "phone"}


@pytest.mark.parametrize("words", ["以后只打电话", "别再发微信了，打电话就行", "不用发微信"])
def test_he_is_rung_instead(in_wechat: Chat, work: Work, seeded: Seeded, words: str) -> None:
    assert "您接了电话说" in in_wechat.says(words, "out_of_scope", 0.2)
    assert hears_of_a_job(work, seeded) == {"phone"}


@pytest.mark.parametrize("words", ["微信就行", "微信通知就行", "以后别打电话给我了", "不用打电话"])
def test_he_would_rather_read_after_all(
    in_wechat: Chat, work: Work, seeded: Seeded, words: str
) -> None:
    in_wechat.says("以后只打电话", "out_of_scope", 0.2)
    assert "只发微信" in in_wechat.says(words, "out_of_scope", 0.2)
    assert hears_of_a_job(work, seeded) == {"wechat"}


def test_who_has_no_wechat_is_still_rung(zhiqiang: Caller, work: Work, seeded: Seeded) -> None:
    zhiqiang.says("以后打电话告诉我", "out_of_scope", 0.2)
    assert "还没有绑微信" in zhiqiang.says("微信就行", "out_of_scope", 0.2)
    assert hears_of_a_job(work, seeded) == {"phone"}


def test_who_wants_to_be_rung_alone_and_has_lost_the_number_reads_it(
    in_wechat: Chat, work: Work, seeded: Seeded
) -> None:
    in_wechat.says("以后只打电话", "out_of_scope", 0.2)
    work.session.execute(update(Account).where(Account.identifier == NUMBER).values(worker_id=None))
    assert hears_of_a_job(work, seeded) == {"wechat"}
