"""A worker's day on her telephone, with and without a signal."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from backend.db.models import Address, Order, OrderEvent, Tap, Visit, VisitPhoto
from backend.domain.orders import OrderState
from backend.services.unit_of_work import unit_of_work
from tests.bot.pages.conftest import PagesHouse
from tests.bot.pages.happenings import job_of_somebody
from tests.bot.pages.looking import look
from tests.browser import follow

InWeChat = Callable[..., Page]


@pytest.fixture
def elder(pages: PagesHouse) -> int:
    return pages.seeded.elders["陈惠芳"][0]


def state(pages: PagesHouse, order_id: int) -> OrderState:
    with unit_of_work(pages.sessions) as work:
        return work.get(Order, order_id).state


def a_photo() -> bytes:
    """A large picture that says where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = "somebody's telephone"
    written = io.BytesIO()
    Image.new("RGB", (3000, 2000), "teal").save(written, "JPEG", exif=exif)
    return written.getvalue()


def test_a_day_from_the_offer_to_the_earnings(
    pages: PagesHouse, elder: int, in_wechat: InWeChat, screens: Path | None, tmp_path: Path
) -> None:
    order_id, offer, phone = job_of_somebody(pages, elder, note="先打电话")
    page = in_wechat(phone)
    page.goto(f"{pages.url}/m/")
    expect(page.get_by_text("等您回复")).to_be_visible()
    look(page, screens, "pages-jobs")
    follow(page.locator(f'a[href="/m/jobs/{order_id}"]'))
    # Before she has said yes, a surname and a quarter are all she learns.
    expect(page.locator("dl")).not_to_contain_text("陈惠芳")
    expect(page.locator("dl")).to_contain_text("先打电话")
    look(page, screens, "pages-offer")
    follow(page.get_by_role("button", name="接单"))
    expect(page.locator("dl")).to_contain_text("陈惠芳")
    follow(page.get_by_role("button", name="出发"))
    expect(page.locator(".head")).to_contain_text("在路上")
    look(page, screens, "pages-job")

    page.get_by_label("服务码").fill(wrong_code(pages, order_id))
    page.get_by_role("button", name="用服务码签到").click()
    expect(page.locator("#said")).to_contain_text("还可以试 4 次")
    with unit_of_work(pages.sessions) as work:
        assert work.get(Visit, order_id).wrong_codes == 1
        code = work.get(Order, order_id).visit_code
    page.reload()
    page.get_by_label("服务码").fill(code)
    follow(page.get_by_role("button", name="用服务码签到"))
    expect(page.locator(".head")).to_contain_text("服务中")

    picture = tmp_path / "table.jpg"
    picture.write_bytes(a_photo())
    page.get_by_label("做了什么").fill("放在桌上了")
    page.get_by_label("照片").set_input_files(picture)
    look(page, screens, "pages-finish")
    follow(page.get_by_role("button", name="做完了"))
    expect(page.locator(".head")).to_contain_text("已完成")
    expect(page.locator("img.photo")).to_be_visible()
    with unit_of_work(pages.sessions) as work:
        kept = work.get(VisitPhoto, order_id).jpeg
        assert len(kept) < 400 * 1024
        with Image.open(io.BytesIO(kept)) as seen:
            assert max(seen.size) == 1280
            assert not seen.getexif()
        earned = work.get(Order, order_id).total_fen
        assert work.get(Visit, order_id).check_out_note == "放在桌上了"

    son = in_wechat(pages.family("刘伟明", elder, relation="son"), color_scheme="dark")
    son.goto(f"{pages.url}/m/orders/{order_id}")
    expect(son.get_by_alt_text("服务人员拍的照片")).to_be_visible()
    expect(son.get_by_text("放在桌上了")).to_be_visible()
    look(son, screens, "pages-order-dark")

    follow(page.get_by_role("link", name="收入"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{earned // 100}")
    look(page, screens, "pages-earnings")


def wrong_code(pages: PagesHouse, order_id: int) -> str:
    with unit_of_work(pages.sessions) as work:
        right = work.get(Order, order_id).visit_code
    return f"{(int(right) + 1) % 10_000:04d}"


def test_at_the_door_by_the_telephones_place(
    pages: PagesHouse, elder: int, in_wechat: InWeChat
) -> None:
    order_id, _, phone = job_of_somebody(pages, elder)
    with unit_of_work(pages.sessions) as work:
        home = work.session.get_one(Address, work.get(Order, order_id).address_id)
        # What a satellite would say there: some 500 m from what the map calls the place.
        lat, lon = home.lat + 0.0027, home.lon - 0.0051
    page = in_wechat(phone, permissions=["geolocation"])
    far = {"latitude": lat + 0.05, "longitude": lon}
    page.context.set_geolocation(far)  # type: ignore[arg-type]
    page.goto(f"{pages.url}/m/jobs/{order_id}")
    follow(page.get_by_role("button", name="接单"))
    page.get_by_role("button", name="用位置签到").click()
    expect(page.locator("#said")).to_contain_text("米")
    page.context.set_geolocation({"latitude": lat, "longitude": lon})
    page.reload()
    page.get_by_role("button", name="用位置签到").click()
    expect(page.locator(".head")).to_contain_text("服务中")
    with unit_of_work(pages.sessions) as work:
        visit = work.get(Visit, order_id)
        assert visit.check_in_proof == "place"
        assert visit.check_in_distance_m is not None
        assert visit.check_in_distance_m < 120


def test_taps_without_a_signal_are_kept_and_sent_once(
    pages: PagesHouse, elder: int, in_wechat: InWeChat, screens: Path | None
) -> None:
    order_id, _, phone = job_of_somebody(pages, elder)
    page = in_wechat(phone, color_scheme="dark")
    page.goto(f"{pages.url}/m/jobs/{order_id}")
    follow(page.get_by_role("button", name="接单"))
    expect(page.get_by_role("button", name="出发")).to_be_visible()

    page.context.set_offline(True)
    page.get_by_role("button", name="出发").click()
    expect(page.locator("#unsent")).to_contain_text("已记下 1 步")
    look(page, screens, "pages-no-signal")
    assert state(pages, order_id) is OrderState.ACCEPTED
    page.get_by_role("button", name="出发").click()  # impatient
    expect(page.locator("#unsent")).to_contain_text("已记下 1 步")
    page.context.set_offline(False)
    expect(page.locator(".head")).to_contain_text("在路上")
    with unit_of_work(pages.sessions) as work:
        moves = work.session.scalar(
            select(func.count()).where(OrderEvent.order_id == order_id, OrderEvent.move == "depart")
        )
        assert moves == 1


def test_an_answer_that_got_lost_does_the_thing_once(
    pages: PagesHouse, elder: int, in_wechat: InWeChat
) -> None:
    """The tap arrives, its answer does not: the telephone sends it again."""
    order_id, _, phone = job_of_somebody(pages, elder)
    page = in_wechat(phone)
    page.goto(f"{pages.url}/m/jobs/{order_id}")
    page.route("**/accept", lambda route: (route.fetch(), route.abort("connectionreset")), times=1)
    page.get_by_role("button", name="接单").click()
    expect(page.get_by_role("button", name="出发")).to_be_visible()
    with unit_of_work(pages.sessions) as work:
        account = pages.account(phone.openid)
        kept = select(func.count()).where(
            Tap.account_id == account, Tap.leads_to.contains(f"{order_id}")
        )
        assert work.session.scalar(kept) == 1


def test_a_declined_offer_is_gone(pages: PagesHouse, elder: int, in_wechat: InWeChat) -> None:
    order_id, offer, phone = job_of_somebody(pages, elder)
    page = in_wechat(phone)
    page.goto(f"{pages.url}/m/jobs/{order_id}")
    page.get_by_text("不接", exact=True).click()
    page.get_by_label("为什么").fill("太远")
    follow(page.get_by_role("button", name="确认不接"))
    page.wait_for_url("**/m/jobs/")
    expect(page.locator(f'a[href="/m/jobs/{order_id}"]')).to_have_count(0)
    assert state(pages, order_id) is OrderState.PLACED
