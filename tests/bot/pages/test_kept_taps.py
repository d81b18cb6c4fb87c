"""What a telephone keeps until there is a signal, and what it does not send any more."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from backend.db.models import Order
from backend.domain.orders import OrderState
from backend.services.unit_of_work import unit_of_work
from tests.bot.pages.conftest import PagesHouse
from tests.bot.pages.happenings import job_of_somebody
from tests.browser import follow

InWeChat = Callable[..., Page]

AGE = """(hours) => {
  const taps = JSON.parse(localStorage.getItem('yinling.unsent'));
  for (const tap of taps) tap.at -= hours * 3600 * 1000;
  localStorage.setItem('yinling.unsent', JSON.stringify(taps));
}"""


def _job(pages: PagesHouse, in_wechat: InWeChat, **more: object) -> tuple[int, Page]:
    order_id, _, phone = job_of_somebody(pages, pages.seeded.elders["陈惠芳"][0])
    page = in_wechat(phone, **more)
    page.goto(f"{pages.url}/m/jobs/{order_id}")
    follow(page.get_by_role("button", name="接单"))
    expect(page.get_by_role("button", name="出发")).to_be_visible()
    return order_id, page


def _state(pages: PagesHouse, order_id: int) -> OrderState:
    with unit_of_work(pages.sessions) as work:
        return work.get(Order, order_id).state


def test_a_tap_of_yesterday_is_not_sent_and_that_is_said(
    pages: PagesHouse, in_wechat: InWeChat
) -> None:
    order_id, page = _job(pages, in_wechat)
    page.context.set_offline(True)
    page.get_by_role("button", name="出发").click()
    expect(page.locator("#unsent")).to_contain_text("已记下 1 步")
    page.evaluate(AGE, 13)
    page.context.set_offline(False)
    expect(page.locator("#said")).to_contain_text("已经作废")
    expect(page.locator("#unsent")).to_be_hidden()
    assert _state(pages, order_id) is OrderState.ACCEPTED


def test_a_tap_is_still_there_after_the_page_was_closed(
    pages: PagesHouse, in_wechat: InWeChat
) -> None:
    order_id, page = _job(pages, in_wechat)
    page.context.set_offline(True)
    page.get_by_role("button", name="出发").click()
    expect(page.locator("#unsent")).to_contain_text("已记下 1 步")
    context = page.context
    page.close()
    context.set_offline(False)
    later = context.new_page()
    later.goto(f"{pages.url}/m/jobs/{order_id}")
    expect(later.locator(".head")).to_contain_text("在路上")
    assert _state(pages, order_id) is OrderState.ON_THE_WAY


def test_a_telephone_that_hardly_knows_where_it_is_proves_nothing(
    pages: PagesHouse, in_wechat: InWeChat
) -> None:
    order_id, page = _job(pages, in_wechat, permissions=["geolocation"])
    page.context.set_geolocation({"latitude": 23.04, "longitude": 113.75, "accuracy": 2000})
    page.get_by_role("button", name="用位置签到").click()
    expect(page.locator("#said")).to_contain_text("定位不准")
    assert _state(pages, order_id) is OrderState.ACCEPTED


def test_a_telephone_that_gives_no_place_is_told_of_the_code(
    pages: PagesHouse, in_wechat: InWeChat
) -> None:
    _, page = _job(pages, in_wechat)
    page.get_by_role("button", name="用位置签到").click()
    expect(page.locator("#said")).to_contain_text("用服务码签到")
