"""An elder or the family says how it was."""

from backend.db.models import Order, Review, Worker
from backend.domain.errors import DomainError
from backend.domain.orders import Move, OrderState
from backend.services.open_ticket import open_ticket
from backend.services.order_moves import item_name, locked_order, move
from backend.services.permissions import require_follows
from backend.services.work import Work

UNHAPPY = 2
"""This many stars or fewer, and someone rings back."""


def review_order(work: Work, order_id: int, stars: int, words: str = "") -> Review:
    """Rate a finished order, 1-5 stars; a second rating within the same order replaces the
    first one's stars and words. Raises NotFound, `bad_stars`, `not_finished`."""
    if not 1 <= stars <= 5:
        raise DomainError("bad_stars")
    order = locked_order(work, order_id)
    require_follows(work, order)
    review = work.session.get(Review, order.id)
    if review is None:
        if order.state is not OrderState.FINISHED:
            raise DomainError("not_finished", number=order.number, state=order.state.value)
        review = Review(
            order_id=order.id, account_id=work.actor.account_id, stars=stars, at=work.now
        )
        work.session.add(review)
        move(work, order, Move.REVIEW, stars=stars)
        _rate_worker(work, order, stars, 1)
    else:
        _rate_worker(work, order, stars - review.stars, 0)
    review.stars, review.words, review.at = stars, words, work.now
    work.session.flush()
    work.audit("review_order", "order", order.id, stars=stars)
    if stars <= UNHAPPY:
        open_ticket(
            work,
            "review_follow_up",
            f"订单{order.number}({item_name(work, order)})评价{stars}星:{words or '没有留言'}",
            f"review:{order.id}",
            elder_id=order.elder_id,
            order_id=order.id,
        )
    return review


def _rate_worker(work: Work, order: Order, stars: int, count: int) -> None:
    if order.worker_id is not None:
        worker = work.get(Worker, order.worker_id, lock=True)
        worker.rating_sum += stars
        worker.rating_count += count
