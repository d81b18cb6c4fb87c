"""Who sits at the console: another role, other towns, out and in again, a new password.

What is changed holds from the visitor's next click on: their row is read each time.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from backend.db.models import ConsoleSession, ConsoleUser, Provider
from backend.domain.console import Role, require_bound, require_called, require_telephone
from backend.domain.errors import DomainError, NotFound
from backend.services.passwords import hashed, of_chance
from backend.services.work import Work


def user_of(work: Work, login: str, *, lock: bool = False) -> ConsoleUser:
    """Raises NotFound."""
    query = select(ConsoleUser).where(ConsoleUser.login == login)
    found = work.session.scalar(query.with_for_update(key_share=True) if lock else query)
    if found is None:
        raise NotFound("not_found", what="ConsoleUser", key=login)
    return found


def change_console_user(
    work: Work, login: str, name: str, role: Role, towns: Sequence[str], provider_id: int | None
) -> None:
    """Raises NotFound, DomainError `bad_user_name`, `wrong_binding`, `not_yourself` for one's own
    role."""
    user = user_of(work, login, lock=True)
    require_called(name)
    require_bound(role, list(towns), provider_id)
    if provider_id is not None:
        work.get(Provider, provider_id)
    if role is not user.role:
        _require_other(work, user)
    before = _told(user)
    user.name, user.role = name, role
    user.towns, user.provider_id = sorted(towns), provider_id
    work.session.flush()
    if before != _told(user):
        work.audit("change_console_user", "console_user", user.id, before=before, after=_told(user))


def give_telephone(work: Work, login: str, number: str) -> None:
    """Which telephone rings for callers while they sit at the console; empty: none.

    Raises NotFound, DomainError `bad_telephone`, `wrong_binding` for a provider's people.
    """
    user = user_of(work, login, lock=True)
    if user.role is Role.PROVIDER and number:
        raise DomainError("wrong_binding", role=user.role.value)
    if number:
        require_telephone(number)
    if (number or None) != user.telephone:
        before, user.telephone = user.telephone, number or None
        work.audit("give_telephone", "console_user", user.id, before=before, after=user.telephone)


def lock_console_user(work: Work, login: str) -> None:
    """Out at the next click, everywhere, until somebody lets them in again. Raises NotFound,
    DomainError `not_yourself`."""
    user = user_of(work, login, lock=True)
    _require_other(work, user)
    if user.is_active:
        user.is_active = False
        _sign_out_everywhere(work, user)
        work.audit("lock_console_user", "console_user", user.id)


def unlock_console_user(work: Work, login: str) -> None:
    """In again, also where too many wrong passwords had shut them out. Raises NotFound."""
    user = user_of(work, login, lock=True)
    if not user.is_active or user.shut_until is not None or user.failed_tries:
        user.is_active, user.failed_tries, user.shut_until = True, 0, None
        work.audit("unlock_console_user", "console_user", user.id)


def give_password(work: Work, login: str) -> str:
    """A new password of chance, told once and kept nowhere; every session of theirs ends. Raises
    NotFound, DomainError `not_yourself`: one's own is changed with the old one."""
    user = user_of(work, login, lock=True)
    _require_other(work, user)
    password = of_chance()
    user.password_hash, user.password_set_at = hashed(password), work.now
    user.failed_tries, user.shut_until = 0, None
    _sign_out_everywhere(work, user)
    work.audit("give_password", "console_user", user.id)
    return password


def _sign_out_everywhere(work: Work, user: ConsoleUser) -> None:
    user.signed_out_at = work.now
    work.session.execute(delete(ConsoleSession).where(ConsoleSession.user_id == user.id))


def _require_other(work: Work, user: ConsoleUser) -> None:
    """Nobody shuts themselves out, so that an admin is always left who can open."""
    if work.actor.name == f"console:{user.id}":
        raise DomainError("not_yourself")


def _told(user: ConsoleUser) -> dict[str, object]:
    return {
        "name": user.name,
        "role": user.role.value,
        "towns": list(user.towns),
        "provider_id": user.provider_id,
    }
