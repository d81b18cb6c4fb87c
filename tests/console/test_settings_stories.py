"""钟管理 looks after what the city may change: prices, money, words, hours, and who sits where."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from backend.db.models import (
    AddressTries,
    AllowanceTable,
    ConsoleUser,
    Incident,
    ServiceItem,
    SettingVersion,
)
from backend.domain.callouts import Reason, not_before
from backend.domain.console import MOST_TRIES_OF_ADDRESS
from backend.domain.errors import DomainError
from backend.domain.offerings import Terms
from backend.domain.settings import Kind
from backend.services.answering import telephones_for
from backend.services.change_setting import Setting, change_setting, stands
from backend.services.offer_service import offer_service
from backend.services.quiet_hours import quiet_hours
from backend.services.setting_versions import newest
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work
from backend.settings import TIMEZONE
from nlu.own_words import OwnWords
from tests.browser import follow
from tests.console.conftest import WECHAT_TOKEN, ConsoleHouse, Desk
from tests.standin.wechat.delivery import signature, to_xml
from tests.waiting import eventually

Sit = Callable[..., Page]
Visit = Callable[..., Desk]


@pytest.fixture(autouse=True)
def _as_it_was(console: ConsoleHouse) -> Iterator[None]:
    """Every setting is put back after each story, as anybody would do it."""
    with unit_of_work(console.sessions) as work:
        began = newest(work.session)
    yield
    with unit_of_work(console.sessions) as work:
        changed = work.session.scalars(
            select(SettingVersion).where(SettingVersion.id > began).order_by(SettingVersion.id)
        )
        first = {}
        for one in changed:
            first.setdefault((one.kind, one.key), one.before)
        for (kind, key), before in first.items():
            put(work, kind, key, before)


def put(work: Work, kind: Kind, key: str, value: dict[str, object] | None) -> None:
    setting = Setting(kind, key)
    seen = stands(work, setting).seen
    change_setting(work, OwnWords(), setting, value, "the story wants it", seen)


def bounds(console: ConsoleHouse, code: str) -> tuple[int | None, int | None]:
    with unit_of_work(console.sessions) as work:
        item = work.get(ServiceItem, code)
        return item.least_price_fen, item.most_price_fen


def go(page: Page, name: str) -> None:
    follow(page.get_by_role("navigation", name="主要页面").get_by_role("link", name="设置"))
    follow(page.get_by_role("navigation", name="设置的种类").get_by_role("link", name=name))
    page.get_by_role("heading", name=name).wait_for()


def save(page: Page, why: str) -> None:
    page.get_by_role("button", name="看看改了什么").click()
    page.get_by_label("为什么改").fill(why)
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#file").get_by_role("status")).to_contain_text("已经保存")


# -- services ----------------------------------------------------------------------------------


def test_a_price_bound_is_changed_looked_at_and_undone(at_desk: Sit, console: ConsoleHouse) -> None:
    """The canteen asks 12 yuan for lunch; the city wants no more than 11, and thinks better."""
    page = at_desk("admin")
    go(page, "服务规定")
    page.get_by_role("button", name="午餐", exact=True).click()
    page.get_by_label("最高（元）").fill("0.5")
    page.get_by_role("button", name="看看改了什么").click()
    expect(page.get_by_role("alert")).to_contain_text("不能低过参考价")
    expect(page.get_by_label("最高（元）")).to_have_value("0.5")
    page.get_by_label("参考价").fill("10")
    page.get_by_label("最高（元）").fill("11")
    page.get_by_role("button", name="看看改了什么").click()
    difference = page.locator(".difference")
    expect(difference).to_contain_text("最高价")
    expect(difference.locator("ins").last).to_have_text("11 元")
    expect(page.locator("#file")).to_contain_text("莞城长者饭堂")
    assert bounds(console, "meal.lunch") == (None, None), "looked at is not saved"
    page.get_by_label("为什么改").fill("民政局 3 号文件")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").first).to_contain_text("已经保存")
    expect(page.locator("#settings")).to_contain_text("11 元")
    assert bounds(console, "meal.lunch") == (None, 1100)
    with (
        unit_of_work(console.sessions) as work,
        pytest.raises(DomainError, match="price_out_of_bounds"),
    ):
        offer_service(work, console.seeded.canteen, "meal.lunch", Terms(1200, 200, 120))

    follow(page.get_by_role("link", name="改动记录"))
    row = page.locator("#changes tbody tr").first
    expect(row).to_contain_text("钟管理")
    expect(row).to_contain_text("民政局 3 号文件")
    row.get_by_role("button").click()
    page.get_by_text("撤销这次改动").click()
    page.get_by_label("为什么撤销").fill("文件收回了")
    page.get_by_role("button", name="撤销", exact=True).click()
    expect(page.locator("#file").get_by_role("status")).to_contain_text("已经撤销")
    expect(page.locator("#changes tbody tr").first).to_contain_text("↩ 撤销")
    assert bounds(console, "meal.lunch") == (None, None)
    with unit_of_work(console.sessions) as work:
        kept = work.session.scalars(select(SettingVersion).order_by(SettingVersion.id)).all()[-2:]
        assert [one.why for one in kept] == ["民政局 3 号文件", "文件收回了"]
        assert kept[1].undoes_id == kept[0].id
        offer_service(work, console.seeded.canteen, "meal.lunch", Terms(1200, 200, 120))


def test_a_change_that_somebody_else_made_meanwhile_is_not_run_over(
    visit: Visit, console: ConsoleHouse
) -> None:
    desk = visit("admin")
    form = {"key": "night", "begins": "20:30", "ends": "08:30", "seen": "0", "sure": "1"}
    first = desk.post("/console/settings/quiet/one", why="一", **form)
    assert first.status_code == 422 and "为什么改" in first.text
    with unit_of_work(console.sessions) as work:
        seen = stands(work, Setting(Kind.QUIET, "night")).seen
        put(work, Kind.QUIET, "night", {"begins": "20:00", "ends": "08:00"})
    late = desk.post("/console/settings/quiet/one", why="天冷了", **{**form, "seen": str(seen)})
    assert late.status_code == 422 and "别人刚刚改过" in late.text
    with unit_of_work(console.sessions) as work:
        now = stands(work, Setting(Kind.QUIET, "night"))
        assert now.value == {"begins": "20:00", "ends": "08:00"}
    again = {**form, "seen": str(now.seen), "why": "天冷了"}
    assert desk.post("/console/settings/quiet/one", **again).status_code == 200
    assert desk.post("/console/settings/quiet/one", **again).status_code == 200
    with unit_of_work(console.sessions) as work:
        kept = work.session.scalar(
            select(func.count()).where(
                SettingVersion.kind == Kind.QUIET, SettingVersion.id > now.seen
            )
        )
        assert kept == 1, "the same form twice is one change"


# -- money -------------------------------------------------------------------------------------


def test_an_allowance_from_next_month_stands_beside_todays(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    page = at_desk("admin")
    go(page, "每月补贴")
    page.keyboard.press("n")
    page.get_by_label("能力等级").select_option("severe")
    page.get_by_label("每月（元）").fill("800")
    page.get_by_role("button", name="看看改了什么").click()
    expect(page.locator(".difference")).to_contain_text("所有补贴对象，重度失能")
    expect(page.locator(".difference ins")).to_have_text("每月 800 元")
    page.get_by_label("为什么改").fill("市里提高标准")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#settings tbody tr", has_text="每月 800 元")).to_contain_text("还没开始")
    with unit_of_work(console.sessions) as work:
        rows = work.session.scalars(
            select(AllowanceTable.monthly_fen).where(AllowanceTable.ability_level == "severe")
        ).all()
        assert sorted(rows) == [72000, 80000]


def test_quiet_hours_hold_for_the_next_call(at_desk: Sit, console: ConsoleHouse) -> None:
    page = at_desk("admin")
    go(page, "安静时段")
    page.get_by_role("button", name="晚上", exact=True).click()
    page.get_by_label("从", exact=True).fill("19:00")
    page.get_by_label("到", exact=True).fill("12:00")
    page.get_by_role("button", name="看看改了什么").click()
    expect(page.get_by_role("alert")).to_contain_text("05:00 到 10:00")
    page.get_by_label("到", exact=True).fill("09:00")
    save(page, "冬天老人睡得早")
    with unit_of_work(console.sessions) as work:
        evening = work.local_now.replace(hour=19, minute=30).astimezone(TIMEZONE)
        rings = not_before(Reason.NEWS, evening, quiet_hours(work))
        assert (rings.hour, rings.day != evening.day) == (9, True)


# -- words -------------------------------------------------------------------------------------

_message_ids = count(7_000_000)


def says(console: ConsoleHouse, text: str, openid: str) -> str:
    """A message to the running house, signed as WeChat signs it; the answer it gives at once."""
    stamp = str(int(time.time()))
    body = to_xml(
        {"ToUserName": "gh_1", "FromUserName": openid, "CreateTime": int(stamp),
         "MsgType": "text", "Content": text, "MsgId": next(_message_ids)}
    )  # fmt: skip
    query = {"timestamp": stamp, "nonce": "n1", "signature": signature(WECHAT_TOKEN, stamp, "n1")}
    sent = httpx.post(f"{console.url}/wechat", params=query, content=body.encode(), timeout=60)
    assert sent.status_code == 200
    return sent.text


def alarms(console: ConsoleHouse) -> int:
    with unit_of_work(console.sessions) as work:
        return work.session.scalar(select(func.max(Incident.id))) or 0


def is_heard(console: ConsoleHouse, text: str) -> bool:
    """Whether somebody new who says this raises an alarm."""
    before = alarms(console)
    says(console, text, f"o-bracelet-{next(_message_ids)}")
    return alarms(console) > before


def test_a_phrase_for_help_is_heard_in_the_next_message(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    """Their bracelets light up red; nobody but this town says so."""
    assert not is_heard(console, "我妈的手环亮红灯")
    page = at_desk("admin")
    go(page, "求助的话")
    page.get_by_role("button", name="加一句").click()
    page.get_by_label("听到这句话").fill("明天")
    page.get_by_role("button", name="看看改了什么").click()
    expect(page.get_by_role("alert")).to_contain_text("常常误报")
    page.get_by_label("听到这句话").fill("摔倒了")
    page.get_by_role("button", name="看看改了什么").click()
    expect(page.get_by_role("alert")).to_contain_text("已经听得懂")
    page.get_by_label("听到这句话").fill("手环亮红灯")
    page.get_by_label("马上报警").check()
    save(page, "镇里发了求助手环")
    expect(page.locator("#settings tbody tr")).to_contain_text("手环亮红灯")
    eventually(lambda: is_heard(console, "我妈的手环亮红灯"))  # every process looks each second
    page.get_by_role("button", name="不再听这句").click()
    page.get_by_label("为什么改").fill("手环收回了")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#settings")).to_contain_text("还没有自己加的话")
    eventually(lambda: not is_heard(console, "我妈的手环亮红灯"))
    assert is_heard(console, "快来人,我摔倒了起不来"), "what is shipped is always heard"


def test_words_are_changed_with_their_facts_looked_after(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    page = at_desk("admin")
    go(page, "说的话")
    page.get_by_label("里面有").fill("message_held")
    page.get_by_role("button", name="看", exact=True).click()
    page.locator("#settings .row").first.click()
    page.get_by_label("写给人看的").fill("请等等,{{ name }}。")
    page.get_by_role("button", name="看看改了什么").click()
    expect(page.get_by_role("alert")).to_contain_text("{{ name }}")
    page.get_by_label("写给人看的").fill("好嘞,记下啦,马上回您。急事打{{ hotline }}。")
    save(page, "更像本地人说话")
    expect(page.locator("#settings .row")).to_contain_text("改过")
    eventually(lambda: "好嘞" in held(console))
    page.get_by_role("button", name="改回自带的").click()
    page.get_by_label("为什么改").fill("领导说不像话")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#settings .row")).not_to_contain_text("改过")
    eventually(lambda: "您的话我记下了" in held(console))


def held(console: ConsoleHouse) -> str:
    """What somebody new is told whose words wait: Rasa is away in this house."""
    return says(console, "明天中午送份午饭", f"o-held-{next(_message_ids)}")


def telephones(console: ConsoleHouse) -> list[str]:
    """Who would be rung for a caller just now."""
    with unit_of_work(console.sessions) as work:
        return telephones_for(work, "a call of a stranger")


# -- people ------------------------------------------------------------------------------------


def test_somebody_locked_cannot_go_on(at_desk: Sit, visit: Visit, console: ConsoleHouse) -> None:
    page = at_desk("admin")
    follow(page.get_by_role("link", name="账号"))
    page.get_by_role("heading", name="控制台的人").wait_for()
    page.keyboard.press("n")
    page.get_by_label("登录名").fill("xiaoma")
    page.get_by_label("姓名").fill("小马")
    page.get_by_label("岗位").select_option("dispatcher")
    page.get_by_label("东城").check()
    page.get_by_role("button", name="加上，给一个密码").click()
    password = page.locator(".given code").inner_text()
    ma = visit()
    assert ma.sign_in("xiaoma", password).status_code == 302
    assert ma.http.get("/console/board").status_code == 200
    page.get_by_role("button", name="小马").click()
    page.on("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="锁住", exact=True).click()
    expect(page.locator("#file .case-head")).to_contain_text("锁住了")
    assert ma.http.get("/console/board").headers["location"].startswith("/console/sign-in")
    assert ma.sign_in("xiaoma", password).status_code == 401
    page.get_by_role("button", name="放开，让小马能登录").click()
    expect(page.locator("#file .case-head")).not_to_contain_text("锁住了")
    assert ma.http.get("/console/board").status_code == 302, "the old session stays closed"
    assert ma.sign_in("xiaoma", password).status_code == 302
    page.get_by_text("姓名、岗位、负责的地方").click()
    page.get_by_label("岗位").select_option("agent")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#users tbody tr", has_text="xiaoma")).to_contain_text("客服")
    assert ma.http.get("/console/board").status_code == 403
    page.get_by_label("座机").fill("0012125550100")
    page.get_by_role("button", name="记下").click()
    expect(page.locator("#file").get_by_role("alert")).to_contain_text("不能是国外的号码")
    page.get_by_label("座机").fill("8001")
    page.get_by_role("button", name="记下").click()
    expect(page.locator("#file").get_by_role("alert")).to_have_count(0)  # kept, not only typed
    expect(page.get_by_label("座机")).to_have_value("8001")
    assert telephones(console) == []
    with ma.http.stream("GET", "/console/feed") as centre:  # as an open page of theirs does
        next(centre.iter_text())
        assert telephones(console) == ["8001"]
    page.get_by_role("button", name="给一个新密码").click()
    page.locator(".given code").wait_for()
    assert ma.http.get("/console/centre").status_code == 302
    assert ma.sign_in("xiaoma", password).status_code == 401
    follow(page.get_by_role("link", name="登录记录", exact=True))
    first = page.locator("tbody tr").first
    expect(first).to_contain_text("小马")
    expect(first).to_contain_text("密码不对")
    with unit_of_work(console.sessions) as work:
        work.session.execute(
            update(ConsoleUser).where(ConsoleUser.login == "xiaoma").values(is_active=False)
        )


def test_nobody_locks_themselves_out(visit: Visit) -> None:
    admin = visit("admin")
    for what in ("lock", "password"):
        refused = admin.post(f"/console/users/admin/{what}")
        assert refused.status_code == 422 and "另一位管理员" in refused.text
    form = {"name": "钟管理", "role": "agent"}
    assert admin.post("/console/users/admin", **form).status_code == 422
    assert admin.http.get("/console/users").status_code == 200


def test_an_address_that_goes_through_names_is_shut_out_and_let_in_again(
    at_desk: Sit, visit: Visit, console: ConsoleHouse
) -> None:
    thief = visit()
    thief.http.headers["X-Forwarded-For"] = "10.9.9.9, 203.0.113.9"
    for number in range(MOST_TRIES_OF_ADDRESS - 1):
        assert thief.sign_in(f"nobody{number}", "the same for all").status_code == 401
    assert thief.sign_in("nobody", "the same for all").status_code == 429
    assert thief.sign_in("hexiang").status_code == 429, "not even with the right password"
    assert visit("hexiang").http.get("/console/board").status_code == 200, "from elsewhere"
    page = at_desk("admin")
    follow(page.get_by_role("link", name="账号"))
    expect(page.locator("#users")).to_contain_text("203.0.113.9")
    follow(page.get_by_role("link", name="登录记录", exact=True))
    page.get_by_role("button", name="现在就放开").click()
    expect(page.get_by_role("button", name="现在就放开")).to_have_count(0)
    assert thief.sign_in("hexiang").status_code == 302
    with unit_of_work(console.sessions) as work:
        row = work.get(AddressTries, "203.0.113.9")
        assert row.shut_until is None
