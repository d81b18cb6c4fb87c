"""The life of an order: its states and the moves between them."""

from enum import StrEnum

from backend.domain.errors import IllegalMove


class OrderState(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    OFFERED = "offered"
    UNASSIGNED = "unassigned"
    ACCEPTED = "accepted"
    ON_THE_WAY = "on_the_way"
    IN_SERVICE = "in_service"
    FINISHED = "finished"
    REVIEWED = "reviewed"
    CANCELLED = "cancelled"
    MISSED = "missed"


class Move(StrEnum):
    """What can happen to an order."""

    OFFER = "offer"
    RETURN = "return"
    """An offer was declined or ran out: the order looks for the next worker."""
    GIVE_UP = "give_up"
    """Nobody is left to ask: a dispatcher takes over."""
    ACCEPT = "accept"
    WITHDRAW = "withdraw"
    """The worker who had accepted cannot come, or a dispatcher takes the job away."""
    CHANGE = "change"
    DEPART = "depart"
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    REVIEW = "review"
    CANCEL = "cancel"
    MISS = "miss"


_S, _M = OrderState, Move

MOVES: dict[tuple[OrderState, Move], OrderState] = {
    (_S.PLACED, _M.OFFER): _S.OFFERED,
    (_S.UNASSIGNED, _M.OFFER): _S.OFFERED,
    (_S.OFFERED, _M.RETURN): _S.PLACED,
    (_S.PLACED, _M.GIVE_UP): _S.UNASSIGNED,
    (_S.OFFERED, _M.ACCEPT): _S.ACCEPTED,
    (_S.ACCEPTED, _M.WITHDRAW): _S.PLACED,
    (_S.ON_THE_WAY, _M.WITHDRAW): _S.PLACED,
    (_S.ACCEPTED, _M.DEPART): _S.ON_THE_WAY,
    # A worker without signal may forget to say that she set out.
    (_S.ACCEPTED, _M.CHECK_IN): _S.IN_SERVICE,
    (_S.ON_THE_WAY, _M.CHECK_IN): _S.IN_SERVICE,
    (_S.IN_SERVICE, _M.CHECK_OUT): _S.FINISHED,
    (_S.FINISHED, _M.REVIEW): _S.REVIEWED,
    **{
        (state, _M.CHANGE): _S.PLACED
        for state in (_S.PLACED, _S.OFFERED, _S.UNASSIGNED, _S.ACCEPTED)
    },
    **{
        (state, _M.CANCEL): _S.CANCELLED
        for state in (_S.PLACED, _S.OFFERED, _S.UNASSIGNED, _S.ACCEPTED, _S.ON_THE_WAY)
    },
    **{
        (state, _M.MISS): _S.MISSED
        for state in (_S.PLACED, _S.OFFERED, _S.UNASSIGNED, _S.ACCEPTED, _S.ON_THE_WAY)
    },
}
"""Every allowed move. What is not in this table cannot happen."""

OPEN_STATES = frozenset(
    {_S.PLACED, _S.OFFERED, _S.UNASSIGNED, _S.ACCEPTED, _S.ON_THE_WAY, _S.IN_SERVICE}
)
"""An order in one of these is still to be carried out or ended."""

HOLDS_WORKER = frozenset({_S.ACCEPTED, _S.ON_THE_WAY, _S.IN_SERVICE})
"""In these states a worker's time is taken."""


def after(state: OrderState, move: Move) -> OrderState:
    """The state that `move` leads to from `state`.

    Raises IllegalMove when the table has no such move.
    """
    try:
        return MOVES[(state, move)]
    except KeyError:
        raise IllegalMove("illegal_move", state=state.value, move=move.value) from None


def may(state: OrderState, move: Move) -> bool:
    """Whether `move` is allowed from `state`."""
    return (state, move) in MOVES
