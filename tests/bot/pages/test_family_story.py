"""A daughter with two mothers to look after, on her telephone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.db.models import Order, Review
from backend.domain.orders import OrderState
from backend.services.unit_of_work import unit_of_work
from tests.bot.pages.conftest import PagesHouse
from tests.bot.pages.happenings import done, lunch_for
from tests.bot.pages.looking import look
from tests.browser import follow
from tests.standin.wechat import Phone

InWeChat = Callable[..., Page]


@pytest.fixture
def mothers(pages: PagesHouse) -> tuple[int, int]:
    here, there = pages.seeded.elders["李桂兰"]
    return here, there


@pytest.fixture
def wang_fang(pages: PagesHouse, mothers: tuple[int, int]) -> Phone:
    """Looks after both who are called 李桂兰: of 莞城 and of 东城."""
    return pages.family("王芳", *mothers)


def newest(pages: PagesHouse, elder_id: int) -> Order:
    with unit_of_work(pages.sessions) as work:
        found = work.session.scalars(
            select(Order).where(Order.elder_id == elder_id).order_by(Order.id.desc()).limit(1)
        ).one()
        work.session.expunge(found)
        return found


def test_lunch_from_the_menu_changed_and_cancelled(
    pages: PagesHouse,
    mothers: tuple[int, int],
    wang_fang: Phone,
    in_wechat: InWeChat,
    screens: Path | None,
) -> None:
    page = in_wechat(wang_fang)
    page.goto(f"{pages.url}/m/menu")
    expect(page.get_by_role("heading", name="菜单")).to_be_visible()
    follow(page.get_by_role("link", name="周四"))
    expect(page.locator(".dishes li").first).to_be_visible()
    look(page, screens, "pages-menu")
    dish = page.locator(".dish").first
    wished = dish.inner_text()
    dish.click()
    follow(page.get_by_role("button", name="订这一餐"))
    expect(page.get_by_role("heading", name="订午餐")).to_be_visible()
    expect(page.get_by_text("之后补贴还剩")).to_be_visible()
    page.get_by_label("几份").fill("2")
    page.get_by_label("少盐").check()
    expect(page.get_by_label("交代")).to_have_value(wished)
    page.get_by_label("交代").fill(f"{wished}，放门口")
    follow(page.get_by_role("button", name="重新算价格"))
    expect(page.get_by_role("heading", name="，2 份")).to_be_visible()
    look(page, screens, "pages-order-lunch")
    follow(page.get_by_role("button", name="订下"))
    expect(page.get_by_text("正在找服务人员")).to_be_visible()

    order = newest(pages, mothers[0])
    assert (order.code, order.quantity, order.note) == (
        "meal.lunch",
        2,
        f"{wished}，放门口",
    )
    assert "low_salt" in order.diet
    assert order.placed_by_account_id == pages.account(wang_fang.openid)
    assert order.channel == "wechat"
    look(page, screens, "pages-order-steps")

    follow(page.get_by_role("link", name="改时间或要求"))
    page.get_by_label("几份").fill("1")
    follow(page.get_by_role("button", name="看看价格"))
    expect(page.get_by_role("button", name="就这样改")).to_be_visible()
    look(page, screens, "pages-change")
    follow(page.get_by_role("button", name="就这样改"))
    page.wait_for_url("**/m/orders/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("午餐")
    changed = newest(pages, mothers[0])
    assert (changed.quantity, changed.id) == (1, order.id)
    assert changed.window_start == order.window_start

    page.get_by_text("取消这一单").click()
    page.get_by_label("为什么").fill("回家吃饭")
    follow(page.get_by_role("button", name="确认取消"))
    expect(page.locator(".head")).to_contain_text("已经取消")
    cancelled = newest(pages, mothers[0])
    assert (cancelled.state, cancelled.cancel_reason) == (OrderState.CANCELLED, "回家吃饭")


def test_two_mothers_are_seen_apart(
    pages: PagesHouse,
    mothers: tuple[int, int],
    wang_fang: Phone,
    in_wechat: InWeChat,
    screens: Path | None,
) -> None:
    hers = lunch_for(pages, mothers[1], 1)
    page = in_wechat(wang_fang)
    page.goto(f"{pages.url}/m/day?elder={mothers[1]}")
    expect(page.locator(".head p")).to_contain_text("东城")
    expect(page.locator(f'a[href="/m/orders/{hers}"]')).to_be_visible()
    look(page, screens, "pages-day")
    follow(page.get_by_label("哪一位长者").get_by_role("link", name="莞城"))
    expect(page.locator(".head p")).to_contain_text("莞城")
    expect(page.locator(f'a[href="/m/orders/{hers}"]')).to_have_count(0)
    # What is ordered from here on is for the one who is shown.
    follow(page.get_by_label("主要页面").get_by_role("link", name="订服务"))
    expect(page.locator(".elders [aria-current]")).to_contain_text("莞城")
    look(page, screens, "pages-services")


def test_she_reads_what_is_kept_agrees_and_takes_it_back(
    pages: PagesHouse, wang_fang: Phone, in_wechat: InWeChat, screens: Path | None
) -> None:
    page = in_wechat(wang_fang)
    page.goto(f"{pages.url}/m/kept/")
    expect(page.locator(".as-written")).to_contain_text("不同意也没关系")
    look(page, screens, "pages-kept")
    follow(page.get_by_role("button", name="同意", exact=True))
    expect(page.locator(".as-written")).to_have_count(0)
    follow(page.get_by_role("button", name="收回同意"))
    expect(page.get_by_role("button", name="收回同意")).to_have_count(0)
    expect(page.locator(".as-written")).to_be_visible()


def test_a_finished_order_is_rated_once_and_may_be_corrected(
    pages: PagesHouse,
    mothers: tuple[int, int],
    wang_fang: Phone,
    in_wechat: InWeChat,
    screens: Path | None,
) -> None:
    order_id = done(pages, mothers[0])
    page = in_wechat(wang_fang)
    page.goto(pages.links.to(wang_fang.openid, f"/m/orders/{order_id}"))
    page.get_by_label("4 星").check()
    page.get_by_label("想说的话").fill("热乎乎的，谢谢")
    follow(page.get_by_role("button", name="评价"))
    expect(page.locator(".head")).to_contain_text("谢谢您的评价")
    look(page, screens, "pages-rated")
    page.get_by_label("5 星").check()
    follow(page.get_by_role("button", name="评价"))
    with unit_of_work(pages.sessions) as work:
        review = work.get(Review, order_id)
        assert (review.stars, review.words) == (5, "热乎乎的，谢谢")
