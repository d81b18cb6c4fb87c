"""The worker is there, and something else than her word says so."""

from datetime import timedelta

from backend.db.models import Order, Visit
from backend.domain.errors import DomainError
from backend.domain.matching import Place, distance_m
from backend.domain.orders import Move, may
from backend.services.candidates import place_of
from backend.services.order_moves import locked_order, move
from backend.services.visits import own_order, visit_of
from backend.services.work import Work

NEAR_M = 300
"""A shared location this close to the address counts as being there."""
MAX_WRONG_CODES = 5
EARLIEST_CHECK_IN = timedelta(minutes=60)
"""How long before the window a visit may begin: nobody is to be surprised two hours early."""


def check_in(
    work: Work, order_id: int, code: str | None = None, place: Place | None = None
) -> Order:
    """The worker is there, proved by the elder's `code` or by `place`.

    Raises `not_yours`, `too_early`, `proof_needed`, `wrong_code`, `too_many_codes`,
    `too_far_away`, IllegalMove. A wrong code is counted, so its transaction must be committed.
    """
    order = own_order(work, order_id)
    if not may(order.state, Move.CHECK_IN):
        move(work, order, Move.CHECK_IN)  # raises with the facts
    opens_at = order.window_start - EARLIEST_CHECK_IN
    if work.now < opens_at:
        raise DomainError("too_early", number=order.number, opens_at=opens_at.isoformat())
    visit = visit_of(work, order)
    if code is not None:
        _check_code(order, visit, code)
        visit.check_in_proof = "code"
    elif place is not None:
        _check_place(order, visit, place)
        visit.check_in_proof = "place"
    else:
        raise DomainError("proof_needed", number=order.number)
    visit.checked_in_at = work.now
    move(work, order, Move.CHECK_IN, proof=visit.check_in_proof)
    work.audit("check_in", "order", order.id, proof=visit.check_in_proof)
    return order


def count_wrong_code(work: Work, order_id: int) -> int:
    """Remember a wrong code; how many tries are left."""
    order = locked_order(work, order_id)
    visit = visit_of(work, order)
    visit.wrong_codes += 1
    work.audit("wrong_code", "order", order.id, count=visit.wrong_codes)
    return max(0, MAX_WRONG_CODES - visit.wrong_codes)


def _check_code(order: Order, visit: Visit, code: str) -> None:
    if visit.wrong_codes >= MAX_WRONG_CODES:
        raise DomainError("too_many_codes", number=order.number)
    if code != order.visit_code:
        raise DomainError(
            "wrong_code",
            number=order.number,
            order_id=order.id,
            left=MAX_WRONG_CODES - visit.wrong_codes - 1,
        )


def _check_place(order: Order, visit: Visit, place: Place) -> None:
    home = place_of(order.address.lat, order.address.lon)
    if home is None:
        raise DomainError("proof_needed", number=order.number)
    metres = round(distance_m(home, place))
    if metres > NEAR_M:
        raise DomainError("too_far_away", number=order.number, distance_m=metres)
    visit.check_in_lat, visit.check_in_lon = place.lat, place.lon
    visit.check_in_distance_m = metres
