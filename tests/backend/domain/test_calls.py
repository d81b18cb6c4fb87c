"""When a human rings back, and whom a number speaks for."""

from __future__ import annotations

import pytest

from backend.domain.calls import CallSoFar, is_number, needs_call_back, speaks_for


@pytest.mark.parametrize(
    ("call", "rings"),
    [
        (CallSoFar(incoming=True, answered=False, has_number=True), True),
        (CallSoFar(incoming=True, answered=False, has_number=False), False),
        (CallSoFar(incoming=True, answered=False, has_number=True, human=True), False),
        (CallSoFar(incoming=False, answered=False, has_number=True), False),
        (CallSoFar(incoming=True, answered=True, has_number=True, doing=True, spoke=True), False),
        (CallSoFar(incoming=True, answered=True, has_number=True, lost=True), True),
        (
            CallSoFar(
                incoming=True, answered=True, has_number=True, lost=True, doing=True, spoke=True
            ),
            True,
        ),
        (CallSoFar(incoming=True, answered=True, has_number=True, lost=True, spoke=True), False),
    ],
)
def test_who_was_cut_off_or_not_answered_is_rung_back(call: CallSoFar, rings: bool) -> None:
    assert needs_call_back(call) is rings


def test_a_number_speaks_for_a_family_and_not_for_a_street() -> None:
    assert speaks_for([1, 2, 3, 4]) == {1, 2, 3, 4}
    assert speaks_for([1, 2, 3, 4, 5]) == frozenset()


def test_only_numbers_can_be_rung() -> None:
    assert is_number("phone", "13800138000")
    assert is_number("phone", "+85221234567")
    assert not is_number("phone", "withheld:in:withheld:abc:2026030401")
    assert not is_number("wechat", "13800138000")
