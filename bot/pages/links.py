"""Links to our pages in messages: signed, for one person, good for some days.

A link proves nothing about who opens it. It names the page and, by a digest, the one it was sent
to; the door asks WeChat who is there, and shows the page to that one only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from backend import clock

ROOT = "/m"


class LinkExpired(Exception):
    """It was ours, and is too old."""


class LinkBad(Exception):
    """Not a link of ours."""


@dataclass(frozen=True)
class Opened:
    """What a link says: the page, and the digest of whom it was sent to."""

    path: str
    whose: str


def signer(
    secret: str, what: str, now: Callable[[], datetime] = clock.now
) -> URLSafeTimedSerializer:
    """Signs one kind of thing: what was signed as another kind does not open here. By the house's
    clock, which demonstrations put forward."""

    class HouseTime(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(now().timestamp())

    return URLSafeTimedSerializer(
        secret,
        salt=f"yinling.pages.{what}",
        signer=HouseTime,
        signer_kwargs={"key_derivation": "hmac", "digest_method": sha256},
    )


def whose(openid: str) -> str:
    """A digest that tells people apart and names nobody: addresses end in logs."""
    return sha256(f"yinling:{openid}".encode()).hexdigest()[:16]


class Links:
    """Makes and reads links. `secret` as `page_secret` makes it; `ttl_s` in seconds."""

    def __init__(
        self, base_url: str, secret: str, ttl_s: int, now: Callable[[], datetime] = clock.now
    ) -> None:
        self._base_url, self._ttl_s = base_url.rstrip("/"), ttl_s
        self._signer = signer(secret, "link", now)

    def to(self, openid: str, path: str) -> str:
        """The address that shows `path` (below /m) to this person."""
        signed: Any = self._signer.dumps([whose(openid), path])
        return f"{self._base_url}{ROOT}/e/{signed}"

    def open(self, token: str) -> Opened:
        """Raises LinkExpired, LinkBad."""
        try:
            whom, path = self._signer.loads(token, max_age=self._ttl_s)
        except SignatureExpired as error:
            raise LinkExpired from error
        except (BadSignature, ValueError, TypeError) as error:
            raise LinkBad from error
        return Opened(str(path), str(whom))


def page_secret(secret_key: str, app_secret: str) -> str:
    """Signs links and cookies. Two secrets in one: the house's key has a default that everybody
    can read, the account's secret has none."""
    return sha256(f"{secret_key}\0{app_secret}".encode()).hexdigest()
