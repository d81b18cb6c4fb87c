"""Somebody comes to the console with a name and a password, or leaves."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, select

from backend.db.models import ConsoleSession, ConsoleUser
from backend.domain.console import SIGNED_IN_FOR, Tries
from backend.services.address_tries import count_wrong, shut_until
from backend.services.passwords import NOBODYS, fits, hashed, is_old
from backend.services.work import LOCK, Work


@dataclass(frozen=True)
class SignedIn:
    """`token` is for their cookie and kept nowhere else."""

    token: str
    session: ConsoleSession


@dataclass(frozen=True)
class ShutOut:
    """Too many wrong passwords: the door opens again at `until` (aware)."""

    until: datetime


def hash_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def sign_in(work: Work, login: str, password: str, address: str = "") -> SignedIn | ShutOut | None:
    """None: no such name, no longer here, or not the password; nothing tells which. `address`: the
    network address that it comes from, if it is known.

    Returns instead of raising, for the count of wrong passwords must be kept.
    """
    if (until := shut_until(work, address)) is not None:
        return ShutOut(until)
    user = work.session.scalar(
        select(ConsoleUser)
        .where(ConsoleUser.login == login.strip().lower())
        .with_for_update(key_share=LOCK["key_share"])
    )
    if user is None or not user.is_active:
        fits(password, NOBODYS)
        work.audit("wrong_name", "console_user", user.id if user else 0, address=address)
        return _shut(count_wrong(work, address))
    tries = Tries(user.failed_tries, user.shut_until)
    if tries.is_shut(work.now):
        assert tries.shut_until is not None
        return ShutOut(tries.shut_until)
    if not fits(password, user.password_hash):
        tries = tries.one_more(work.now)
        user.failed_tries, user.shut_until = tries.failed, tries.shut_until
        work.audit("wrong_password", "console_user", user.id, address=address)
        if tries.shut_until is not None:
            work.audit("shut_out", "console_user", user.id, address=address)
        return _shut(count_wrong(work, address) or tries.shut_until)
    if is_old(user.password_hash):
        user.password_hash = hashed(password)
    user.failed_tries, user.shut_until, user.signed_in_at = 0, None, work.now
    token = secrets.token_urlsafe(32)
    session = ConsoleSession(
        token_hash=hash_of(token),
        user_id=user.id,
        form_key=secrets.token_urlsafe(24),
        began_at=work.now,
        ends_at=work.now + SIGNED_IN_FOR,
    )
    work.session.execute(delete(ConsoleSession).where(ConsoleSession.ends_at < work.now))
    work.session.add(session)
    work.audit("sign_in", "console_user", user.id, address=address)
    return SignedIn(token, session)


def _shut(until: datetime | None) -> ShutOut | None:
    return ShutOut(until) if until is not None else None


def sign_out(work: Work, token: str, user_id: int) -> None:
    """The cookie is worth nothing any more."""
    work.session.execute(delete(ConsoleSession).where(ConsoleSession.token_hash == hash_of(token)))
    work.audit("sign_out", "console_user", user_id)
