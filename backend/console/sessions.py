"""Who is signed in: PostgreSQL knows, Redis remembers. Redis away costs a query, nothing else."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
import structlog

from backend.db.models import ConsoleSession, ConsoleUser
from backend.domain.console import Role
from backend.services.sign_in import SignedIn, hash_of
from backend.services.work import Actor, Work

log = structlog.get_logger()

REMEMBERED_FOR_S = 300
LET_REDIS_REST_S = 5.0
"""After it did not answer: nobody should wait for it again at every click."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in. `towns` empty: the whole city."""

    id: int
    login: str
    name: str
    role: Role
    towns: tuple[str, ...]
    provider_id: int | None
    form_key: str

    @property
    def actor(self) -> Actor:
        """As the one who acts: the audit knows the id, families hear the name."""
        return Actor(f"console:{self.id}", "console", called=self.name)


@dataclass(frozen=True)
class _Kept:
    user_id: int
    form_key: str
    began_at: float
    ends_at: float


def _kept(row: ConsoleSession) -> _Kept:
    return _Kept(row.user_id, row.form_key, row.began_at.timestamp(), row.ends_at.timestamp())


class Sessions:
    """Safe to share between threads."""

    def __init__(self, memory: redis.Redis[Any]) -> None:
        self._memory = memory
        self._rests_until = 0.0

    def visitor(self, work: Work, token: str) -> Visitor | None:
        """Whose cookie it is. The user's row is read each time: who was let go, or has other
        towns, has so from the next click on."""
        hashed = hash_of(token)
        kept = self._remembered(hashed)
        if kept is None:
            row = work.session.get(ConsoleSession, hashed)
            if row is None:
                return None
            kept = _kept(row)
            self._remember(hashed, kept, work.now)
        user = work.session.get(ConsoleUser, kept.user_id)
        if user is None or not user.is_active or kept.ends_at <= work.now.timestamp():
            return None
        over = max(user.password_set_at, user.signed_out_at or user.password_set_at)
        if kept.began_at < over.timestamp():
            return None
        return Visitor(
            user.id, user.login, user.name, user.role, tuple(user.towns), user.provider_id,
            kept.form_key,
        )  # fmt: skip

    def began(self, signed_in: SignedIn, now: datetime) -> None:
        """To be called when the sign-in is committed."""
        row = signed_in.session
        self._remember(row.token_hash, _kept(row), now)

    def ended(self, token: str) -> None:
        """To be called when the signing out is committed. With Redis away just now the copy could
        outlive it there, so copies live for minutes only."""
        try:
            self._memory.delete(_key(hash_of(token)))
        except redis.RedisError:
            self._let_rest()

    def _remembered(self, hashed: str) -> _Kept | None:
        if time.monotonic() < self._rests_until:
            return None
        try:
            found = self._memory.get(_key(hashed))
        except redis.RedisError:
            self._let_rest()
            return None
        return _Kept(**json.loads(found)) if isinstance(found, bytes | str) else None

    def _remember(self, hashed: str, kept: _Kept, now: datetime) -> None:
        left = int(kept.ends_at - now.timestamp())
        if left <= 0 or time.monotonic() < self._rests_until:
            return
        try:
            self._memory.set(_key(hashed), json.dumps(vars(kept)), ex=min(left, REMEMBERED_FOR_S))
        except redis.RedisError:
            self._let_rest()

    def _let_rest(self) -> None:
        log.warning("console_without_redis")
        self._rests_until = time.monotonic() + LET_REDIS_REST_S


def _key(hashed: str) -> str:
    return f"console:session:{hashed}"
