"""Every fen comes from somewhere and goes somewhere."""

import pytest

from backend.domain import ledger
from backend.domain.ledger import AccountKind, AccountRef, Entry, Posting, PostingKind

MONTH = "2026-03"


@pytest.mark.parametrize(
    "posting",
    [
        ledger.grant(1, MONTH, 48000),
        ledger.reserve(1, MONTH, 600),
        ledger.release(1, MONTH, 600),
        ledger.capture(1, 7, MONTH, 600),
        ledger.self_pay(1, 7, MONTH, 800),
        ledger.give_back(1, MONTH, 100),
    ],
)
def test_a_movement_has_two_sides(posting: Posting) -> None:
    assert sum(entry.amount_fen for entry in posting.entries) == 0
    assert {entry.account.month for entry in posting.entries} == {MONTH}


def test_a_lopsided_posting_cannot_be_made() -> None:
    fund = AccountRef(AccountKind.FUND, 0, MONTH)
    with pytest.raises(ValueError, match="sum to zero"):
        Posting(PostingKind.GRANT, (Entry(fund, 1),))


def test_nothing_moves_backwards() -> None:
    with pytest.raises(ValueError, match="positive"):
        ledger.reserve(1, MONTH, 0)
