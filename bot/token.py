"""The access token: one for all processes, fetched early, refreshed within bounds.

https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken says: calling
``stable_token`` again is harmless; in the last five minutes of a token's life it gives a new one
while the old one stays good; a forced refresh kills the old one at once, 20 a day, 30 s apart.

The token lies in Redis (it opens the account for up to two hours, so Redis must be private) and
a copy in each process. Redis gone or wiped: the copy serves on, and each process may fetch for
itself, which ``stable_token`` answers with the same token. Nothing but a call or two is lost.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog

from bot.errors import TransportError
from bot.memory import SharedMemory

log = structlog.get_logger(__name__)

EARLY_S = 240
"""Fetch this long before the end; below five minutes, or WeChat would give the same token."""
FORCE_PAUSE_S = 30
LOCK_S = 10

Fetch = Callable[[bool], tuple[str, int]]
"""``fetch(force)`` asks WeChat and returns (token, seconds of life). Raises TransportError."""


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str
    expires_at: float


class AccessTokens:
    """The token of one account. Safe to share between threads."""

    def __init__(
        self,
        app_id: str,
        fetch: Fetch,
        memory: SharedMemory,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._fetch = fetch
        self._memory = memory
        self._clock = clock
        self._key = f"yinling:wechat:token:{app_id}"
        self._kept: _Kept | None = None
        self._forced_at = float("-inf")
        self._lock = threading.Lock()

    def get(self) -> str:
        """A token that should be good. Raises TransportError when none can be had."""
        kept = self._look()
        if kept and kept.expires_at - EARLY_S > self._clock():
            return kept.token
        usable = kept is not None and kept.expires_at > self._clock()
        with self._one_at_a_time(wait=not usable) as mine:
            if kept is not None and usable and not mine:
                return kept.token  # somebody else is fetching; the old one is still good
            again = self._look()
            if again and again.expires_at - EARLY_S > self._clock():
                return again.token
            try:
                return self._renew(force=False).token
            except TransportError:
                if kept is not None and usable:
                    return kept.token
                raise

    def replace(self, refused: str) -> str:
        """A token other than ``refused``, which WeChat would not take.

        First what somebody else may have fetched meanwhile, then what WeChat gives by itself,
        then a forced refresh, at most one in 30 s over all processes that share the Redis.
        Raises TransportError(kind="token") when all that gives nothing new.
        """
        with self._one_at_a_time(wait=True):
            kept = self._look()
            if kept and kept.token != refused and kept.expires_at > self._clock():
                return kept.token
            renewed = self._renew(force=False)
            if renewed.token != refused:
                return renewed.token
            if not self._may_force():
                raise TransportError(
                    40001, "the token is refused and was refreshed by force just now", False
                )
            log.warning("wechat token refreshed by force")
            return self._renew(force=True).token

    def _renew(self, force: bool) -> _Kept:
        token, lifetime_s = self._fetch(force)
        kept = _Kept(token, self._clock() + lifetime_s)
        self._kept = kept
        self._remember(kept)
        return kept

    # -- what is shared, and what to do without it --------------------------------------------

    def _look(self) -> _Kept | None:
        """What all processes know, else this process's own copy (put back for the others)."""
        found = self._memory.get(self._key)
        if found:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                record = json.loads(found)
                self._kept = _Kept(str(record["token"]), float(record["expires_at"]))
                return self._kept
        if self._kept is not None:
            self._remember(self._kept)
        return self._kept

    def _remember(self, kept: _Kept) -> None:
        life_s = int(kept.expires_at - self._clock())
        if life_s > 0:
            record = json.dumps({"token": kept.token, "expires_at": kept.expires_at})
            self._memory.keep(self._key, record, life_s)

    def _may_force(self) -> bool:
        """Whether the last forced refresh, of anybody we know of, is 30 s ago."""
        now = self._clock()
        if now - self._forced_at < FORCE_PAUSE_S:
            return False
        if self._memory.claim(f"{self._key}:forced", FORCE_PAUSE_S) is False:
            return False
        self._forced_at = now
        return True

    @contextlib.contextmanager
    def _one_at_a_time(self, wait: bool) -> Iterator[bool]:
        """Holds the lock of this process and of all that share the memory. Yields whether it was
        got; when waiting in vain it goes on all the same: a second fetch does no harm."""
        wait_s = LOCK_S if wait else 0
        if not self._lock.acquire(timeout=wait_s):
            yield False
            return
        try:
            with self._memory.lock(f"{self._key}:lock", LOCK_S, wait_s) as got:
                yield got
        finally:
            self._lock.release()
