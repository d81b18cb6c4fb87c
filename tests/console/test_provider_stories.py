"""梁师傅 of the canteen looks after his own house: menus, prices, people, hours, orders, month."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import delete, select

from backend.console.pictures import LARGEST_DISH
from backend.db.models import (
    Absence,
    Dish,
    DishPicture,
    MenuDraft,
    Offering,
    Order,
    Qualification,
    Worker,
)
from backend.domain.menus import last_planned, monday_of
from backend.domain.offerings import Terms
from backend.seed.menus import seed_menus
from backend.services.offer_service import offer_service
from backend.services.provider_catalogue import provider_catalogue
from backend.services.unit_of_work import unit_of_work
from tests.browser import follow
from tests.console import happenings
from tests.console.conftest import PHONE, ConsoleHouse, Desk

Sit = Callable[..., Page]
Visit = Callable[..., Desk]
CANTEEN = "莞城长者饭堂"
DAYS_AHEAD = 4
"""A day of their own."""


@pytest.fixture(autouse=True)
def _as_it_was(console: ConsoleHouse) -> Iterator[None]:
    """Two weeks of menus from today on, everybody at work; afterwards no orders are left."""
    happenings.everybody_can_be_asked(console)
    happenings.nobody_ordered(console, DAYS_AHEAD)
    with unit_of_work(console.sessions) as work:
        canteen, today = console.seeded.canteen, work.local_now.date()
        for model in (Dish, DishPicture, MenuDraft):
            work.session.execute(delete(model).where(model.provider_id == canteen))
        seed_menus(work.session, today, {CANTEEN: canteen})
        for worker_id in (console.seeded.liang_zhiqiang, console.seeded.he_xiuying):
            for paper in work.get(Worker, worker_id).qualifications:
                paper.valid_until = today + timedelta(days=200)
    yield
    happenings.nobody_ordered(console, DAYS_AHEAD)
    with unit_of_work(console.sessions) as work:
        work.session.execute(delete(Absence).where(Absence.day >= work.local_now.date()))
        offer_service(work, console.seeded.canteen, "meal.lunch", Terms(1200, 200, 120))


def go(page: Page, name: str) -> None:
    follow(page.get_by_role("navigation", name="主要页面").get_by_role("link", name=name))
    page.locator(".plan-head").wait_for()


def today_of(console: ConsoleHouse) -> date:
    with unit_of_work(console.sessions) as work:
        return work.local_now.date()


def told(console: ConsoleHouse, day: date, code: str = "meal.lunch") -> list[str]:
    """What people are told of a day's meal."""
    with unit_of_work(console.sessions) as work:
        return list(
            work.session.scalars(
                select(Dish.name)
                .where(
                    Dish.provider_id == console.seeded.canteen, Dish.day == day, Dish.code == code
                )
                .order_by(Dish.id)
            )
        )


def meal(page: Page, day: date, name: str = "lunch") -> Locator:
    return page.locator(".meal", has=page.locator(f"#meal-{day}-{name}"))


# -- menus -------------------------------------------------------------------------------------


def test_a_week_is_copied_looked_at_and_published(at_desk: Sit, console: ConsoleHouse) -> None:
    today = today_of(console)
    last, monday = last_planned(today), monday_of(last_planned(today))
    assert told(console, last) == []
    page = at_desk("canteen")
    go(page, "菜单")
    follow(page.get_by_role("link", name="后一周"))
    meal(page, last).wait_for()
    week = page.locator(".week").last
    week.get_by_role("button", name="照上一周填空着的餐").click()
    expect(page.get_by_role("status").first).to_contain_text("照上一周填好了")
    expect(meal(page, last)).to_contain_text("草稿")
    assert told(console, last) == [], "planned is not published"
    page.keyboard.press("p")
    expect(page.get_by_role("status").first).to_contain_text("已经发布")
    expect(meal(page, last)).to_contain_text("已发布")
    assert told(console, last) == told(console, last - timedelta(days=7)) != []
    assert told(console, monday), "what was there before is still there"
    expect(page.get_by_role("button", name="都已发布")).to_be_disabled()


