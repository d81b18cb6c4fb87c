"""Access tokens and OAuth codes.

https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken
"""

from __future__ import annotations

import secrets
import threading
from collections import deque

from tests.standin.wechat.clock import Clock
from tests.standin.wechat.refusal import Refused

LIFETIME_S = 7200
EARLY_S = 300
"""In the last five minutes a normal call gets a new token, and both are good."""
FORCE_PAUSE_S = 30
FORCES_A_DAY = 20
CODE_LIFETIME_S = 300


class Tokens:
    """Tokens of one app. ``/token`` and ``/stable_token`` do not disturb each other."""

    def __init__(self, app_id: str, secret: str, clock: Clock) -> None:
        self._app_id, self._secret, self._clock = app_id, secret, clock
        self._lock = threading.Lock()
        self._expiry: dict[str, float] = {}
        self._stable: str | None = None
        self._plain: str | None = None
        self._forces: deque[float] = deque(maxlen=FORCES_A_DAY)
        self._codes: dict[str, tuple[str, float, bool]] = {}
        self.issued = 0

    def check_app(self, app_id: str | None, secret: str | None) -> None:
        if not app_id:
            raise Refused(41002)
        if app_id != self._app_id:
            raise Refused(40013)
        if secret != self._secret:
            raise Refused(40125)

    def stable(self, force: bool) -> tuple[str, int]:
        """(token, seconds left). A force within 30 s of the last does not refresh."""
        with self._lock:
            now = self._clock.now()
            left = self._expiry.get(self._stable or "", 0) - now
            if force and not (self._forces and now - self._forces[-1] < FORCE_PAUSE_S):
                if len(self._forces) == FORCES_A_DAY and now - self._forces[0] < 86400:
                    raise Refused(45009)
                self._forces.append(now)
                if self._stable:
                    self._expiry.pop(self._stable, None)
                left = 0
            if self._stable is None or left <= EARLY_S:
                self._stable = self._issue(now)
                left = LIFETIME_S
            return self._stable, int(left)

    def plain(self) -> tuple[str, int]:
        """The older interface: each call makes a new one, the former lasts five minutes more."""
        with self._lock:
            now = self._clock.now()
            if self._plain in self._expiry:
                self._expiry[self._plain] = min(self._expiry[self._plain], now + EARLY_S)
            self._plain = self._issue(now)
            return self._plain, LIFETIME_S

    def check(self, token: str | None) -> None:
        if not token:
            raise Refused(41001)
        if len(token) > 512 or not token.isascii():
            raise Refused(40014)
        with self._lock:
            expiry = self._expiry.get(token)
        if expiry is None:
            raise Refused(40001)
        if expiry <= self._clock.now():
            raise Refused(42001)

    def revoke(self) -> None:
        """Makes every token unknown, as when somebody else refreshed by force."""
        with self._lock:
            self._expiry.clear()
            self._stable = self._plain = None

    def expire(self) -> None:
        """Makes every token too old."""
        with self._lock:
            self._expiry = {token: self._clock.now() - 1 for token in self._expiry}

    def make_code(self, openid: str) -> str:
        """An OAuth code for one person: good once, for five minutes."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = (openid, self._clock.now() + CODE_LIFETIME_S, False)
        return code

    def spend_code(self, code: str | None) -> str:
        with self._lock:
            if code not in self._codes:
                raise Refused(40029)
            openid, until, used = self._codes[code]
            if used:
                raise Refused(40163)
            if until < self._clock.now():
                raise Refused(42003)
            self._codes[code] = (openid, until, True)
            return openid

    def _issue(self, now: float) -> str:
        self.issued += 1
        token = f"{self.issued}_{secrets.token_urlsafe(90)}"
        self._expiry[token] = now + LIFETIME_S
        return token
