"""Let somebody sit at the console; a new password."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import ConsoleSession, ConsoleUser, Provider
from backend.domain.console import (
    MOST_NAME,
    Role,
    require_bound,
    require_called,
    require_good_login,
    require_good_password,
)
from backend.domain.errors import DomainError
from backend.services.passwords import fits, hashed
from backend.services.work import Work


def make_console_user(
    work: Work,
    login: str,
    name: str,
    password: str,
    role: Role,
    towns: Sequence[str] = (),
    provider_id: int | None = None,
) -> ConsoleUser:
    """Raises DomainError `bad_login`, `bad_user_name`, `wrong_binding`, `bad_password`,
    `login_taken`; NotFound."""
    login = login.strip().lower()
    require_good_login(login)
    require_called(name.strip() or login[:MOST_NAME])
    require_bound(role, list(towns), provider_id)
    require_good_password(password, login)
    if provider_id is not None:
        work.get(Provider, provider_id)
    user_id = work.session.scalar(
        insert(ConsoleUser)
        .values(
            login=login,
            name=name.strip() or login,
            password_hash=hashed(password),
            role=role,
            towns=list(towns),
            provider_id=provider_id,
            password_set_at=work.now,
            created_at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(ConsoleUser.id)
    )
    if user_id is None:
        raise DomainError("login_taken", login=login)
    work.audit("make_console_user", "console_user", user_id, role=role.value)
    return work.get(ConsoleUser, user_id)


def change_password(work: Work, user_id: int, old: str, new: str) -> None:
    """Everywhere else they are signed out by it. Raises DomainError `wrong_password`,
    `bad_password`."""
    user = work.get(ConsoleUser, user_id, lock=True)
    if not fits(old, user.password_hash):
        raise DomainError("wrong_password")
    require_good_password(new, user.login)
    user.password_hash, user.password_set_at = hashed(new), work.now
    work.session.execute(delete(ConsoleSession).where(ConsoleSession.user_id == user_id))
    work.audit("change_password", "console_user", user_id)
