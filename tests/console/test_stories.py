"""People at the console, in a real browser over a real web process: from ring to close."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.db.models import Audit, ConsoleUser, Order, Worker
from backend.domain.incidents import IncidentState
from backend.services.lookup import balance
from backend.services.unit_of_work import unit_of_work
from tests.browser import at_rest, follow, live
from tests.console import happenings
from tests.console.conftest import ConsoleHouse

Sit = Callable[..., Page]


@pytest.fixture(autouse=True)
def _quiet(console: ConsoleHouse) -> None:
    """Every story begins with no alarm, no ticket and no call of the one before."""
    happenings.end_all(console)


def test_an_alarm_from_ring_to_close_by_the_keyboard_alone(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    """李桂兰 falls. 林禾 has nothing open; she takes it with one key, relays it with one, closes
    it with one and a word; everything is in the books."""
    page = live(at_desk("linhe"))
    expect(page.get_by_text("现在没有警情")).to_be_visible()
    raised = happenings.cries(console, console.seeded.elders["李桂兰"][0], "我摔倒了,起不来")
    expect(page.get_by_text("1 起警情等人接")).to_be_visible()
    expect(page.locator(".alarm .clock")).to_have_text(re.compile(r"\d:\d\d"))
    expect(page).to_have_title(re.compile("^（1）警情"))
    page.keyboard.press("a")
    expect(page.locator("#file .case-head")).to_contain_text("已接警，林禾")
    expect(page.locator("#file .health")).to_contain_text("高血压")
    expect(page.locator("#file")).to_contain_text("运河东一路28号3栋502房")
    expect(page.locator("#incidents")).to_contain_text("警情都有人接了")
    page.keyboard.press("1")
    expect(page.locator("#file .steps")).to_contain_text("转派：120 急救")
    page.keyboard.press("c")
    page.keyboard.press("ArrowDown")  # the second way it can end
    page.keyboard.press("Tab")
    page.keyboard.type("女儿十分钟就到")
    page.keyboard.press("Enter")
    expect(page.locator("#file")).to_contain_text("已结案：家属已到 女儿十分钟就到")
    expect(page.get_by_text("现在没有警情")).to_be_visible()

    done = happenings.incident(console, raised)
    assert done.state is IncidentState.RESOLVED
    steps = [event.step for event in done.events]
    assert steps == ["raised", "told", "acknowledged", "dispatched", "resolved"]
    with unit_of_work(console.sessions) as work:
        her = work.session.scalars(select(ConsoleUser).where(ConsoleUser.login == "linhe")).one()
        audits = work.session.scalars(
            select(Audit.action)
            .where(Audit.subject == "incident", Audit.subject_id == raised)
            .where(Audit.actor == f"console:{her.id}", Audit.channel == "console")
            .order_by(Audit.id)
        ).all()
    assert audits == ["acknowledge_incident", "dispatch_incident", "resolve_incident"]


def test_the_clock_changes_its_look_after_sixty_and_after_a_hundred_and_eighty_seconds(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    elders = [*console.seeded.elders["李桂兰"], console.seeded.elders["王建国"][0]]
    for elder_id, seconds in zip(elders, (5, 70, 200), strict=True):
        happenings.cries(console, elder_id, f"等了 {seconds} 秒", seconds_ago=seconds)
    page = live(at_desk("linhe"))
    clocks = page.locator(".alarm .clock")
    expect(clocks).to_have_count(3)
    for n, phase in enumerate("210"):  # the oldest stands first
        expect(clocks.nth(n)).to_have_attribute("data-phase", phase)


def test_two_agents_see_one_alarm_and_the_first_has_it(at_desk: Sit, console: ConsoleHouse) -> None:
    one, other = live(at_desk("linhe")), live(at_desk("sumei"))
    happenings.cries(console, console.seeded.elders["李桂兰"][1], "救命")
    for page in (one, other):
        expect(page.get_by_text("1 起警情等人接")).to_be_visible()
    other.keyboard.press("a")
    expect(one.locator("#incidents")).to_contain_text("苏梅")
    expect(one.get_by_text("警情都有人接了")).to_be_visible()


def test_news_does_not_take_what_is_being_pressed_from_under_the_finger(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    here, there = console.seeded.elders["李桂兰"]
    happenings.cries(console, here, "我摔倒了", seconds_ago=30)
    page = live(at_desk("linhe"))
    page.get_by_role("button", name="接警").hover()
    page.mouse.down()
    with page.expect_response("**/incidents"):
        happenings.cries(console, there, "救命")
    at_rest(page)
    page.mouse.up()
    expect(page.locator("#file .case-head")).to_contain_text("已接警，林禾")
    expect(page.get_by_text("1 起警情等人接")).to_be_visible()  # what came meanwhile


def test_a_ring_opens_the_file_and_what_is_said_appears_as_it_is_said(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    page = live(at_desk("linhe"))
    call = happenings.rings(console, happenings.SON)
    expect(page.locator("#file")).to_contain_text("赵军（李桂兰的儿子）")
    expect(page.locator("#file")).to_contain_text("糖尿病")
    expect(page.locator("#file")).to_contain_text("还没有说话")
    happenings.says(console, call, 1, "帮我妈订明天的午饭", "明天中午给李桂兰送一份午餐?")
    expect(page.locator("#file .words .them")).to_contain_text("帮我妈订明天的午饭")
    happenings.says(console, call, 2, "好的", "订好了。")
    expect(page.locator("#file .words .them")).to_have_count(2)
    happenings.hangs_up(console, call)
    expect(page.locator("#file")).to_contain_text("挂断")


def test_whoever_picks_up_has_the_file_of_that_caller_and_the_others_keep_theirs(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    happenings.has_telephone(console, "linhe", "8001")
    one, other = live(at_desk("linhe")), live(at_desk("sumei"))
    happenings.rings(console, happenings.SON)
    for page in (one, other):
        expect(page.locator("#file")).to_contain_text("赵军（李桂兰的儿子）")
    second = happenings.rings(console, None)
    for page in (one, other):
        expect(page.locator("#calls")).to_contain_text("没有号码")
        expect(page.locator("#file")).to_contain_text("赵军（李桂兰的儿子）")
    happenings.picks_up(console, second, "8001")
    expect(one.locator("#file .case-head")).to_contain_text("没有号码的来电")
    happenings.picks_up(console, happenings.rings(console, None), "8002")
    at_rest(other)
    expect(other.locator("#file")).to_contain_text("赵军（李桂兰的儿子）")


def test_a_ring_of_another_town_leaves_what_is_being_looked_at(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    """苏梅 is of 东城, and the son of 陈惠芳 of 莞城 rings."""
    page = live(at_desk("sumei"))
    shown = page.locator("#file").inner_text()
    with page.expect_response(lambda answer: answer.url.endswith("/ringing")):
        happenings.rings(console, happenings.OTHER_SON)
    at_rest(page)
    assert page.locator("#file").inner_text() == shown
    expect(page.locator("#toast")).to_be_empty()


def test_whoever_is_busy_is_not_torn_away_by_a_ring(at_desk: Sit, console: ConsoleHouse) -> None:
    page = live(at_desk("linhe"))
    happenings.cries(console, console.seeded.elders["陈惠芳"][0], "胸口好痛")
    page.get_by_role("button", name="接警").click()
    expect(page.locator("#file")).to_contain_text("已接警")
    happenings.rings(console, happenings.SON)
    expect(page.locator("#calls .row.on")).to_have_count(1)
    expect(page.locator("#file .case-head")).to_contain_text("陈惠芳")


def test_a_caller_whom_nobody_knows_is_asked_for_the_elder(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    page = live(at_desk("linhe"))
    happenings.rings(console, "13700000000")
    expect(page.locator("#file")).to_contain_text("这个号码没有登记")


def test_a_call_back_is_closed_with_what_was_done(at_desk: Sit, console: ConsoleHouse) -> None:
    page = live(at_desk("linhe"))
    elder = console.seeded.elders["李桂兰"][0]
    ticket = happenings.asks_for_human(console, elder, "call_back", "电话断了,请回电")
    page.locator("#tickets .row").click()
    expect(page.locator("#file .words")).to_contain_text("我要找人工")
    page.keyboard.press("c")
    page.keyboard.type("已回电,午餐改到十二点")
    page.keyboard.press("Enter")
    expect(page.locator("#file")).to_contain_text("已办好：已回电,午餐改到十二点")
    expect(page.locator("#tickets")).to_contain_text("都处理完了")
    closed = happenings.ticket(console, ticket)
    assert (closed.state, closed.outcome) == ("closed", "已回电,午餐改到十二点")


@pytest.mark.parametrize("typed", ["桂兰", "lgl", "liguilan", "15400000001", "0001"])
def test_an_elder_is_found_by_whatever_the_caller_says(
    at_desk: Sit, console: ConsoleHouse, typed: str
) -> None:
    page = live(at_desk("linhe"))
    page.keyboard.press("/")
    page.keyboard.type(typed)
    expect(page.locator("#found .row").first).to_contain_text("李桂兰")
    page.keyboard.press("Enter")
    expect(page.locator("#file .elder h2")).to_have_text("李桂兰")


def test_an_order_on_behalf_takes_four_clicks_and_says_price_and_allowance_first(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    elder_id = console.seeded.elders["李桂兰"][0]
    with unit_of_work(console.sessions) as work:
        left = balance(work, elder_id).available_fen
    page = at_desk("linhe")
    page.goto(f"{console.url}/console/elders/{elder_id}")
    page.get_by_role("button", name="代下单").click()
    page.get_by_role("button", name="日常保洁").click()
    page.locator(".times").last.get_by_role("button").first.click()
    priced = page.locator(".price")
    expect(priced).to_contain_text("自己付")
    expect(priced).to_contain_text("下单后补贴还剩")
    page.get_by_role("button", name="确认下单").click()
    expect(page.locator("#order")).to_contain_text("下好了：日常保洁")
    with unit_of_work(console.sessions) as work:
        order = work.session.scalars(
            select(Order).where(Order.elder_id == elder_id).order_by(Order.id.desc()).limit(1)
        ).one()
        assert (order.code, order.channel) == ("home.clean", "console")
        assert order.placed_by_account_id is None
        expect(page.locator("#order")).to_contain_text(order.number)
        assert balance(work, elder_id).available_fen == left - order.subsidy_fen
        placed = work.session.scalars(
            select(Audit).where(Audit.action == "place_order", Audit.subject_id == order.id)
        ).one()
        assert placed.actor.startswith("console:")


def test_what_cannot_be_ordered_is_explained_and_another_time_is_a_click_away(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    """王建国 has no assessment: nursing needs one."""
    elder_id = console.seeded.elders["王建国"][0]
    page = at_desk("linhe")
    page.goto(f"{console.url}/console/elders/{elder_id}")
    page.keyboard.press("n")
    page.get_by_role("button", name="伤口换药").click()
    page.locator(".times button").last.click()
    expect(page.locator("#order [role=alert]")).to_contain_text("能力评估")
    expect(page.locator(".times button").first).to_be_visible()


def test_a_double_click_orders_once(at_desk: Sit, console: ConsoleHouse) -> None:
    elder_id = console.seeded.elders["王建国"][0]
    page = at_desk("zhoulan")
    page.goto(f"{console.url}/console/elders/{elder_id}")
    page.get_by_role("button", name="代下单").click()
    page.get_by_role("button", name="代购").click()
    page.locator(".times button").last.click()
    page.get_by_role("button", name="确认下单").dblclick()
    expect(page.locator("#order")).to_contain_text("下好了")
    with unit_of_work(console.sessions) as work:
        found = select(Order.id).where(Order.elder_id == elder_id, Order.code == "errand.shopping")
        assert len(work.session.scalars(found).all()) == 1


def test_a_dispatcher_sees_why_somebody_was_asked_and_asks_the_next(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    happenings.everybody_can_be_asked(console)
    order_id = happenings.orders_cleaning(console, console.seeded.elders["陈惠芳"][0], 2)
    with unit_of_work(console.sessions) as work:
        order = work.get(Order, order_id)
        first = work.get(Worker, order.offers[0].worker_id).name
        day, number = order.service_day.isoformat(), order.number
    page = at_desk("zhoulan")
    page.goto(f"{console.url}/console/board?day={day}")
    live(page).get_by_role("button", name=re.compile(number)).click()
    shown = page.locator("#file")
    expect(shown.locator(".steps")).to_contain_text(f"{first}，等回复")
    shown.get_by_text("怎么来的").click()
    expect(shown.locator(".steps .parts")).to_contain_text("离得近")
    page.keyboard.press("r")
    page.keyboard.type("家属说换一位")
    page.keyboard.press("Enter")
    expect(shown.locator(".steps")).to_contain_text(f"{first}，撤回")
    expect(shown.locator(".facts").last).to_contain_text(f"已经问过{first}")
    with unit_of_work(console.sessions) as work:
        assert work.get(Order, order_id).offers[0].state == "withdrawn"


@pytest.mark.parametrize(
    ("login", "path"),
    [
        ("zhoulan", "centre"),
        ("linhe", "board"),
        ("canteen", "centre"),
        ("canteen", "elders"),
        ("admin", "elders"),
    ],
)
def test_each_is_kindly_refused_where_they_do_not_belong(
    at_desk: Sit, console: ConsoleHouse, login: str, path: str
) -> None:
    page = at_desk(login)
    page.goto(f"{console.url}/console/{path}")
    expect(page.get_by_role("alert")).to_contain_text("这一页不归您的岗位")
    follow(page.get_by_role("link", name="回到首页"))
    expect(page.get_by_role("alert")).to_have_count(0)
