"""One call to WeChat: its address, its token, its time limit, and when to try again."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog

from bot.errors import TOKEN_REFUSED, TransportError
from bot.memory import SharedMemory
from bot.settings import WeChatSettings
from bot.token import AccessTokens

log = structlog.get_logger(__name__)
# httpx logs whole addresses at INFO, and ours hold the access token.
logging.getLogger("httpx").setLevel(logging.WARNING)

TIMEOUT_S = 3.0
PAUSES_S = (0.2, 0.6)
"""Before the second and the third try."""


class WeChatApi:
    """Calls by path. Safe to share between threads. Every method raises TransportError."""

    def __init__(
        self,
        settings: WeChatSettings,
        memory: SharedMemory,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        on_this_machine = urlsplit(settings.api_base_url).hostname in {"127.0.0.1", "localhost"}
        self._http = httpx.Client(
            base_url=settings.api_base_url,
            timeout=TIMEOUT_S,
            # A proxy of the environment leads to WeChat (its list of addresses asks for a fixed
            # one), never to this machine.
            trust_env=not on_this_machine,
            limits=httpx.Limits(max_connections=64, keepalive_expiry=5),
        )
        self.tokens = AccessTokens(settings.app_id, self._fetch_token, memory, clock)

    def close(self) -> None:
        self._http.close()

    def post(
        self, path: str, body: Mapping[str, Any], *, repeatable: bool = True
    ) -> dict[str, Any]:
        """POSTs JSON with the access token. ``repeatable``: doing it twice is the same as once, so
        it may be tried again though the first request may have arrived."""
        return json_of(self.call("POST", path, body=body, repeatable=repeatable))

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        return json_of(self.call("GET", path, params=params))

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool = True,
    ) -> httpx.Response:
        """A call with the access token; one retry with another token if it is refused."""
        token = self.tokens.get()
        for last in (False, True):
            query = {**(params or {}), "access_token": token}
            try:
                return self.call_without_token(
                    method, path, params=query, body=body, repeatable=repeatable
                )
            except TransportError as refusal:
                if last or refusal.code not in TOKEN_REFUSED:
                    raise
                token = self.tokens.replace(token)
        raise AssertionError("unreachable")

    def call_without_token(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool = True,
    ) -> httpx.Response:
        """Up to three tries; the last failure is raised."""
        for pause_s in (*PAUSES_S, None):
            try:
                return self._once(method, path, params, body)
            except TransportError as trouble:
                helps = trouble.code == -1 or (
                    trouble.kind == "network" and (repeatable or not trouble.maybe_sent)
                )
                # The path and the code only: parameters hold the token, bodies hold people.
                log.info("wechat call failed", path=path, code=trouble.code, kind=trouble.kind)
                if pause_s is None or not helps:
                    raise
                self._sleep(pause_s)
        raise AssertionError("unreachable")

    def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> httpx.Response:
        # WeChat wants raw UTF-8: \uXXXX escapes are shown to people as they stand.
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"} if body is not None else None
        try:
            response = self._http.request(
                method, path, params=params, content=content, headers=headers
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as trouble:
            raise TransportError(0, type(trouble).__name__, kind="network") from None
        except httpx.HTTPError as trouble:
            raise TransportError(
                0, type(trouble).__name__, kind="network", maybe_sent=True
            ) from None
        if response.status_code != 200:
            raise TransportError(0, f"HTTP {response.status_code}", kind="network", maybe_sent=True)
        _raise_for_errcode(response)
        return response

    def _fetch_token(self, force: bool) -> tuple[str, int]:
        wish = {
            "grant_type": "client_credential",
            "appid": self._settings.app_id,
            "secret": self._settings.app_secret,
            "force_refresh": force,
        }
        answer = json_of(self.call_without_token("POST", "/cgi-bin/stable_token", body=wish))
        return str(answer["access_token"]), int(answer["expires_in"])


def json_of(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = json.loads(response.content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise TransportError(0, "an answer that is not JSON", kind="network", maybe_sent=True)
    return answer


def _raise_for_errcode(response: httpx.Response) -> None:
    """An answer may be a picture or a sound; only JSON carries an errcode. WeChat labels its JSON
    as text/plain at times."""
    if response.content[:1] != b"{":
        return
    try:
        answer = json.loads(response.content)
    except ValueError:
        return
    code = answer.get("errcode") or 0
    if code:
        # errmsg ends in a request id and holds no personal data.
        raise TransportError(int(code), str(answer.get("errmsg", ""))[:200])
