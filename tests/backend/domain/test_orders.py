"""An order's life: only what the table allows, whatever is tried in whatever order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import DomainError, IllegalMove
from backend.domain.orders import HOLDS_WORKER, MOVES, OPEN_STATES, Move, OrderState, after, may


def test_the_usual_way() -> None:
    state = OrderState.PLACED
    for move in (Move.OFFER, Move.ACCEPT, Move.DEPART, Move.CHECK_IN, Move.CHECK_OUT, Move.REVIEW):
        state = after(state, move)
    assert state is OrderState.REVIEWED


def test_what_has_ended_stays_ended() -> None:
    for state in (OrderState.CANCELLED, OrderState.MISSED, OrderState.REVIEWED):
        assert not any(may(state, move) for move in Move)


def test_a_finished_visit_is_never_cancelled_or_missed() -> None:
    for state in (OrderState.IN_SERVICE, OrderState.FINISHED):
        assert not may(state, Move.CANCEL)
        assert not may(state, Move.MISS)


def test_an_illegal_move_says_what_was_tried() -> None:
    with pytest.raises(IllegalMove) as refused:
        after(OrderState.PLACED, Move.CHECK_OUT)
    assert refused.value.facts == {"state": "placed", "move": "check_out"}
    assert str(DomainError("no_address")) == "no_address"


@given(st.lists(st.sampled_from(list(Move)), max_size=40))
def test_whatever_is_tried_money_is_held_only_while_open(moves: list[Move]) -> None:
    state = OrderState.PLACED
    for move in moves:
        if may(state, move):
            state = after(state, move)
        else:
            with pytest.raises(IllegalMove):
                after(state, move)
        assert state in OPEN_STATES or state not in HOLDS_WORKER


def test_every_state_can_be_reached() -> None:
    assert {*MOVES.values()} == set(OrderState)