def test_dishes_are_added_by_keys_taken_off_and_published(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    day = today_of(console) + timedelta(days=1)
    before = told(console, day)
    page = at_desk("canteen")
    page.goto(f"{console.url}/console/provider/menus?week={day}")
    page.locator(f"#meal-{day}-lunch").press("Enter")
    expect(page.get_by_label("加一道菜")).to_be_focused()
    page.keyboard.type("荷叶蒸田鸡")
    page.keyboard.press("Enter")
    menu = page.locator("#file .menu-list")
    expect(menu.locator("li").last).to_contain_text("荷叶蒸田鸡")
    expect(menu.locator("li").last).to_contain_text("没有标饮食")
    expect(page.get_by_label("加一道菜")).to_be_focused()  # for the next dish
    menu.get_by_role("button", name=f"去掉{before[0]}").click()
    expect(menu).not_to_contain_text(before[0])
    expect(page.locator("#file")).to_contain_text(f"发布以后会去掉：{before[0]}")
    expect(meal(page, day)).to_contain_text("有改动")
    page.locator(".usual button").first.click()
    expect(menu.locator("li")).to_have_count(len(before) + 1)
    assert told(console, day) == before
    page.get_by_role("button", name="发布这一餐").click()
    expect(meal(page, day)).to_contain_text("已发布")
    assert told(console, day)[: len(before)] == [*before[1:], "荷叶蒸田鸡"]
    page.get_by_label("加一道菜").fill("饭")
    page.keyboard.press("Enter")
    expect(page.locator("#file [role=alert]")).to_contain_text("菜名要 2 到 16 个字")


def test_the_kitchen_sees_for_whom_it_has_nothing(at_desk: Sit, console: ConsoleHouse) -> None:
    today = today_of(console)
    day = today + timedelta(days=DAYS_AHEAD)
    happenings.orders_lunch(
        console, console.seeded.elders["陈惠芳"][0], DAYS_AHEAD, diet=("minced",)
    )
    with unit_of_work(console.sessions) as work:
        for dish in work.session.scalars(
            select(Dish).where(Dish.provider_id == console.seeded.canteen, Dish.day == day)
        ):
            dish.diets = [diet for diet in dish.diets if diet != "minced"]
    page = at_desk("canteen", PHONE)
    page.goto(f"{console.url}/console/provider/menus?week={day}")
    expect(meal(page, day)).to_contain_text("有人要切碎，没有合适的菜")
    page.locator(f"#meal-{day}-lunch").click()
    expect(page.locator("#file .note.bad")).to_contain_text("已经有人这样订了")


def photograph(size: tuple[int, int] = (1200, 900)) -> bytes:
    written = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(written, "JPEG")
    return written.getvalue()


def test_a_dish_gets_a_picture(at_desk: Sit, console: ConsoleHouse) -> None:
    day = today_of(console) + timedelta(days=1)
    dish = told(console, day)[0]
    page = at_desk("canteen")
    page.goto(f"{console.url}/console/provider/menus?week={day}")
    page.locator(f"#meal-{day}-lunch").click()
    row = page.locator("#file .menu-list li").first
    row.get_by_text("放照片").click()
    row.get_by_label(f"{dish}的照片").set_input_files(
        {"name": "fish.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    )
    row.get_by_role("button", name="放上").click()
    seen = row.get_by_role("img", name=f"{dish}的照片")
    expect(seen).to_be_visible()
    expect(seen).to_have_js_property("complete", True)
    page.wait_for_function("(one) => one.naturalWidth > 100", arg=seen.element_handle())
    # The same dish on another day has it too; what is no picture changes nothing and says so.
    row.get_by_text("换照片").click()
    row.get_by_label(f"{dish}的照片").and_(page.locator("input")).set_input_files(
        {"name": "fish.jpg", "mimeType": "image/jpeg", "buffer": b"no picture at all"}
    )
    row.get_by_role("button", name="放上").click()
    expect(page.locator("#file [role=alert]")).to_contain_text("这张图片打不开")
    expect(seen).to_be_visible()
    row.get_by_text("换照片").click()
    row.get_by_role("button", name="不要照片").click()
    expect(row.get_by_role("img")).to_have_count(0)


def test_a_picture_is_for_own_dishes_and_own_people(visit: Visit, console: ConsoleHouse) -> None:
    day = today_of(console) + timedelta(days=1)
    dish = told(console, day)[0]
    desk = visit("canteen")
    here = f"/console/provider/menus/{day}/meal.lunch/picture"

    def send(name: str, content: bytes) -> httpx.Response:
        return desk.http.post(
            here,
            data={"form_key": desk.key(), "name": name},
            files={"picture": ("a.jpg", content)},
            headers={"X-Form-Key": desk.key()},
        )

    assert send("没有的菜", photograph()).status_code == 404
    assert "还没有选照片" in send(dish, b"").text
    assert "最多 12 兆" in send(dish, bytes(13 * 2**20)).text
    assert send(dish, photograph()).status_code == 200
    with unit_of_work(console.sessions) as work:
        kept = work.session.get(DishPicture, (console.seeded.canteen, dish))
        assert kept is not None
        assert len(kept.webp) <= LARGEST_DISH
    shown = desk.http.get(f"/console/provider/menus/pictures/{kept.digest}")
    assert (shown.headers["Content-Type"], shown.content) == ("image/webp", kept.webp)
    assert "immutable" in shown.headers["Cache-Control"]
    assert "private" in shown.headers["Cache-Control"]
    other = visit("linhe").http.get(f"/console/provider/menus/pictures/{kept.digest}")
    assert other.status_code == 403


# -- services and prices -----------------------------------------------------------------------


def test_a_price_is_set_within_bounds_and_a_service_stopped(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    page = at_desk("canteen")
    go(page, "服务")
    page.locator("#offering-meal\\.lunch").click()
    page.get_by_label("价格（元/份）").fill("25")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#file [role=alert]")).to_contain_text("价格要在 6 到 18 元之间")
    page.get_by_label("价格（元/份）").fill("十二")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#file [role=alert]")).to_contain_text("金额请写成")
    page.get_by_label("价格（元/份）").fill("13.5")
    page.get_by_label("每天最多接（份）").fill("")
    page.get_by_label("至少提前（小时）").fill("20")
    page.get_by_role("button", name="保存").click()
    line = page.locator("tr", has=page.locator("#offering-meal\\.lunch"))
    expect(line).to_contain_text("13.50 元/份")
    expect(line).to_contain_text("20 小时")
    with unit_of_work(console.sessions) as work:
        kept = work.session.get(Offering, (console.seeded.canteen, "meal.lunch"))
        assert kept is not None
        assert (kept.price_fen, kept.daily_capacity, kept.lead_min) == (1350, None, 1200)
    page.once("dialog", lambda question: question.accept())
    page.get_by_role("button", name="停止接单").click()
    expect(line).to_contain_text("停了")
    page.get_by_role("button", name="保存并开始接单").click()
    expect(line).to_contain_text("接单")


# -- people, papers, hours ---------------------------------------------------------------------


def test_somebody_is_hired_gets_a_paper_and_leaves(at_desk: Sit, console: ConsoleHouse) -> None:
    today = today_of(console)
    page = at_desk("canteen")
    go(page, "人员")
    page.keyboard.press("n")
    page.get_by_label("姓名").fill("温阿姨")
    page.get_by_label("手机号").fill("1380013")
    page.get_by_role("checkbox", name="午餐").check()
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("#file [role=alert]")).to_contain_text("手机号要 11 位")
    expect(page.get_by_label("姓名")).to_have_value("温阿姨")
    expect(page.get_by_role("checkbox", name="午餐")).to_be_checked()
    page.get_by_label("手机号").fill("138 0013 8000")
    page.get_by_role("button", name="登记", exact=True).click()
    row = page.locator("#workers tr", has_text="温阿姨")
    expect(row).to_contain_text("没有健康证")
    expect(page.locator("#file .note.bad")).to_contain_text("派不到温阿姨：午餐")
    page.get_by_label("证号").fill("粤莞健20260001")
    page.get_by_label("发证日").fill(str(today - timedelta(days=345)))
    page.get_by_label("到期日").last.fill(str(today + timedelta(days=20)))
    page.get_by_role("button", name="加上").click()
    expect(row).to_contain_text("健康证，还有 20 天")
    expect(page.locator(".sums")).to_contain_text("1 人的证件 30 天内到期")
    page.get_by_text("续期或作废").click()
    page.get_by_label("新的到期日").fill(str(today + timedelta(days=385)))
    page.get_by_role("button", name="续期").click()
    expect(page.locator(".sums")).to_contain_text("证件都在有效期内")
    page.get_by_text("离开机构").click()
    page.once("dialog", lambda question: question.accept())
    page.get_by_role("button", name="温阿姨离开了").click()
    expect(row).to_have_count(0)
    follow(page.get_by_role("link", name="看离开的"))
    expect(page.locator("#workers")).to_contain_text("温阿姨")


def test_a_day_off_sends_the_days_orders_to_others(at_desk: Sit, console: ConsoleHouse) -> None:
    day = today_of(console) + timedelta(days=DAYS_AHEAD)
    order_id = happenings.orders_lunch(console, console.seeded.elders["陈惠芳"][0], DAYS_AHEAD)
    has_it = happenings.takes_it(console, order_id)
    page = at_desk("canteen")
    go(page, "人员")
    follow(page.get_by_role("link", name="排班和请假"))
    if monday_of(day) != monday_of(today_of(console)):
        follow(page.get_by_role("link", name="后一周"))
    row = page.locator(".shifts-table tbody tr", has_text=has_it.name)
    expect(row).to_contain_text("有 1 单")
    row.get_by_role("button").click()
    page.get_by_label("从", exact=True).fill(str(day))
    page.get_by_label("原因（可以不填）").fill("发烧")
    page.get_by_role("button", name="记下请假").click()
    expect(page.locator("#file .note.good")).to_contain_text("1 单已经退回")
    expect(row).to_contain_text("请假")
    with unit_of_work(console.sessions) as work:
        assert work.get(Order, order_id).worker_id is None
    page.get_by_role("button", name="不休了").click()
    expect(row).not_to_contain_text("请假")


def test_a_weeks_hours_are_set(at_desk: Sit, console: ConsoleHouse) -> None:
    page = at_desk("canteen")
    page.goto(f"{console.url}/console/provider/shifts")
    row = page.locator(".shifts-table tbody tr", has_text="何秀英")
    row.get_by_role("button").click()
    page.get_by_label("周日第1段从").fill("07:00")
    page.get_by_label("周日第1段到").fill("06:00")
    page.get_by_role("button", name="保存班次").click()
    expect(page.locator("#file [role=alert]")).to_contain_text("结束在开始以后")
    page.get_by_label("周日第1段从").fill("06:45")
    page.get_by_label("周日第1段到").fill("09:15")
    page.get_by_role("button", name="保存班次").click()
    expect(row.locator("td").nth(6)).to_contain_text("06:45–09:15")


# -- orders, the month -------------------------------------------------------------------------


def test_orders_of_a_day_and_of_a_week(at_desk: Sit, console: ConsoleHouse) -> None:
    day = today_of(console) + timedelta(days=DAYS_AHEAD)
    order_id = happenings.orders_lunch(
        console, console.seeded.elders["陈惠芳"][0], DAYS_AHEAD, ("soft",), "放门口"
    )
    page = at_desk("canteen")
    page.goto(f"{console.url}/console/provider/jobs?day={day}")
    page.locator(f"#order-{order_id}").click()
    expect(page.locator("#file")).to_contain_text("陈惠芳")
    expect(page.locator("#file")).to_contain_text("放门口")
    follow(page.get_by_role("link", name="一周"))
    expect(page.locator(".days-of")).to_contain_text("1 单")
    expect(page.locator(".orders-table")).to_contain_text("陈惠芳")
    go(page, "本月")
    expect(page.locator(".month")).to_contain_text("订单和账本对得上")


# -- whose -------------------------------------------------------------------------------------


def test_another_providers_house_is_shut(visit: Visit, console: ConsoleHouse) -> None:
    """梁师傅 is of the canteen; 陈敏 is a nurse of the station."""
    him, today = visit("canteen"), today_of(console)
    nurse, cleaner = console.seeded.chen_min, console.seeded.wu_guixiang
    cleaning = happenings.orders_cleaning(console, console.seeded.elders["陈惠芳"][0], DAYS_AHEAD)
    for path in (f"workers/{nurse}", f"shifts/{cleaner}", f"jobs/{cleaning}"):
        assert him.http.get(f"/console/provider/{path}").status_code == 404, path
    with unit_of_work(console.sessions) as work:
        papers = select(Qualification).where(Qualification.worker_id == nurse)
        paper = work.session.scalars(papers).first()
        assert paper is not None
    changes: dict[str, dict[str, str]] = {
        f"workers/{nurse}": {"name": "某某", "phone": "13800138000", "max_visits_a_day": "8"},
        f"workers/{nurse}/end": {},
        f"workers/{nurse}/papers/{paper.id}/end": {},
        f"workers/{console.seeded.he_xiuying}/papers/{paper.id}/end": {},
        f"shifts/{nurse}": {},
        f"shifts/{nurse}/away": {"first": str(today)},
    }
    for path, form in changes.items():
        assert him.post(f"/console/provider/{path}", **form).status_code == 404, path
    with unit_of_work(console.sessions) as work:
        worker = work.get(Worker, nurse)
        assert (worker.name, worker.is_active) == ("陈敏", True) and worker.shifts
        assert work.get(Qualification, paper.id).valid_until == paper.valid_until
    shown = him.http.get("/console/provider/workers").text
    assert "何秀英" in shown and "陈敏" not in shown


def test_what_a_form_should_not_say_is_refused_in_words(
    visit: Visit, console: ConsoleHouse
) -> None:
    him, day = visit("canteen"), today_of(console) + timedelta(days=1)
    for path, form, said in (
        ("offerings/meal.lunch/offer", {"price": "nan"}, "金额请写成"),
        ("offerings/meal.lunch/offer", {"price": "12", "capacity": "x"}, "要写一个整数"),
        ("offerings/nursing.wound/offer", {"price": "120"}, "还没有人会做"),
        (f"menus/{day}/meal.lunch/add", {"name": "白切鸡", "diets": "raw"}, "没有这一种饮食"),
        (f"shifts/{console.seeded.he_xiuying}/away", {"first": "morgen"}, "日期没有写对"),
    ):
        sent = him.post(f"/console/provider/{path}", **form)
        assert (sent.status_code, said in sent.text) == (422, True), (path, sent.text[:300])
    assert him.http.get("/console/provider/menus/9999-12-31/meal.lunch").status_code == 404
    assert him.http.get("/console/provider/menus/morgen/meal.lunch").status_code == 404
    for address in (
        "month?month=0001-01",
        "jobs?day=9999-12-31&span=week",
        "menus?week=0001-01-01",
    ):
        assert him.http.get(f"/console/provider/{address}").status_code == 200, address
    with unit_of_work(console.sessions) as work:
        codes = {line.item.code for line in provider_catalogue(work, console.seeded.canteen)}
    assert codes == {"meal.breakfast", "meal.lunch", "meal.dinner"}
