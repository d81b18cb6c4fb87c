"""梁师傅 publishes a menu in his browser; 王芳 hears of the dish in WeChat and orders lunch; the
order stands on his page and on his kitchen's list."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Order
from backend.seed.console import DEMO_PASSWORD, seed_console_users
from backend.seed.town import find_seeded
from backend.services.unit_of_work import unit_of_work
from tests.browser import follow, window
from tests.conftest import NOW
from tests.e2e.conftest import StageMaker
from tests.e2e.people import bind
from tests.standin.wechat.phone import Phone
from tests.waiting import eventually

DISH = "荷叶蒸田鸡"


def test_a_menu_is_published_and_then_ordered_by_chat(
    set_up: StageMaker, chromium: Browser
) -> None:
    with set_up() as (stage, sessions):
        _people(sessions)
        daughter = stage.phone("王芳")
        with sessions() as session:
            seeded = find_seeded(session)
            assert seeded is not None
            bind(sessions, daughter, seeded.li_guilan)

        daughter.say("明天有什么菜")
        before = daughter.wait_for(lambda message: "莞城长者饭堂" in message.text).text
        assert DISH not in before

        troubles: list[str] = []
        page = window(chromium, {"width": 1366, "height": 768}, troubles)
        _sign_in(page, f"http://127.0.0.1:{stage.web_ports[0]}")
        follow(page.get_by_role("link", name="菜单"))
        tomorrow = page.get_by_role("region", name="明天", exact=True)
        lunch = tomorrow.locator(".meal", has_text="午餐")
        lunch.get_by_role("button").click()
        page.get_by_label("加一道菜").fill(DISH)
        page.get_by_role("checkbox", name="软烂").check()
        page.keyboard.press("Enter")
        expect(page.locator("#file .menu-list")).to_contain_text(DISH)
        expect(lunch).to_contain_text("有改动")
        daughter.say("明天有什么菜")
        answer = daughter.wait_for(lambda message: "莞城长者饭堂" in message.text)
        assert DISH not in answer.text, "a draft is the kitchen's alone"

        page.get_by_role("button", name="发布这一餐").click()
        expect(lunch).to_contain_text("已发布")
        assert DISH in _when_asked_for_it(daughter)
        daughter.say(f"那明天中午给我妈订一份{DISH}")
        read_back = daughter.wait_for(lambda message: "对的话" in message.text)
        assert DISH in read_back.text
        daughter.say("好的")
        daughter.wait_for(lambda message: "订好" in message.text)
        with unit_of_work(sessions) as work:
            order = work.session.scalars(select(Order)).one()
            assert (order.code, order.provider_id) == ("meal.lunch", seeded.canteen)
            assert order.note == DISH
            number = order.number

        follow(page.get_by_role("link", name="订单"))
        follow(page.get_by_role("link", name="往后"))
        expect(page.locator(".orders-table")).to_contain_text(number)
        follow(page.get_by_role("link", name="厨房的送餐单"))
        follow(page.locator(".meals-table a").first)
        expect(page.locator(".kitchen .dishes")).to_contain_text(DISH)
        expect(page.locator(".kitchen")).to_contain_text("李桂兰")
        page.context.close()
        assert troubles == []


def _people(sessions: sessionmaker[Session]) -> None:
    with unit_of_work(sessions) as work:
        seed_console_users(work.session, NOW, DEMO_PASSWORD)


def _sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/console/")
    page.get_by_label("登录名").fill("canteen")
    page.get_by_label("密码").fill(DEMO_PASSWORD)
    follow(page.get_by_role("button", name="登录"))
    page.wait_for_url("**/console/provider/jobs")


def _when_asked_for_it(phone: Phone) -> str:
    """What she is told when she asks for the dish by its name: yes, before long."""

    told = [""]

    def is_known() -> bool:
        phone.say(f"明天中午有{DISH}吗")
        told.append(phone.wait_for(lambda message: "莞城长者饭堂" in message.text).text)
        return "有的" in told[-1]

    eventually(is_known, lambda: told[-1], look_s=2)
    return told[-1]
