"""Passwords are kept as Argon2id (RFC 9106), never as they are."""

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
