"""A newcomer opens /try, orders lunch in a chat and by telephone, and finds both on the board."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from playwright.sync_api import TimeoutError as TooLate
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Order
from backend.seed.console import DEMO_PASSWORD, seed_console_users
from backend.services.unit_of_work import unit_of_work
from ivr.ears import SHIPPED
from ops.phone_scene import SAID
from ops.stage import Stage
from ops.telephone import line_for_trials, line_process, rung_at
from ops.trying.house import trying_process
from tests.browser import follow, look, window
from tests.conftest import NOW
from tests.e2e.conftest import StageMaker
from tests.waiting import eventually

DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
TIMES, ANSWERED_WITHIN_MS = 4, 15_000
"""A line on a busy machine may not hear everything; more may be written behind its first words."""
WRITTEN = """([before, words]) => [...document.querySelectorAll("#told .line")]
  .slice(before).some((line) => line.textContent.includes(words))"""


@contextmanager
def opened(
    stage: Stage, sessions: sessionmaker[Session], chromium: Browser
) -> Iterator[tuple[str, Page]]:
    """The page with a line behind it, as a house opens them."""
    with unit_of_work(sessions) as work:
        seed_console_users(work.session, NOW, DEMO_PASSWORD)
    logs, line = stage.folder / "log", line_for_trials()
    stage.house.try_on(line_process(logs, stage.environment, line))
    url = stage.environment["YINLING_TRYING_URL"]
    stage.house.try_on(trying_process(logs, stage.environment, url, rung_at(line), DEMO_PASSWORD))
    troubles: list[str] = []
    page = window(chromium, DESK, troubles, reduced_motion="reduce")
    web = f"http://127.0.0.1:{stage.web_ports[0]}"
    page.goto(f"{web}/try")
    yield web, page
    page.context.close()
    assert troubles == []


@pytest.mark.skipif(not SHIPPED.is_dir(), reason="there is no model to listen with")
def test_a_newcomer_orders_by_chat_and_by_telephone(
    set_up: StageMaker, chromium: Browser, request: pytest.FixtureRequest
) -> None:
    asked = request.config.getoption("--screens", default=None)
    screens = Path(asked) if asked else None
    with set_up() as (stage, sessions), opened(stage, sessions, chromium) as (web, page):
        expect(page.locator("#line-state")).to_have_text("已连上")
        family = page.get_by_role("region", name="家属的微信")
        expect(family.locator(".lines")).to_contain_text("李桂兰")
        look(page, screens, "try-desk-begin")

        family.get_by_role("button", name="明天中午给我妈订一份午餐").click()
        expect(family.locator(".lines .reply").last).to_contain_text("自付")
        family.get_by_role("button", name="好的").click()
        expect(family.locator(".lines .reply").last).to_contain_text("订好")
        worker = page.get_by_role("region", name="服务人员的微信")
        expect(worker.locator(".lines")).to_contain_text("午餐")
        worker.get_by_role("button", name="接单", exact=True).click()
        expect(worker.locator(".lines .reply").last).to_contain_text("李桂兰")

        page.emulate_media(color_scheme="dark")
        look(page, screens, "try-desk-dark")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(PHONE)
        look(page, screens, "try-phone")
        page.get_by_role("navigation", name="跳到").get_by_role("link", name="电话").click()
        expect(page.get_by_role("button", name="拨打")).to_be_in_viewport()
        look(page, screens, "try-phone-telephone")
        page.set_viewport_size(DESK)

        phone = page.get_by_role("region", name="电话")
        phone.locator("#number").select_option(index=1)  # the other 李桂兰, of 东城
        phone.get_by_role("button", name="拨打").click()
        expect(page.locator("#call")).to_contain_text("通话中")
        expect(phone.locator("#told .line").first).to_be_visible()
        _says(page, "明天中午送一份午餐", "自付")
        look(page, screens, "try-desk")
        _says(page, "对", "订好了")
        # What it said was heard in the browser, too.
        eventually(lambda: float(phone.get_attribute("data-heard") or 0) > 3)
        phone.get_by_role("button", name="挂断").click()
        expect(page.locator("#call")).to_contain_text("下了单")
        with sessions() as session:
            orders = list(session.scalars(select(Order).order_by(Order.id)))
            assert [(one.channel, one.code) for one in orders] == [
                ("wechat", "meal.lunch"), ("voice", "meal.lunch"),
            ]  # fmt: skip
            numbers = [one.number for one in orders]

        _opens_a_page(page, numbers[0])
        _records(page)
        _on_the_board(page, web, numbers)


def _says(page: Page, words: str, until: str) -> None:
    """Types what is then spoken, again where the line did not understand it, as people do."""
    phone = page.get_by_role("region", name="电话")
    for _ in range(TIMES):
        answers = phone.locator("#told .line")
        before = answers.count()
        phone.get_by_label("让声音说").fill(words)
        page.keyboard.press("Enter")
        expect(answers.nth(before)).to_be_visible()
        with suppress(TooLate):
            page.wait_for_function(WRITTEN, arg=[before, until], timeout=ANSWERED_WITHIN_MS)
            return
    raise AssertionError(phone.locator("#told").inner_text())


def _opens_a_page(page: Page, number: str) -> None:
    """The link in a notice, in the WeChat of the elder; a tap on the menu."""
    elder = page.get_by_role("region", name="长者的微信")
    with page.expect_popup() as opening:
        elder.get_by_role("link").filter(has_text="详情").first.click()
    expect(opening.value.locator("body")).to_contain_text(number)
    opening.value.close()
    elder.get_by_text("订服务").click()
    elder.get_by_role("button", name="补贴余额").click()
    expect(elder.locator(".lines .sent").last).to_have_text("点了“补贴余额”")
    expect(elder.locator(".lines .reply").last).to_contain_text("补贴")


def _records(page: Page) -> None:
    """A voice message: of a file, and of a browser's microphone that beeps."""
    elder = page.get_by_role("region", name="长者的微信")
    pushed = elder.locator(".lines .customer")
    elder.locator("input[type=file]").set_input_files(SAID / "lunch.wav")
    expect(pushed.last).to_contain_text(re.compile("听到.*明天中午送一份午餐"))
    before = pushed.count()
    button = elder.get_by_role("button", name="语音消息")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(1500)
    button.click()
    expect(elder.locator(".lines .sent").last).to_have_text("语音消息")
    expect(pushed.nth(before)).to_be_visible()


def _on_the_board(page: Page, web: str, numbers: list[str]) -> None:
    page.goto(f"{web}/console/")
    page.get_by_label("登录名").fill("zhoulan")
    page.get_by_label("密码").fill(DEMO_PASSWORD)
    follow(page.get_by_role("button", name="登录"))
    page.wait_for_url(re.compile("/console/board"))
    page.goto(f"{web}/console/board?day={NOW + timedelta(days=1):%Y-%m-%d}")
    for number in numbers:
        expect(page.locator("#main")).to_contain_text(number)
