"""What all processes remember together, in Redis, when there is one.

Only things that may be forgotten are kept here. Redis away: every question is answered "nothing
known" at once, and it is asked again after a few seconds; nobody who talks to us waits for it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from redis import ConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

PATIENCE_S = 0.5
"""How long one question may take. redis-py's own default is to retry for many seconds."""
AWAY_S = 5.0
"""After a failure, how long Redis is not asked."""


class SharedMemory:
    """Short-lived notes under string keys. Safe to share between threads. Raises nothing."""

    def __init__(
        self, redis: Redis[Any] | None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._redis = _impatient(redis) if redis is not None else None
        self._monotonic = monotonic
        self._away_until = float("-inf")

    def get(self, key: str) -> bytes | None:
        """The note, or None when there is none or Redis is away."""
        found = self._ask(lambda redis: redis.get(key))
        return found.encode() if isinstance(found, str) else found

    def keep(self, key: str, note: str, life_s: int) -> None:
        self._ask(lambda redis: redis.set(key, note, ex=life_s))

    def claim(self, key: str, life_s: int) -> bool | None:
        """Whether we are the first to claim ``key`` in ``life_s`` seconds; None: nobody knows."""
        answer = self._ask(lambda redis: redis.set(key, "1", nx=True, ex=life_s) or False)
        return None if answer is None else bool(answer)

    @contextlib.contextmanager
    def lock(self, key: str, life_s: float, wait_s: float) -> Iterator[bool]:
        """Yields False when somebody else held the lock all the while; True when we hold it, or
        when nobody can tell because Redis is away."""
        lock = self._ask(lambda redis: redis.lock(key, timeout=life_s, blocking_timeout=wait_s))
        got = self._ask(lambda _: lock.acquire()) if lock is not None else None
        try:
            yield got is not False
        finally:
            if got:
                # Lost to its time limit or to a wiped Redis: nothing left to release.
                with contextlib.suppress(RedisError):
                    lock.release()

    def _ask(self, question: Callable[[Redis[Any]], Any]) -> Any:
        if self._redis is None or self._monotonic() < self._away_until:
            return None
        try:
            return question(self._redis)
        except RedisError as trouble:
            self._away_until = self._monotonic() + AWAY_S
            log.warning("redis is away", trouble=type(trouble).__name__)
            return None


def _impatient(redis: Redis[Any]) -> Redis[Any]:
    """The same server through connections of our own that give up quickly."""
    pool = redis.connection_pool
    settings = {
        **pool.connection_kwargs,
        "retry": Retry(NoBackoff(), 1),
        "socket_timeout": PATIENCE_S,
        "socket_connect_timeout": PATIENCE_S,
    }
    return Redis(connection_pool=ConnectionPool(pool.connection_class, **settings))
