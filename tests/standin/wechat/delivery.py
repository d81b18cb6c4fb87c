"""What people do on their phones, pushed to the bot's callback as WeChat pushes it.

https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_standard_messages.html:
if no answer comes within five seconds, the connection is cut and the message is sent again.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

import httpx
import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from tests.standin.wechat import limits
from tests.standin.wechat.refusal import Refused
from tests.standin.wechat.users import User, Users

OUT_OF_ORDER = "该公众号提供的服务出现故障，请稍后再试"


@dataclass(frozen=True)
class Try:
    """One connection to the callback and what came of it."""

    number: int
    status: int
    """HTTP status; 0 when there was no answer in time."""
    ms: float
    reply: str | None
    error: str | None = None


def to_xml(fields: dict[str, Any]) -> str:
    """WeChat's flat XML: numbers bare, words in CDATA."""
    parts = []
    for name, value in fields.items():
        if value is None:
            continue
        text = str(value)
        if not isinstance(value, (int, float)):
            text = "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
        parts.append(f"<{name}>{text}</{name}>")
    return f"<xml>{''.join(parts)}</xml>"


def signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


class Delivery:
    """Pushes signed callbacks, again when they go unanswered, and shows the passive replies."""

    def __init__(
        self,
        users: Users,
        *,
        app_id: str,
        token: str,
        aes_key: str | None,
        callback: str | None,
        account: str = "gh_yinling00001",
        cut_after_s: float = 5.0,
        retries: int = 3,
        retry_pause_s: float = 0.2,
    ) -> None:
        self._users = users
        self._app_id, self._token, self.account = app_id, token, account
        self.callback = callback
        self.aes_key = aes_key
        self.cut_after_s, self.retries, self.retry_pause_s = cut_after_s, retries, retry_pause_s
        self._ids = itertools.count(int(time.time() * 1000) * 1_000_000)
        self._http = httpx.Client(
            trust_env=False,
            verify=False,
            limits=httpx.Limits(max_connections=None, keepalive_expiry=2),
        )
        self._turns = itertools.count()
        self._closed = False

    def _address(self) -> str:
        """The callback; of several (``a,b``: the web processes behind one address) the next."""
        addresses = (self.callback or "").split(",")
        return addresses[next(self._turns) % len(addresses)]

    def close(self) -> None:
        self._closed = True
        self._http.close()

    def new_id(self) -> int:
        return next(self._ids)

    # -- as the phone does it --------------------------------------------------------------

    def message(self, user: User, kind: str, **fields: Any) -> dict[str, Any]:
        """The XML fields of a message from ``user``."""
        return {
            "ToUserName": self.account,
            "FromUserName": user.openid,
            "CreateTime": int(time.time()),
            "MsgType": kind,
            **fields,
            "MsgId": fields.get("MsgId") or self.new_id(),
        }

    def event(self, user: User, event: str, **fields: Any) -> dict[str, Any]:
        """The XML fields of an event about ``user``."""
        return {
            "ToUserName": self.account,
            "FromUserName": user.openid,
            "CreateTime": int(time.time()),
            "MsgType": "event",
            "Event": event,
            **fields,
        }

    def push(
        self, user: User, fields: dict[str, Any], *, copies: int = 1, wait: bool = True
    ) -> list[dict[str, Any]]:
        """Delivers ``fields`` ``copies`` times at once. Returns every try of every copy, or
        nothing when not waiting."""
        if self.callback is None:
            raise Refused(48001, "no callback is configured")
        xml = to_xml(fields)
        gate = threading.Barrier(copies)
        tries: list[Try] = []

        def run() -> None:
            tries.extend(self._deliver(user, xml, gate))

        if wait and copies == 1:
            run()
        else:
            threads = [threading.Thread(target=run, daemon=True) for _ in range(copies)]
            for thread in threads:
                thread.start()
            for thread in threads if wait else []:
                thread.join()
        return [asdict(each) for each in tries] if wait else []

    def verify_url(self) -> bool:
        """WeChat's visit when the address is entered in its settings: the echo must come back."""
        echo = secrets.token_hex(10)
        answer = self._http.get(
            self._address(), params={**self._query(), "echostr": echo}, timeout=5
        )
        return answer.status_code == 200 and answer.text == echo

    # -- the wire --------------------------------------------------------------------------

    def _query(self) -> dict[str, str]:
        timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**10))
        return {
            "signature": signature(self._token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
        }

    def signed(self, user: User, xml: str) -> tuple[dict[str, str], str]:
        """The query and body of a callback, in plain or safe mode."""
        query = {**self._query(), "openid": user.openid}
        if not self.aes_key:
            return query, xml
        sealed = xmltodict.parse(
            self._crypto().encrypt_message(xml, query["nonce"], query["timestamp"])
        )["xml"]
        query |= {"encrypt_type": "aes", "msg_signature": sealed["MsgSignature"]}
        body = to_xml({"ToUserName": self.account, "Encrypt": sealed["Encrypt"]})
        return query, body

    def _crypto(self) -> WeChatCrypto:
        return WeChatCrypto(self._token, self.aes_key, self._app_id)

    def _deliver(self, user: User, xml: str, gate: threading.Barrier) -> list[Try]:
        tries: list[Try] = []
        for number in range(1, self.retries + 2):
            query, body = self.signed(user, xml)
            if number == 1:
                gate.wait()  # copies leave together
            began = time.monotonic()
            try:
                answer = self._http.post(
                    self._address(),
                    params=query,
                    content=body.encode(),
                    headers={"Content-Type": "text/xml"},
                    timeout=self.cut_after_s,
                )
            except httpx.HTTPError as trouble:
                ms = (time.monotonic() - began) * 1000
                tries.append(Try(number, 0, ms, None, type(trouble).__name__))
                if self._closed:
                    return tries
                if number <= self.retries:
                    time.sleep(self.retry_pause_s)
                continue
            ms = (time.monotonic() - began) * 1000
            tries.append(self._take(user, answer, number, ms))
            return tries
        self._users.show(user, "system", msgtype="text", text=OUT_OF_ORDER)
        return tries

    def _take(self, user: User, answer: httpx.Response, number: int, ms: float) -> Try:
        try:
            reply = self._read_reply(user, answer)
        except Exception as trouble:
            self._users.show(user, "system", msgtype="text", text=OUT_OF_ORDER)
            return Try(number, answer.status_code, ms, None, repr(trouble))
        if reply is not None:
            self._users.show(user, "reply", msgtype="text", text=reply)
        return Try(number, answer.status_code, ms, reply)

    def _read_reply(self, user: User, answer: httpx.Response) -> str | None:
        """The text of a passive reply; None for ``success`` and for nothing."""
        if answer.status_code != 200:
            raise ValueError(f"HTTP {answer.status_code}")
        body = answer.content.decode("utf-8")
        if body.strip() in ("", "success"):
            return None
        reply = xmltodict.parse(body)["xml"]
        if self.aes_key:
            inner = self._crypto().decrypt_message(
                reply, reply["MsgSignature"], reply["TimeStamp"], reply["Nonce"]
            )
            reply = xmltodict.parse(inner)["xml"]
        if (reply["ToUserName"], reply["FromUserName"]) != (user.openid, self.account):
            raise ValueError(f"a reply to {quoteattr(str(reply['ToUserName']))}")
        if reply["MsgType"] != "text":
            raise ValueError(f"a reply of type {reply['MsgType']}")
        int(reply["CreateTime"])
        return limits.check_text(reply["Content"])
