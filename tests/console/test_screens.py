"""Each page as it is seen, at a desk and on a phone: pictures where they are asked for, and
everywhere no serious finding of axe-core."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest
from playwright.sync_api import Page

from backend.seed.menus import seed_menus
from backend.seed.past import seed_past
from backend.services.draft_menu import add_dish, drop_dish
from backend.services.menu_weeks import menu_days
from backend.services.unit_of_work import unit_of_work
from backend.settings import TIMEZONE
from tests.browser import follow, live, look
from tests.console import happenings
from tests.console.conftest import DESK, PHONE, ConsoleHouse

SIZES = {"desk": DESK, "phone": PHONE}

Sit = Callable[..., Page]


@pytest.fixture(scope="module")
def busy(console: ConsoleHouse) -> ConsoleHouse:
    """A morning at the centre: two alarms, a call that goes on, tickets."""
    here, there = console.seeded.elders["李桂兰"]
    chen = console.seeded.elders["陈惠芳"][0]
    happenings.cries(console, here, "我摔倒了,起不来", seconds_ago=94)
    happenings.cries(console, chen, "胸口好痛", seconds_ago=12)
    happenings.hires(console, "吴桂香", ("邓少兰", "袁惠珍"))
    happenings.everybody_can_be_asked(console)
    for one in (here, there, chen):
        happenings.takes_it_if_asked(console, happenings.orders_cleaning(console, one))
    for number, one in enumerate(sorted(set(chain(*console.seeded.elders.values())))):
        diet = (("soft",), (), ("low_salt", "soft"), ())[number % 4]
        lunch = happenings.orders_lunch(console, one, 1, diet, "" if number % 3 else "放门口，敲门")
        if number % 3:
            happenings.takes_it_if_asked(console, lunch)
    call = happenings.rings(console, happenings.SON)
    happenings.says(
        console, call, 1, "帮我妈订明天的午饭", "明天11点半到12点半,给李桂兰送一份午餐?"
    )
    happenings.asks_for_human(console, there, "call_back", "电话断了,请回电 15400000002")
    happenings.asks_for_human(console, chen, "complaint", "午餐送到时已经凉了,家属不满意")
    return console


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_centre_and_what_it_opens(
    busy: ConsoleHouse, at_desk: Sit, size: str, scheme: str, screens: Path | None
) -> None:
    page = at_desk("linhe", SIZES[size], color_scheme=scheme)
    end = f"{size}{'-dark' if scheme == 'dark' else ''}"
    live(page)
    look(page, screens, f"centre-{end}")
    page.locator(".alarm .open").first.click()
    page.locator("[data-case^=incident]").wait_for()
    look(page, screens, f"incident-{end}")
    page.locator("#calls .row").first.click()
    page.locator("[data-case^=call]").wait_for()
    look(page, screens, f"call-{end}")
    page.locator("#tickets .row").first.click()
    page.locator("[data-case^=ticket]").wait_for()
    look(page, screens, f"ticket-{end}")
    page.goto(f"{busy.url}/console/elders?typed=lgl")
    page.locator("#found .row").first.click()
    page.locator(".elder").wait_for()
    look(page, screens, f"elder-{end}")
    page.get_by_role("button", name="代下单").click()
    page.get_by_text("要什么服务").wait_for()
    look(page, screens, f"ordering-services-{end}")
    page.get_by_role("button", name="家庭保洁").or_(page.locator(".tiles button")).last.click()
    page.locator(".times button").first.wait_for()
    look(page, screens, f"ordering-times-{end}")
    page.locator(".times button").last.click()
    page.locator(".ordering table, .note.bad").first.wait_for()
    look(page, screens, f"ordering-price-{end}")


@pytest.mark.parametrize("size", SIZES)
def test_the_door_and_ones_own_page(
    console: ConsoleHouse, chromium: object, at_desk: Sit, size: str, screens: Path | None
) -> None:
    page = at_desk("admin", SIZES[size])
    page.goto(f"{console.url}/console/account")
    look(page, screens, f"account-{size}")
    page.goto(f"{console.url}/console/centre")
    look(page, screens, f"refused-{size}")
    follow(page.get_by_role("button", name="退出"))
    page.get_by_label("登录名").wait_for()
    look(page, screens, f"door-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_the_board(busy: ConsoleHouse, at_desk: Sit, size: str, screens: Path | None) -> None:
    page = at_desk("zhoulan", SIZES[size])
    look(page, screens, f"board-empty-{size}")
    follow(page.get_by_role("link", name="后一天"))
    live(page)
    page.locator(".orders-table .link").first.click()
    page.locator("[data-case^=order]").wait_for()
    look(page, screens, f"board-{size}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_boards_other_views(
    busy: ConsoleHouse, at_desk: Sit, size: str, scheme: str, screens: Path | None
) -> None:
    page = at_desk("zhoulan", SIZES[size], color_scheme=scheme)
    end = f"{size}{'-dark' if scheme == 'dark' else ''}"
    page.goto(f"{busy.url}/console/board/timeline")
    look(page, screens, f"timeline-empty-{end}")
    follow(page.get_by_role("link", name="后一天"))
    live(page)
    page.locator(".track .bar").first.wait_for()
    look(page, screens, f"timeline-{end}")
    page.locator(".bar[draggable]").first.click()
    page.get_by_role("button", name="派给指定的人").click()
    page.locator(".givees").wait_for()
    look(page, screens, f"giving-{end}")
    follow(page.get_by_role("link", name="地图"))
    page.locator("#map[data-drawn]").wait_for()
    page.locator("#map-said", has_text="服务人员").wait_for()
    look(page, screens, f"map-{end}")
    follow(page.get_by_role("link", name="送餐"))
    page.locator(".meals-table a").first.wait_for()
    look(page, screens, f"meals-{end}")
    follow(page.locator(".meals-table a").first)
    page.locator(".kitchen").wait_for()
    look(page, screens, f"kitchen-{end}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_supervisors_figures_and_who_looked(
    busy: ConsoleHouse, at_desk: Sit, size: str, scheme: str, screens: Path | None
) -> None:
    with unit_of_work(busy.sessions) as work:
        seed_past(work.session, work.now)
    page = at_desk("hexiang", SIZES[size], color_scheme=scheme)
    end = f"{size}{'-dark' if scheme == 'dark' else ''}"
    page.goto(f"{busy.url}/console/figures")
    page.locator(".chart[data-drawn]").nth(6).wait_for()
    look(page, screens, f"figures-{end}")
    page.locator("#figure-satisfaction").scroll_into_view_if_needed()
    look(page, screens, f"figures-satisfaction-{end}")
    page.goto(f"{busy.url}/console/figures?by=provider&category=meal")
    page.locator(".chart[data-drawn]").nth(6).wait_for()
    look(page, screens, f"figures-providers-{end}")
    page.goto(f"{busy.url}/console/figures?town=nowhere")
    look(page, screens, f"figures-empty-{end}")
    page.goto(f"{busy.url}/console/figures/behind/orders?part=late")
    look(page, screens, f"figures-behind-{end}")
    page.goto(f"{busy.url}/console/audits")
    look(page, screens, f"audits-{end}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_providers_pages(
    busy: ConsoleHouse, at_desk: Sit, size: str, scheme: str, screens: Path | None
) -> None:
    _cooks(busy)
    page = at_desk("canteen", SIZES[size], color_scheme=scheme)
    end = f"{size}{'-dark' if scheme == 'dark' else ''}"
    look(page, screens, f"jobs-empty-{end}")
    follow(page.get_by_role("link", name="往后"))
    page.locator(".orders-table .open").first.wait_for()
    page.locator(".orders-table .open").first.click()
    page.locator("[data-case^=job]").wait_for()
    look(page, screens, f"jobs-{end}")
    follow(page.get_by_role("link", name="一周"))
    page.locator(".days-of").wait_for()
    look(page, screens, f"jobs-week-{end}")
    for name, opens in (
        ("菜单", "#meal-" + str(_next_monday()) + "-lunch"),
        ("服务", "#offering-meal\\.lunch"),
        ("人员", ".orders-table .open >> nth=0"),
    ):
        follow(page.get_by_role("navigation", name="主要页面").get_by_role("link", name=name))
        page.locator(".plan-head").wait_for()
        look(page, screens, f"provider-{PLAIN[name]}-{end}")
        page.locator(opens).click()
        page.locator("#file .case").wait_for()
        look(page, screens, f"provider-{PLAIN[name]}-open-{end}")
    follow(page.get_by_role("link", name="排班和请假"))
    page.locator(".shifts-table").wait_for()
    page.locator(".shifts-table .open").first.click()
    page.locator("#file .case").wait_for()
    look(page, screens, f"provider-shifts-{end}")
    follow(page.get_by_role("link", name="人员和证件"))
    page.get_by_role("button", name="登记新人").wait_for()
    page.get_by_role("button", name="登记新人").click()
    page.locator("#file .case").wait_for()
    look(page, screens, f"provider-new-{end}")
    follow(page.get_by_role("navigation", name="主要页面").get_by_role("link", name="本月"))
    page.locator(".month").wait_for()
    follow(page.get_by_role("link", name="上个月"))
    page.locator(".month tfoot").first.wait_for()
    look(page, screens, f"provider-month-{end}")


PLAIN = {"菜单": "menus", "服务": "offerings", "人员": "workers"}


def _cooks(console: ConsoleHouse) -> None:
    """The canteen has a past, and its menus for two weeks; one lunch is being changed."""
    with unit_of_work(console.sessions) as work:
        seed_past(work.session, work.now)
        today, canteen = work.local_now.date(), console.seeded.canteen
        if not menu_days(work, canteen, today, 1)[0][0].dishes:
            seed_menus(work.session, today, {"莞城长者饭堂": canteen})
        add_dish(work, canteen, _next_monday(), "meal.lunch", "荷叶蒸排骨", ("no_fish",))
        drop_dish(
            work, canteen, _next_monday(), "meal.lunch",
            menu_days(work, canteen, _next_monday(), 1)[0][1].dishes[0].name,
        )  # fmt: skip


def _next_monday() -> date:
    today = datetime.now(TIMEZONE).date()
    return today + timedelta(days=7 - today.weekday())


@pytest.mark.parametrize("size", SIZES)
def test_the_card_that_binds_a_family(
    busy: ConsoleHouse, at_desk: Sit, size: str, screens: Path | None
) -> None:
    page = at_desk("linhe", SIZES[size])
    page.goto(f"{busy.url}/console/codes/elders/{busy.seeded.elders['李桂兰'][1]}")
    if page.locator(".bind-card").count() == 0:
        look(page, screens, f"code-empty-{size}")
        page.get_by_role("button", name="做一张绑定卡").click()
    page.locator(".bind-code").wait_for()
    look(page, screens, f"code-{size}")


OPENED = {
    "service": "button.open",
    "allowance": "button.open",
    "cover": "[data-key=KeyN]",
    "prompt": ".row",
    "help": "[data-key=KeyN]",
    "quiet": "button.open",
    "consent": ".row",
}
"""What is opened on the page of each kind of setting."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_settings_and_who_sits_at_the_console(
    console: ConsoleHouse, at_desk: Sit, size: str, scheme: str, screens: Path | None
) -> None:
    seen = screens if scheme == "light" else None  # enough pictures; axe-core looks at both
    page = at_desk("admin", SIZES[size], color_scheme=scheme)
    for kind, opens in OPENED.items():
        page.goto(f"{console.url}/console/settings/{kind}")
        look(page, seen, f"settings-{kind}-{size}")
        page.locator(f"#settings {opens}").first.click()
        page.locator("#file .case").wait_for()
        look(page, seen, f"settings-{kind}-open-{size}")
    page.goto(f"{console.url}/console/settings/prompt?q=message_held")
    page.locator("#settings .row").click()
    page.get_by_label("写给人看的").fill(
        "您说的我记住了，稍等一会儿就回复您。急事请拨{{ hotline }}。"
    )
    page.get_by_role("button", name="看看改了什么").click()
    page.locator(".difference").wait_for()
    look(page, seen, f"settings-difference-{size}")
    page.goto(f"{console.url}/console/settings/changes")
    if page.locator("#changes button.open").count():
        page.locator("#changes button.open").first.click()
        page.locator("#file .case").wait_for()
    look(page, seen, f"settings-changes-{size}")
    page.goto(f"{console.url}/console/users")
    page.locator("#users button.open").first.click()
    page.locator("#file .case").wait_for()
    look(page, seen, f"users-{size}")
    page.locator("[data-key=KeyN]").click()
    page.locator("[data-case=user-new]").wait_for()
    look(page, seen, f"users-new-{size}")
    follow(page.get_by_role("link", name="登录记录", exact=True))
    page.locator("[data-came]").first.wait_for()
    look(page, seen, f"users-door-{size}")
