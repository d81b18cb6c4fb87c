"""Notices carry links to the page that says more, each for the one it is sent to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from redis import Redis

from backend.db.databases import Addresses
from backend.jobs.delivery import Letter
from bot.channel import PAGES, WeChatChannel
from bot.client import WeChatClient
from bot.settings import WeChatSettings
from bot.xml import TEXT_LIMIT_BYTES
from nlu.prompts import render_notice
from tests.bot.pages.conftest import BEFORE_LUNCH, PagesHouse
from tests.bot.pages.happenings import lunch_for
from tests.standin.wechat import Phone

Browse = Callable[[Phone], httpx.Client]


@pytest.fixture
def channel(pages: PagesHouse, addresses: Addresses) -> WeChatChannel:
    settings = WeChatSettings(**pages.wechat.settings(), templates={"order_changed": "tpl-changed"})
    pages.wechat.add_template("tpl-changed")
    client = WeChatClient(settings, Redis.from_url(addresses.redis_url))
    return WeChatChannel(client, settings, pages.links)


def letter(phone: Phone, kind: str, **data: Any) -> Letter:
    key = f"n-{kind}-{phone.openid}"
    return Letter(key, "wechat", phone.openid, kind, data, BEFORE_LUNCH, False)


def test_a_notice_leads_to_the_order(
    pages: PagesHouse, channel: WeChatChannel, browse: Browse
) -> None:
    elder = pages.seeded.elders["李桂兰"][0]
    order, phone = lunch_for(pages, elder), pages.family("王芳", elder)
    pages.wechat.account.users.open_by_message(pages.wechat.account.users.get(phone.openid))
    channel.deliver(letter(phone, "order_changed", order_id=order, item="午餐", number="100001"))
    (message,) = phone.inbox()
    link = re.search(r'<a href="([^"]+)">', message.text)
    assert link is not None
    assert browse(phone).get(link[1]).url.path == f"/m/orders/{order}"
    assert browse(pages.wechat.phone("路人")).get(link[1]).status_code == 403


def test_by_template_the_whole_card_leads_there(pages: PagesHouse, channel: WeChatChannel) -> None:
    phone = pages.family("赵军", pages.seeded.elders["李桂兰"][1])  # has not written: no window
    channel.deliver(letter(phone, "order_changed", order_id=7, item="午餐", number="100001"))
    (message,) = phone.inbox()
    assert message.via == "template"
    assert message.url is not None
    assert "/m/e/" in message.url


def test_a_long_notice_is_cut_before_its_link(pages: PagesHouse, channel: WeChatChannel) -> None:
    phone = pages.family("王芳", pages.seeded.elders["李桂兰"][0])
    pages.wechat.account.users.open_by_message(pages.wechat.account.users.get(phone.openid))
    data = {"order_id": 7, "item": "午" * 900, "number": "100001"}
    channel.deliver(letter(phone, "order_accepted", **data))
    (message,) = phone.inbox()
    assert len(message.text.encode()) <= TEXT_LIMIT_BYTES
    assert message.text.endswith("</a>")


def test_every_notice_with_a_page_is_one_that_we_send() -> None:
    for kind in PAGES:
        assert render_notice(kind, {"order_id": 1}).text
