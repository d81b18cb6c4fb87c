"""Rules of the console's door: who there is, and when the door stays shut for a while."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.domain.errors import DomainError

MOST_TRIES = 5
"""So many wrong passwords in a row shut a name out."""
SHUT_FOR = timedelta(minutes=15)
MOST_TRIES_OF_ADDRESS = 30
"""So many from one network address within COUNTED_FOR shut it out, whatever the names: somebody
goes through names. A whole office may stand behind one address."""
COUNTED_FOR = timedelta(minutes=15)
MOST_LOGIN, MOST_NAME = 40, 20
SIGNED_IN_FOR = timedelta(hours=12)
"""A shift; whoever works on signs in again."""
LEAST_PASSWORD = 10
"""Characters. Length is asked for, and nothing else (NIST SP 800-63B, section 5.1.1.2)."""
MOST_PASSWORD = 200


class Role(StrEnum):
    """What somebody at the console is there for."""

    AGENT = "agent"
    DISPATCHER = "dispatcher"
    PROVIDER = "provider"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@dataclass(frozen=True)
class Tries:
    """Wrong passwords in a row, and until when (aware) the name is shut out for them."""

    failed: int = 0
    shut_until: datetime | None = None

    def is_shut(self, now: datetime) -> bool:
        return self.shut_until is not None and now < self.shut_until

    def one_more(self, now: datetime) -> "Tries":
        """After another wrong password."""
        if self.failed + 1 < MOST_TRIES:
            return Tries(self.failed + 1)
        return Tries(0, now + SHUT_FOR)


def require_bound(role: Role, towns: list[str], provider_id: int | None) -> None:
    """A provider's people belong to one provider, all others to towns (none: the whole city).

    Raises DomainError `wrong_binding`.
    """
    if (role is Role.PROVIDER) != (provider_id is not None) or (provider_id and towns):
        raise DomainError("wrong_binding", role=role.value)


def require_good_login(login: str) -> None:
    """Small letters, figures, dot, dash. Raises DomainError `bad_login`."""
    fits = re.fullmatch(r"[a-z0-9][a-z0-9._-]+", login)
    if not fits or len(login) > MOST_LOGIN:
        raise DomainError("bad_login", most=MOST_LOGIN)


def require_called(name: str) -> None:
    """Raises DomainError `bad_user_name`."""
    if not 1 <= len(name) <= MOST_NAME:
        raise DomainError("bad_user_name", most=MOST_NAME)


def require_good_password(password: str, login: str) -> None:
    """Raises DomainError `bad_password`: too short, too long, or the name itself."""
    too_easy = login.lower() in password.lower() and len(password) < len(login) + LEAST_PASSWORD
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD or too_easy:
        raise DomainError("bad_password", least=LEAST_PASSWORD, most=MOST_PASSWORD)
