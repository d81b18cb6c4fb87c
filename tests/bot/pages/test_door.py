"""Who may open which page: WeChat says who is there, links are for one person, forms are ours."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from bot.pages.links import LinkBad, LinkExpired, Links, whose
from tests.bot.pages.conftest import PagesHouse
from tests.bot.pages.happenings import lunch_for
from tests.standin.wechat import Phone

Browse = Callable[[Phone], httpx.Client]


@pytest.fixture
def two_mothers(pages: PagesHouse) -> tuple[int, int]:
    """李桂兰 of 莞城 and her namesake of 东城."""
    here, there = pages.seeded.elders["李桂兰"]
    return here, there


def test_the_menu_opens_the_day_of_whoever_is_there(
    pages: PagesHouse, two_mothers: tuple[int, int], browse: Browse
) -> None:
    wang_fang = pages.family("王芳", two_mothers[0])
    shown = browse(wang_fang).get("/m/day")
    assert shown.status_code == 200
    assert shown.url.path == "/m/day"
    assert "李桂兰" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in shown.headers["Content-Security-Policy"]


def test_a_link_shows_its_page_to_whom_it_was_sent(
    pages: PagesHouse, two_mothers: tuple[int, int], browse: Browse
) -> None:
    phone, order = pages.family("王芳", two_mothers[0]), lunch_for(pages, two_mothers[0])
    shown = browse(phone).get(pages.links.to(phone.openid, f"/m/orders/{order}"))
    assert shown.status_code == 200
    assert shown.url.path == f"/m/orders/{order}"


def test_a_link_shows_nothing_to_another_account(
    pages: PagesHouse, two_mothers: tuple[int, int], browse: Browse
) -> None:
    hers, order = pages.family("王芳", two_mothers[0]), lunch_for(pages, two_mothers[0])
    link = pages.links.to(hers.openid, f"/m/orders/{order}")
    for other in (pages.wechat.phone("路人"), pages.family("赵军", two_mothers[0])):
        browser = browse(other)
        shown = browser.get(link)
        assert shown.status_code == 403
        assert "李桂兰" not in shown.text
        # Nor once it is known who that is: asked anew with each link.
        browser.get("/m/day")
        assert browser.get(link).status_code == 403


def test_links_grow_old_and_cannot_be_made_up() -> None:
    links = Links("http://x", "a secret", 60)
    token = links.to("o1", "/m/orders/1").rsplit("/", 1)[1]
    assert links.open(token).whose == whose("o1")
    with pytest.raises(LinkBad):
        Links("http://x", "another secret", 60).open(token)
    with pytest.raises(LinkBad):
        links.open(token[:-2])
    with pytest.raises(LinkExpired):
        Links("http://x", "a secret", -1).open(token)
    assert "o1" not in token


def test_a_way_back_that_we_did_not_ask_for_leads_nowhere(
    pages: PagesHouse, two_mothers: tuple[int, int], browse: Browse
) -> None:
    """Somebody sends their own way back to another: it must not make that one them."""
    phone = pages.family("王芳", two_mothers[0])
    with httpx.Client(base_url=pages.url, trust_env=False) as mine:
        asked = mine.get("/m/day")
        back = phone.authorise(asked.headers["location"].removesuffix("#wechat_redirect"))
    victim = browse(pages.wechat.phone("路人"))
    assert victim.get(back).status_code == 400
    assert "yinling_pages" not in victim.cookies


def test_a_code_that_is_used_up_lets_nobody_in(
    pages: PagesHouse, two_mothers: tuple[int, int]
) -> None:
    phone = pages.family("王芳", two_mothers[0])
    with httpx.Client(base_url=pages.url, trust_env=False) as mine:
        asked = mine.get("/m/day")
        back = phone.authorise(asked.headers["location"].removesuffix("#wechat_redirect"))
        pages.wechat.account.tokens.spend_code(httpx.URL(back).params["code"])
        assert mine.get(back).status_code == 502
        assert "yinling_pages" not in mine.cookies


def test_other_elders_and_their_orders_do_not_exist(
    pages: PagesHouse, two_mothers: tuple[int, int], browse: Browse
) -> None:
    here, there = two_mothers
    mine, hers = pages.family("王芳", here), lunch_for(pages, there)
    browser = browse(mine)
    assert browser.get(f"/m/orders/{hers}").status_code == 404
    assert browser.get("/m/day", params={"elder": there}).status_code == 404
    assert browser.get(f"/m/order/{there}/meal.lunch").status_code == 422
    assert browser.get("/m/jobs/").status_code == 404
    assert browser.get(f"/m/orders/{hers}/photo").status_code == 404


def test_a_stranger_is_told_how_to_bind(pages: PagesHouse, browse: Browse) -> None:
    browser = browse(pages.wechat.phone("路人"))
    for path in ("/m/", "/m/day", "/m/menu", "/m/services", "/m/kept/"):
        shown = browser.get(path)
        assert shown.status_code == 200, path
    assert "绑定码" in browser.get("/m/day").text


def test_a_form_needs_our_key(
    pages: PagesHouse, two_mothers: tuple[int, int], browse: Browse
) -> None:
    order = lunch_for(pages, two_mothers[0])
    browser = browse(pages.family("王芳", two_mothers[0]))
    path = f"/m/orders/{order}/cancel"
    assert browser.post(path, data={"tap": "a" * 16}).status_code == 401
    shown = browser.get(f"/m/orders/{order}").text
    key = re.search(r'name="form_key" value="([^"]+)"', shown)
    assert key is not None
    form = {"tap": "a" * 16, "form_key": key[1]}
    assert browser.post(path, data={**form, "form_key": "x"}).status_code == 400
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post(path, data=form, headers=elsewhere).status_code == 400
    assert browser.post(path, data={**form, "tap": ""}).status_code == 400
    assert browser.post(path, data=form).status_code == 200  # led to the order, now cancelled
    assert "已经取消" in browser.get(f"/m/orders/{order}").text


def test_files_are_ours_only_and_small(pages: PagesHouse) -> None:
    with httpx.Client(base_url=pages.url, trust_env=False) as browser:
        assert browser.get("/m/static/htmx.min.js").status_code == 404
        sent = browser.get("/m/static/weui.min.css")
        assert sent.status_code == 200
        assert int(sent.headers["Content-Length"]) < 60_000  # packed
