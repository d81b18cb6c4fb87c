"""Each page as it is seen, at a desk and on a phone: pictures where they are asked for, and
everywhere no serious finding of axe-core."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.console import happenings
from tests.console.conftest import DESK, PHONE, ConsoleHouse

AXE = Path("backend/console/assets/node_modules/axe-core/axe.min.js")
SIZES = {"desk": DESK, "phone": PHONE}

Sit = Callable[..., Page]


@pytest.fixture(scope="module")
def busy(console: ConsoleHouse) -> ConsoleHouse:
    """A morning at the centre: two alarms, a call that goes on, tickets."""
    here, there = console.seeded.elders["李桂兰"]
    chen = console.seeded.elders["陈惠芳"][0]
    happenings.cries(console, here, "我摔倒了,起不来", seconds_ago=94)
    happenings.cries(console, chen, "胸口好痛", seconds_ago=12)
    happenings.everybody_can_be_asked(console)
    happenings.orders_cleaning(console, here)
    happenings.orders_cleaning(console, there)
    call = happenings.rings(console, happenings.SON)
    happenings.says(
        console, call, 1, "帮我妈订明天的午饭", "明天11点半到12点半,给李桂兰送一份午餐?"
    )
    happenings.asks_for_human(console, there, "call_back", "电话断了,请回电 15400000002")
    happenings.asks_for_human(console, chen, "complaint", "午餐送到时已经凉了,家属不满意")
    return console


def shot(page: Page, folder: Path | None, name: str) -> None:
    """A picture, when pictures are asked for; always a look with axe-core."""
    page.wait_for_load_state("load")
    if folder is not None:
        page.screenshot(path=folder / f"{name}.png", full_page=False)
    if not AXE.is_file():
        pytest.skip("axe-core is not here: make assets")
    page.evaluate(AXE.read_text("utf-8"))  # past the content security policy, as a debugger may
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations"
        ".filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => [v.id, v.help, v.nodes.map(n => n.html).slice(0, 3)]))"
    )
    assert found == [], f"{name}: {json.dumps(found, ensure_ascii=False, indent=1)}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_centre_and_what_it_opens(
    busy: ConsoleHouse, at_desk: Sit, size: str, scheme: str, screens: Path | None
) -> None:
    page = at_desk("linhe", SIZES[size], color_scheme=scheme)
    end = f"{size}{'-dark' if scheme == 'dark' else ''}"
    page.get_by_text("实时").wait_for()
    shot(page, screens, f"centre-{end}")
    page.locator(".alarm .open").first.click()
    page.locator("[data-case^=incident]").wait_for()
    shot(page, screens, f"incident-{end}")
    page.locator("#calls .row").first.click()
    page.locator("[data-case^=call]").wait_for()
    shot(page, screens, f"call-{end}")
    page.locator("#tickets .row").first.click()
    page.locator("[data-case^=ticket]").wait_for()
    shot(page, screens, f"ticket-{end}")
    page.goto(f"{busy.url}/console/elders?typed=lgl")
    page.locator("#found .row").first.click()
    page.locator(".elder").wait_for()
    shot(page, screens, f"elder-{end}")
    page.get_by_role("button", name="代下单").click()
    page.get_by_text("要什么服务").wait_for()
    shot(page, screens, f"ordering-services-{end}")
    page.get_by_role("button", name="家庭保洁").or_(page.locator(".tiles button")).last.click()
    page.locator(".times button").first.wait_for()
    shot(page, screens, f"ordering-times-{end}")
    page.locator(".times button").last.click()
    page.locator(".ordering table, .note.bad").first.wait_for()
    shot(page, screens, f"ordering-price-{end}")


@pytest.mark.parametrize("size", SIZES)
def test_the_door_and_ones_own_page(
    console: ConsoleHouse, chromium: object, at_desk: Sit, size: str, screens: Path | None
) -> None:
    page = at_desk("admin", SIZES[size])
    shot(page, screens, f"account-{size}")
    page.goto(f"{console.url}/console/centre")
    shot(page, screens, f"refused-{size}")
    page.get_by_role("button", name="退出").click()
    page.get_by_label("登录名").wait_for()
    shot(page, screens, f"door-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_the_board(busy: ConsoleHouse, at_desk: Sit, size: str, screens: Path | None) -> None:
    page = at_desk("zhoulan", SIZES[size])
    shot(page, screens, f"board-empty-{size}")
    page.get_by_role("link", name="后一天").click()
    page.locator(".orders-table .link").first.click()
    page.locator("[data-case^=order]").wait_for()
    shot(page, screens, f"board-{size}")
