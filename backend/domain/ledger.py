"""Double entry for every fen: which accounts a movement touches, and by how much.

A posting is a set of entries that sum to zero. Accounts are named by kind, owner and month;
the month is that of the service (`YYYY-MM`), for which the allowance was given.
"""

from dataclasses import dataclass
from enum import StrEnum


class AccountKind(StrEnum):
    """What a ledger account stands for."""

    FUND = "fund"
    """The city's money; its balance is minus what was granted and not returned."""
    AVAILABLE = "available"
    """What an elder may still spend of the month's allowance."""
    RESERVED = "reserved"
    """What is held for the elder's orders under way."""
    PROVIDER_SUBSIDY = "provider_subsidy"
    """What the city owes a provider for finished visits."""
    ELDER_OWES = "elder_owes"
    """Self-pay of finished visits; negative is money the elder owes."""
    PROVIDER_SELF_PAY = "provider_self_pay"
    """Self-pay a provider may collect."""


class PostingKind(StrEnum):
    """Why money moves."""

    GRANT = "grant"
    RESERVE = "reserve"
    CAPTURE = "capture"
    RELEASE = "release"
    RETURN = "return"
    SELF_PAY = "self_pay"


@dataclass(frozen=True)
class AccountRef:
    """Names one ledger account. `owner_id` is an elder's or a provider's id, 0 for the fund."""

    kind: AccountKind
    owner_id: int
    month: str


@dataclass(frozen=True)
class Entry:
    """`amount_fen` more (or, negative, less) on `account`."""

    account: AccountRef
    amount_fen: int


@dataclass(frozen=True)
class Posting:
    """Entries that belong together; they sum to zero."""

    kind: PostingKind
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        if sum(entry.amount_fen for entry in self.entries) != 0:
            raise ValueError("a posting must sum to zero")


MUST_NOT_GO_BELOW_ZERO = frozenset({AccountKind.AVAILABLE, AccountKind.RESERVED})


def _between(kind: PostingKind, source: AccountRef, target: AccountRef, fen: int) -> Posting:
    if fen <= 0:
        raise ValueError("a movement of money must be positive")
    return Posting(kind, (Entry(source, -fen), Entry(target, fen)))


def grant(elder_id: int, month: str, fen: int) -> Posting:
    """The city gives the month's allowance."""
    return _between(
        PostingKind.GRANT,
        AccountRef(AccountKind.FUND, 0, month),
        AccountRef(AccountKind.AVAILABLE, elder_id, month),
        fen,
    )


def reserve(elder_id: int, month: str, fen: int) -> Posting:
    """An order is placed: its subsidy is held."""
    return _between(
        PostingKind.RESERVE,
        AccountRef(AccountKind.AVAILABLE, elder_id, month),
        AccountRef(AccountKind.RESERVED, elder_id, month),
        fen,
    )


def release(elder_id: int, month: str, fen: int) -> Posting:
    """An order ends without service: what was held is free again."""
    return _between(
        PostingKind.RELEASE,
        AccountRef(AccountKind.RESERVED, elder_id, month),
        AccountRef(AccountKind.AVAILABLE, elder_id, month),
        fen,
    )


def capture(elder_id: int, provider_id: int, month: str, fen: int) -> Posting:
    """The visit is done: what was held is now owed to the provider."""
    return _between(
        PostingKind.CAPTURE,
        AccountRef(AccountKind.RESERVED, elder_id, month),
        AccountRef(AccountKind.PROVIDER_SUBSIDY, provider_id, month),
        fen,
    )


def self_pay(elder_id: int, provider_id: int, month: str, fen: int) -> Posting:
    """The visit is done: the elder's own share is owed to the provider."""
    return _between(
        PostingKind.SELF_PAY,
        AccountRef(AccountKind.ELDER_OWES, elder_id, month),
        AccountRef(AccountKind.PROVIDER_SELF_PAY, provider_id, month),
        fen,
    )


def give_back(elder_id: int, month: str, fen: int) -> Posting:
    """The month is over: what was not spent returns to the city."""
    return _between(
        PostingKind.RETURN,
        AccountRef(AccountKind.AVAILABLE, elder_id, month),
        AccountRef(AccountKind.FUND, 0, month),
        fen,
    )
