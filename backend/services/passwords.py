"""Passwords are kept as Argon2id (RFC 9106), never as they are."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
NOBODYS = _HASHER.hash("nobody signs in with this")
"""For a name that does not exist: saying no takes as long as for one that does."""


def hashed(password: str) -> str:
    return _HASHER.hash(password)


def fits(password: str, kept: str) -> bool:
    """Whether it is the password that was hashed."""
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def is_old(kept: str) -> bool:
    """Whether it was hashed with less care than is taken now."""
    return _HASHER.check_needs_rehash(kept)


PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"
"""No character that is taken for another when it is read aloud or copied by hand."""


def of_chance() -> str:
    """A password that nobody chose: four groups of four, 79 bits."""
    return "-".join("".join(secrets.choice(PLAIN) for _ in range(4)) for _ in range(4))
