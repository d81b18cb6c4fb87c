"""周岚 at the board: orders are given to the people she chooses, by drag and by keys; the map, the
kitchen's list; and all of it as it happens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select, update

from backend.console.pages.map import policy_with
from backend.db.models import Absence, Audit, ConsoleUser, Notice, Order, Worker
from backend.domain.orders import OrderState
from backend.services.cancel_order import cancel_order
from backend.services.fit_workers import fit_workers
from backend.services.unit_of_work import unit_of_work
from tests.browser import at_rest, carried, live
from tests.console import happenings
from tests.console.conftest import PHONE, ConsoleHouse, Desk

Sit = Callable[..., Page]

NEWS = """document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "lanes") document.body.dataset.news = "";
})"""
"""Marks the page when news would have its lanes drawn anew."""
DAYS_AHEAD = 3
"""A day of their own."""


@pytest.fixture(scope="module", autouse=True)
def _colleagues(console: ConsoleHouse) -> Iterator[None]:
    """吴桂香 does not clean alone while these stories last."""
    hired = happenings.hires(console, "吴桂香", ("温玉珍", "邓少娟"))
    yield
    with unit_of_work(console.sessions) as work:
        work.session.execute(update(Worker).where(Worker.id.in_(hired)).values(is_active=False))


@pytest.fixture(autouse=True)
def _own_day(console: ConsoleHouse) -> Iterator[None]:
    """Everybody can be asked; nothing is ordered for that day before the story or after it."""
    happenings.everybody_can_be_asked(console)
    happenings.nobody_ordered(console, DAYS_AHEAD)
    yield
    happenings.nobody_ordered(console, DAYS_AHEAD)


def cleaning(console: ConsoleHouse) -> tuple[Order, Worker, list[Worker]]:
    """Somebody cleans at 陈惠芳's; the order, who has taken it, and who else could, best first."""
    order_id = happenings.orders_cleaning(console, console.seeded.elders["陈惠芳"][0], DAYS_AHEAD)
    has_it = happenings.takes_it(console, order_id)
    with unit_of_work(console.sessions) as work:
        order = work.get(Order, order_id)
        fits = fit_workers(work, order)
        scores = {i: fit.scored.score for i, fit in fits.items() if fit.scored is not None}
        best = sorted(scores, key=lambda i: (-scores[i], i))
        others = [work.get(Worker, i) for i in best]
    assert others, "nobody else cleans in this town"
    return order, has_it, others


def timeline(page: Page, console: ConsoleHouse, day: date) -> Page:
    page.goto(f"{console.url}/console/board/timeline?day={day}")
    return live(page)


def row(page: Page, worker: Worker) -> Locator:
    return page.locator(f'[data-worker="{worker.id}"]')


def gives(page: Page, order: Locator, to: Locator) -> None:
    """Drag it there, and let go when the row shows that it would be taken."""
    taken = page.locator(".lane.over")
    with carried(page, order, to, taken):
        expect(taken).to_have_count(1)


def told(console: ConsoleHouse, worker: Worker, kind: str, order: Order) -> list[str]:
    """The reasons in what a worker was told about the order."""
    with unit_of_work(console.sessions) as work:
        notices = work.session.scalars(select(Notice).where(Notice.kind == kind)).all()
        return [
            str(notice.data.get("reason"))
            for notice in notices
            if notice.account.worker_id == worker.id and notice.data["order_id"] == order.id
        ]


