"""What we ask of WeChat.

A client of our own for the ten calls we need, on httpx. wechatpy's would do but for four things:
a lasting 40001 makes it call itself without end; its token address is fixed in the code and is
fetched without a timeout; it keeps the token's age per process; and it knows neither
``stable_token`` nor ``client_msg_id``. Every address here begins with the settings' base, so a
stand-in takes WeChat's place by one setting.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from redis import Redis

from bot.api import WeChatApi, json_of
from bot.errors import TransportError
from bot.memory import SharedMemory
from bot.settings import WeChatSettings
from bot.token import AccessTokens
from bot.xml import TEXT_LIMIT_BYTES

MEDIA_LIMIT_BYTES = 10 * 1024 * 1024
SENT_MEMORY_S = 600
QR_LONGEST_S = 30 * 86400


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code with a scene. ``url`` is what it says, ``picture_url`` an image of it."""

    ticket: str
    url: str
    picture_url: str
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class UserInfo:
    """What WeChat tells about a person (no name and no picture since 2021). ``subscribed`` False:
    they do not follow us, and the rest is empty."""

    openid: str
    subscribed: bool
    unionid: str | None = None
    language: str | None = None
    subscribed_at: datetime | None = None
    scene: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A downloaded medium. A video comes as ``video_url`` with empty ``content``."""

    content: bytes
    content_type: str
    filename: str | None = None
    video_url: str | None = None


class WeChatClient:
    """WeChat's interfaces for one account. Safe to share between threads; make one per process.

    Every method raises :class:`TransportError`. A call is tried again at once only where that
    helps: WeChat is busy (-1), or the request cannot have arrived, or doing it twice is the same
    as once; at most twice, with short pauses. A refused token is replaced once per call.
    """

    def __init__(
        self,
        settings: WeChatSettings,
        redis: Redis[Any] | None = None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._memory = SharedMemory(redis)
        self._api = WeChatApi(settings, self._memory, clock, sleep)

    @property
    def tokens(self) -> AccessTokens:
        """The account's access token."""
        return self._api.tokens

    def close(self) -> None:
        self._api.close()

    # -- messages --------------------------------------------------------------------------

    def send_text(self, openid: str, text: str, client_msg_id: str | None = None) -> None:
        """A customer-service text (客服消息): at most 2048 bytes of UTF-8, and only while the
        person's window is open.

        WeChat has no client_msg_id here. With one given, a text that WeChat has confirmed is
        remembered in Redis for ten minutes and not sent again, so that a sender that dies before
        its own mark does not repeat itself.
        """
        self._customer(openid, "text", {"content": _fitting(text)}, client_msg_id)

    def send_menu_choice(
        self,
        openid: str,
        head: str,
        choices: Sequence[tuple[str, str]],
        tail: str = "",
        client_msg_id: str | None = None,
    ) -> None:
        """A menu message (菜单消息, msgmenu): ``choices`` are (id, words) to tap on. A tap comes
        back as a text with the words and the id (``Incoming.menu_id``), but opens the window only
        like a menu click: three messages within a minute. Only for verified service accounts
        (40200 otherwise)."""
        _fitting("\n".join((head, *(words for _, words in choices), tail)))
        menu = {
            "head_content": head,
            "list": [{"id": choice, "content": words} for choice, words in choices],
            "tail_content": tail,
        }
        self._customer(openid, "msgmenu", menu, client_msg_id)

    def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        url: str | None = None,
        client_msg_id: str | None = None,
    ) -> str:
        """A template message (模板消息), possible without any window. Returns WeChat's msgid,
        which TEMPLATESENDJOBFINISH reports on. For one openid and client_msg_id WeChat itself
        shows only one message in ten minutes, so this call may be repeated."""
        message: dict[str, Any] = {
            "touser": openid,
            "template_id": template_id,
            "data": {name: {"value": value} for name, value in data.items()},
        }
        if url:
            message["url"] = url
        if client_msg_id:
            message["client_msg_id"] = client_msg_id
        answer = self._api.post(
            "/cgi-bin/message/template/send", message, repeatable=client_msg_id is not None
        )
        return str(answer.get("msgid", ""))

    # -- the account -----------------------------------------------------------------------

    def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Puts ``menu`` (WeChat's own JSON: ``{"button": [...]}``) under the chat."""
        self._api.post("/cgi-bin/menu/create", menu)

    def create_qr(self, scene: str, ttl_s: int = QR_LONGEST_S) -> QrCode:
        """A temporary QR code; who scans it follows (or already does) with ``scene`` (1 to 64
        characters). ``ttl_s``: at most 30 days."""
        wish = {
            "expire_seconds": min(ttl_s, QR_LONGEST_S),
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": scene}},
        }
        answer = self._api.post("/cgi-bin/qrcode/create", wish)
        ticket = str(answer["ticket"])
        return QrCode(
            ticket,
            str(answer["url"]),
            f"{self._settings.mp_base}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}",
            int(answer.get("expire_seconds", wish["expire_seconds"])),
        )

    def user_info(self, openid: str) -> UserInfo:
        answer = self._api.get("/cgi-bin/user/info", {"openid": openid, "lang": "zh_CN"})
        if not answer.get("subscribe"):
            return UserInfo(openid, False)
        since = answer.get("subscribe_time")
        return UserInfo(
            openid,
            True,
            answer.get("unionid"),
            answer.get("language"),
            datetime.fromtimestamp(since, UTC) if since else None,
            answer.get("qr_scene_str") or None,
        )

    def download_media(self, media_id: str) -> Media:
        """A medium that a person sent, at most 10 MB; WeChat keeps it three days."""
        response = self._api.call("GET", "/cgi-bin/media/get", params={"media_id": media_id})
        content_type = response.headers.get("content-type", "").partition(";")[0]
        if "json" in content_type or content_type == "text/plain":
            return Media(b"", "video/mp4", None, str(json_of(response).get("video_url") or ""))
        if len(response.content) > MEDIA_LIMIT_BYTES:
            raise TransportError(0, "the medium is larger than 10 MB", kind="bad_content")
        named = re.search(r'filename="?([^";]+)', response.headers.get("content-disposition", ""))
        return Media(response.content, content_type, named[1] if named else None)

    # -- who is it: pages in WeChat's browser ------------------------------------------------

    def oauth_url(self, redirect_url: str, state: str) -> str:
        """Where to send a browser so that it comes back to ``redirect_url`` with ``code`` and
        ``state``, silently (snsapi_base). WeChat minds the order of the parameters."""
        query = urlencode(
            {
                "appid": self._settings.app_id,
                "redirect_uri": redirect_url,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
            }
        )
        return f"{self._settings.oauth_base}/connect/oauth2/authorize?{query}#wechat_redirect"

    def exchange_code(self, code: str) -> str:
        """The openid behind an OAuth code; the code works once, for five minutes."""
        query = {
            "appid": self._settings.app_id,
            "secret": self._settings.app_secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        path = "/sns/oauth2/access_token"
        # Not repeatable: a code whose answer got lost is used up.
        answer = json_of(self._api.call_without_token("GET", path, params=query, repeatable=False))
        return str(answer["openid"])

    # -- inside ----------------------------------------------------------------------------

    def _customer(
        self, openid: str, kind: str, part: Mapping[str, Any], client_msg_id: str | None
    ) -> None:
        key = f"yinling:wechat:sent:{openid}:{client_msg_id}" if client_msg_id else None
        if key and self._memory.get(key):
            return
        message = {"touser": openid, "msgtype": kind, kind: part}
        self._api.post("/cgi-bin/message/custom/send", message, repeatable=False)
        if key:
            self._memory.keep(key, "1", SENT_MEMORY_S)


def _fitting(text: str) -> str:
    if not text.strip():
        raise TransportError(44004, "an empty message")
    if len(text.encode()) > TEXT_LIMIT_BYTES:
        raise TransportError(45002, f"a message of more than {TEXT_LIMIT_BYTES} bytes")
    return text
