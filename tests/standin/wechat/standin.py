"""The stand-in, running in a thread of the caller's process."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Self

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.standin.wechat.faults import Fault
from tests.standin.wechat.phone import Phone
from tests.standin.wechat.server import Account, build_app


class _Quiet(WSGIRequestHandler):
    """Keeps connections open, as WeChat does, and logs nothing (tokens are in the addresses)."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class WeChatStandIn:
    """WeChat on a loopback port.

    >>> with WeChatStandIn(callback="http://127.0.0.1:8080/wechat") as wechat:
    ...     daughter = wechat.phone("王芳")
    ...     daughter.say("明天中午给我妈订一份午餐")

    ``callback`` may also be set later (``wechat.callback = …``). ``cut_after_s`` is WeChat's
    five seconds; ``retries`` how often an unanswered message comes again.
    """

    def __init__(
        self,
        callback: str | None = None,
        *,
        app_id: str = "wx0123456789abcdef",
        secret: str = "standin-secret",
        token: str = "standin-token",
        aes_key: str | None = None,
        port: int = 0,
        templates: dict[str, dict[str, Any]] | None = None,
        cut_after_s: float = 5.0,
        retries: int = 3,
        retry_pause_s: float = 0.2,
    ) -> None:
        self.app_id, self.secret, self.token, self.aes_key = app_id, secret, token, aes_key
        self.account = Account(
            app_id,
            secret,
            token,
            callback=callback,
            aes_key=aes_key,
            cut_after_s=cut_after_s,
            retries=retries,
            retry_pause_s=retry_pause_s,
        )
        for template_id, template in (templates or {}).items():
            self.add_template(template_id, **template)
        self._server = make_server(
            "127.0.0.1", port, build_app(self.account), threaded=True, request_handler=_Quiet
        )
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()
        self.account.delivery.close()

    @property
    def callback(self) -> str | None:
        return self.account.delivery.callback

    @callback.setter
    def callback(self, url: str | None) -> None:
        self.account.delivery.callback = url

    @property
    def cut_after_s(self) -> float:
        """How long WeChat waits for an answer to a callback."""
        return self.account.delivery.cut_after_s

    @cut_after_s.setter
    def cut_after_s(self, seconds: float) -> None:
        self.account.delivery.cut_after_s = seconds

    def settings(self) -> dict[str, Any]:
        """Keyword arguments for the bot's settings so that it speaks with this stand-in."""
        return {
            "app_id": self.app_id,
            "app_secret": self.secret,
            "token": self.token,
            "encoding_aes_key": self.aes_key,
            "api_base_url": self.base_url,
        }

    def phone(self, name: str = "", openid: str | None = None, subscribed: bool = True) -> Phone:
        """A new person's phone (or that of a known openid)."""
        return Phone.new(self.base_url, name=name, openid=openid, subscribed=subscribed)

    def add_template(
        self, template_id: str, title: str | None = None, fields: list[str] | None = None
    ) -> None:
        """A template of the account. ``fields`` None: any fields will do."""
        self.account.templates[template_id] = {"title": title or template_id, "fields": fields}

    def fail(self, path: str, **fault: Any) -> None:
        """Makes the next ``times`` calls of ``path`` fail: errcode, http_status, delay_s."""
        self.account.faults.add(Fault(path, **fault))

    def heal(self) -> None:
        self.account.faults.clear()

    def quota(self, path: str, limit: int) -> None:
        """After ``limit`` more calls of ``path`` today's quota is used up (45009)."""
        self.account.faults.limit(path, limit)

    def advance(self, seconds: float) -> None:
        """Moves WeChat's bookkeeping forward: windows close, tokens and media grow old."""
        self.account.clock.advance(seconds)

    def revoke_tokens(self) -> None:
        self.account.tokens.revoke()

    def expire_tokens(self) -> None:
        self.account.tokens.expire()

    @property
    def calls(self) -> dict[str, int]:
        """How often each path has been called."""
        return dict(self.account.faults.calls)
