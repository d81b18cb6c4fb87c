"""Rules of the console's door: who there is, and when the door stays shut for a while."""

import re
from collections.abc import Sequence
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


SEEN_FOR = timedelta(seconds=45)
"""Somebody counts as at the console for so long after a live page of theirs was last seen open."""


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


@dataclass(frozen=True)
class Telephone:
    """Of somebody at the console. `towns` empty: they answer for the whole city."""

    number: str
    towns: tuple[str, ...]


def rung_in_turn(telephones: Sequence[Telephone], town: str | None, turn: int) -> list[str]:
    """Whose telephones ring for a caller of a town (None: not known), one after the other: those
    of that town, then those of the whole city; nobody of other towns. Another one is first at each
    `turn`, so that not all calls go to one."""
    of_town = [one.number for one in telephones if town is None or town in one.towns]
    of_city = [one.number for one in telephones if town is not None and not one.towns]
    return [*_turned(of_town, turn), *_turned(of_city, turn)]


def _turned(numbers: list[str], turn: int) -> list[str]:
    first = turn % len(numbers) if numbers else 0
    return numbers[first:] + numbers[:first]


def require_telephone(number: str) -> None:
    """An extension or a number of this country: an admin's slip of the hand must not ring abroad.
    Raises DomainError `bad_telephone`."""
    if not re.fullmatch(r"\d{2,12}", number) or number.startswith("00"):
        raise DomainError("bad_telephone")