def test_an_order_is_dragged_from_one_worker_to_another(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    order, has_it, (other, *_) = cleaning(console)
    page = timeline(at_desk("zhoulan"), console, order.service_day)
    bar = row(page, has_it).locator(f"#job-{order.id}")
    expect(bar).to_contain_text("陈惠芳")
    gives(page, bar, row(page, other).locator(".track"))
    question = page.locator("#giving")
    expect(question.get_by_role("heading")).to_have_text(f"派给{other.name}？")
    expect(question).to_contain_text(f"现在{has_it.name}")
    page.keyboard.type("家属想换一位")
    page.keyboard.press("Enter")
    expect(question).to_be_hidden()
    expect(page.locator("#file .steps")).to_contain_text(f"{other.name}，等回复")
    expect(page.locator(f"#nobody-{order.id}")).to_contain_text("陈惠芳")
    expect(page.locator(f"#job-{order.id}")).to_have_count(0)
    assert told(console, has_it, "job_cancelled", order) == ["家属想换一位"]
    assert len(told(console, other, "offer", order)) == 1

    happenings.takes_it(console, order.id)  # the board hears of it by itself
    expect(row(page, other).locator(f"#job-{order.id}")).to_be_visible()
    expect(page.locator(".tray")).to_contain_text("都有人去")
    with unit_of_work(console.sessions) as work:
        her = work.session.scalars(select(ConsoleUser).where(ConsoleUser.login == "zhoulan")).one()
        audit = work.session.scalars(
            select(Audit).where(Audit.action == "give_order", Audit.subject_id == order.id)
        ).one()
        assert (audit.actor, audit.changes["reason"]) == (f"console:{her.id}", "家属想换一位")


def test_an_order_is_given_to_a_chosen_worker_by_keys_alone(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    order, has_it, others = cleaning(console)
    page = at_desk("zhoulan")
    page.goto(f"{console.url}/console/board?day={order.service_day}&state=accepted")
    live(page).keyboard.press("j")
    expect(page.locator(f"#order-{order.id}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#file .facts").first).to_contain_text(has_it.name)
    page.keyboard.press("g")
    choice = page.locator(".givees .row")
    expect(choice).to_have_count(len(others))
    expect(choice.first).to_be_focused()
    chosen = others[0]
    if len(others) > 1:
        page.keyboard.press("j")
        expect(choice.nth(1)).to_be_focused()
        chosen = others[1]
    page.keyboard.press("Enter")
    expect(page.locator("#giving h2")).to_have_text(f"派给{chosen.name}？")
    page.keyboard.type("会讲她的话")
    page.keyboard.press("Enter")
    expect(page.locator("#file .steps")).to_contain_text(f"{chosen.name}，等回复")
    assert told(console, has_it, "job_cancelled", order) == ["会讲她的话"]
    with unit_of_work(console.sessions) as work:
        assert work.get(Order, order.id).state is OrderState.OFFERED


def test_where_it_cannot_go_the_gate_is_named_and_nothing_is_changed(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    order, has_it, (other, *_) = cleaning(console)
    with unit_of_work(console.sessions) as work:
        work.session.add(Absence(worker_id=other.id, day=order.service_day))
    page = timeline(at_desk("zhoulan"), console, order.service_day)
    expect(row(page, other).locator(".why")).to_have_text("请假")
    gives(page, page.locator(f"#job-{order.id}"), row(page, other).locator(".whose"))
    question = page.locator("#giving")
    expect(question.get_by_role("heading")).to_have_text(f"不能派给{other.name}")
    expect(question.get_by_role("alert")).to_contain_text("不在班")
    page.keyboard.press("Enter")
    expect(question).to_be_hidden()
    with unit_of_work(console.sessions) as work:
        assert work.get(Order, order.id).worker_id == has_it.id


def test_while_it_is_carried_every_row_says_whether_it_fits(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    order, has_it, (other, *_) = cleaning(console)
    page = timeline(at_desk("zhoulan"), console, order.service_day)
    taken = page.locator(f'.over[data-worker="{other.id}"]')
    where = row(page, other).locator(".whose")
    with carried(page, page.locator(f"#job-{order.id}"), where, taken):
        expect(row(page, other).locator(".why")).to_contain_text(re.compile(r"✓ \d+ 分"))
        expect(row(page, has_it).locator(".why")).to_contain_text("现在就在这位手上")
        expect(row(page, other)).to_have_class(re.compile(r"\bover\b"))
        # News does not take it out of her hand, and is shown when she has let go.
        page.evaluate(NEWS)
        happenings.gives_back(console, order.id)
        expect(page.locator("body[data-news]")).to_be_attached()
        at_rest(page)
        expect(row(page, has_it).locator(f"#job-{order.id}")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(f"#nobody-{order.id}")).to_be_visible()


def test_text_marked_on_the_board_does_not_come_along_instead_of_the_order(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    order, has_it, (other, *_) = cleaning(console)
    page = timeline(at_desk("zhoulan"), console, order.service_day)
    page.keyboard.press("Control+a")
    gives(page, row(page, has_it).locator(f"#job-{order.id}"), row(page, other).locator(".track"))
    expect(page.locator("#giving h2")).to_have_text(f"派给{other.name}？")


def test_what_somebody_changed_meanwhile_is_checked_when_it_is_given(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    order, has_it, (other, *_) = cleaning(console)
    page = timeline(at_desk("zhoulan"), console, order.service_day)
    gives(page, page.locator(f"#job-{order.id}"), row(page, other).locator(".track"))
    expect(page.locator("#giving h2")).to_have_text(f"派给{other.name}？")
    with unit_of_work(console.sessions) as work:
        work.session.add(Absence(worker_id=other.id, day=order.service_day))
    page.keyboard.type("换人")
    page.keyboard.press("Enter")
    expect(page.locator("#giving").get_by_role("alert")).to_contain_text("不在班")
    with unit_of_work(console.sessions) as work:
        assert work.get(Order, order.id).worker_id == has_it.id


def test_the_map_shows_each_order_by_its_state_without_any_tiles(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    order, has_it, _ = cleaning(console)
    page = at_desk("zhoulan")
    page.goto(f"{console.url}/console/board/map?day={order.service_day}")
    pin = page.locator(f'[data-order="{order.id}"]')
    expect(pin).to_have_text("◑")
    expect(pin).to_have_attribute("aria-label", re.compile("10:00 陈惠芳 日常保洁 已接单"))
    expect(page.locator(".of-community").first).to_be_attached()
    expect(page.locator("#map-said")).to_contain_text("1 张订单，1 位服务人员")
    live(page)
    pin.press("Enter")
    expect(page.locator("#file .facts").first).to_contain_text(has_it.name)
    with unit_of_work(console.sessions) as work:
        cancel_order(work, order.id, "")
    expect(pin).to_have_count(0)


@pytest.mark.parametrize(
    ("tiles", "pictures"),
    [
        ("", "img-src 'self' data:;"),
        ("https://maps.example/{z}/{x}/{y}.png", "img-src 'self' data: https://maps.example;"),
        (
            "https://{s}.maps.example:8443/t?x={x}&y={y}&z={z}",
            "img-src 'self' data: https://*.maps.example:8443;",
        ),
    ],
)
def test_tiles_come_from_the_houses_own_choice_alone(tiles: str, pictures: str) -> None:
    assert pictures in policy_with(tiles)


def test_the_kitchen_has_its_list_with_diets_counted(at_desk: Sit, console: ConsoleHouse) -> None:
    one, other = console.seeded.elders["李桂兰"]
    happenings.orders_lunch(console, one, DAYS_AHEAD, ("soft", "low_salt"), "放门口")
    order_id = happenings.orders_lunch(console, other, DAYS_AHEAD)
    with unit_of_work(console.sessions) as work:
        orders = work.session.scalars(
            select(Order).where(Order.service_day == work.get(Order, order_id).service_day)
            .where(Order.code == "meal.lunch", Order.state != "cancelled")
        ).all()  # fmt: skip
        # A rider of that day: whose shift it is not, nobody asks.
        rides = next(o.id for o in orders if o.state is OrderState.OFFERED)
        day, canteens = orders[0].service_day, {order.provider_id for order in orders}
    page = at_desk("zhoulan")
    page.goto(f"{console.url}/console/board/meals?day={day}")
    expect(page.locator(".sums")).to_contain_text(f"2 份餐，{len(canteens)} 家饭堂")
    expect(live(page).locator(".sums")).to_contain_text("2 份还没有人送")
    happenings.takes_it(console, rides)
    expect(page.locator(".sums")).to_contain_text("1 份还没有人送")
    page.goto(f"{console.url}/console/board/meals/{orders[0].provider_id}/meal.lunch?day={day}")
    expect(page.locator(".kitchen")).to_contain_text("软烂")
    expect(page.locator(".round").first).to_contain_text("放门口")
    with unit_of_work(console.sessions) as work:
        printed = select(Audit).where(Audit.action == "print_meals")
        assert work.session.scalars(printed).first() is not None


def test_on_a_phone_the_timeline_is_a_list_and_giving_works_by_touch(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    order, has_it, (other, *_) = cleaning(console)
    page = timeline(at_desk("zhoulan", PHONE), console, order.service_day)
    page.locator(f"#job-{order.id}").click()
    page.get_by_role("button", name="派给指定的人").click()
    page.locator(".givees .row", has_text=other.name).click()
    page.locator("#giving").get_by_label("原因").fill("换人")
    page.get_by_role("button", name=f"派给{other.name}").click()
    expect(page.locator("#file .steps")).to_contain_text(f"{other.name}，等回复")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "nothing sticks out of a phone"
    assert has_it.name != other.name


def test_a_kitchen_sees_its_own_meals_alone(
    console: ConsoleHouse, visit: Callable[..., Desk]
) -> None:
    for elder_id in console.seeded.elders["李桂兰"]:
        order_id = happenings.orders_lunch(console, elder_id, DAYS_AHEAD)
    with unit_of_work(console.sessions) as work:
        day = work.get(Order, order_id).service_day
        mine = work.session.scalars(
            select(ConsoleUser.provider_id).where(ConsoleUser.login == "canteen")
        ).one()
        others = work.session.scalars(
            select(Order.provider_id).where(Order.service_day == day, Order.provider_id != mine)
            .where(Order.code == "meal.lunch")
        ).all()  # fmt: skip
    kitchen = visit("canteen").http
    for provider_id in {*others, mine}:
        sent = kitchen.get(f"/console/board/meals/{provider_id}/meal.lunch?day={day}")
        assert (sent.status_code == 404) is (provider_id != mine)
    assert visit("linhe").http.get("/console/board/meals").status_code == 403


def test_a_dispatcher_of_one_town_sees_that_a_worker_is_busy_elsewhere_and_no_more(
    console: ConsoleHouse, visit: Callable[..., Desk]
) -> None:
    order, has_it, (other, *_) = cleaning(console)
    desk = visit("zhoulan")
    day = order.service_day
    timeline_of = f"/console/board/timeline?day={day}&typed={has_it.name}"
    assert "陈惠芳" in desk.http.get(timeline_of).text

    def only(*towns: str) -> None:
        with unit_of_work(console.sessions) as work:
            hers = select(ConsoleUser).where(ConsoleUser.login == "zhoulan")
            work.session.scalars(hers).one().towns = list(towns)

    only("东城")
    try:
        shown = desk.http.get(timeline_of).text
        assert "在别的镇街" in shown and "陈惠芳" not in shown
        path = f"/console/board/orders/{order.id}"
        for ask in ("", "/fits", "/marks", f"/give?worker={other.id}"):
            assert desk.http.get(path + ask).status_code == 404
        sent = desk.post(f"{path}/give", worker=str(other.id), reason="换")
        assert sent.status_code == 404
        assert desk.http.get(f"/console/board/map/places?day={day}").json()["orders"] == []
        assert "陈惠芳" not in desk.http.get(f"/console/board/meals?day={day}").text
    finally:
        only()
    with unit_of_work(console.sessions) as work:
        assert work.get(Order, order.id).worker_id == has_it.id
