"""Whatever a page may have to name has a word."""

from datetime import UTC, datetime

import pytest

from backend.console.words import refusal, when, word, words, yuan
from backend.domain.console import Role
from backend.domain.errors import DomainError
from backend.domain.incidents import IncidentState
from backend.domain.matching import WEIGHTS
from backend.domain.orders import OrderState
from backend.services.open_ticket import DUE


def test_every_state_and_kind_has_a_word() -> None:
    assert set(words()["orders"]) == {state.value for state in OrderState}
    assert set(words()["incidents"]) == {state.value for state in IncidentState}
    assert set(words()["tickets"]) >= set(DUE)
    assert set(words()["roles"]) == {role.value for role in Role}
    assert set(words()["score"]) == set(WEIGHTS)


def test_states_differ_by_their_signs_and_not_by_colour_alone() -> None:
    signs = [one["sign"] for one in words()["orders"].values()]
    assert len(set(signs)) == len(signs)


@pytest.mark.parametrize(
    ("fen", "said"), [(0, "0 元"), (1200, "12 元"), (1250, "12.50 元"), (-305, "-3.05 元")]
)
def test_money(fen: int, said: str) -> None:
    assert yuan(fen) == said


def test_refusals_are_explained_with_what_is_known_and_never_fail() -> None:
    assert "60 天" in refusal(DomainError("too_far", days=60))
    assert refusal(DomainError("too_far")) == refusal(DomainError("never heard of"))


def test_another_day_is_told_with_its_weekday() -> None:
    assert when(datetime(2020, 3, 4, 1, 20, tzinfo=UTC)) == "3月4日 周三 09:20"
    assert word("tickets", "something new") == "something new"
