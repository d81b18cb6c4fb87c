"""The address behind a QR of ours."""

from collections.abc import Iterator

import pytest

from bot.client import WeChatClient
from bot.scan import scanner
from bot.settings import WeChatSettings
from tests.standin.wechat import WeChatStandIn


@pytest.fixture
def wechat() -> Iterator[WeChatStandIn]:
    with WeChatStandIn() as running:
        yield running


@pytest.fixture
def settings(wechat: WeChatStandIn) -> WeChatSettings:
    return WeChatSettings(**wechat.settings())


@pytest.fixture
def client(settings: WeChatSettings) -> Iterator[WeChatClient]:
    made = WeChatClient(settings, sleep=lambda _: None)
    yield made
    made.close()


def test_wechat_says_what_the_picture_holds(client: WeChatClient, settings: WeChatSettings) -> None:
    assert (scanner(client, settings)("4829130571", 600) or "").startswith(
        "http://weixin.qq.com/q/"
    )


def test_without_wechat_there_is_no_picture_and_no_failure(
    client: WeChatClient, settings: WeChatSettings, wechat: WeChatStandIn
) -> None:
    assert scanner(client, WeChatSettings(api_base_url=wechat.base_url))("482913", 600) is None
    wechat.fail("/cgi-bin/qrcode/create", errcode=45009)
    assert scanner(client, settings)("482913", 600) is None
