"""The board: a day's orders by state, those that nobody took first."""

from __future__ import annotations

from flask import Blueprint, request
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from backend.console.days import around, asked_day
from backend.console.door import Door, visitor
from backend.console.scope import orders_of
from backend.console.showing import page
from backend.db.models import Offer, Order, Worker
from backend.domain.errors import NotFound
from backend.domain.orders import Move, OrderState, may
from backend.services.elder_file import service_names
from backend.services.explain_dispatch import explain_dispatch, with_most
from backend.services.reassign_order import reassign_order
from backend.services.work import Work

A_PAGE = 50
SHOWN = (
    OrderState.UNASSIGNED, OrderState.PLACED, OrderState.OFFERED, OrderState.ACCEPTED,
    OrderState.ON_THE_WAY, OrderState.IN_SERVICE, OrderState.MISSED, OrderState.FINISHED,
    OrderState.REVIEWED, OrderState.CANCELLED,
)  # fmt: skip
"""In the order in which they ask for attention."""
SEEKS = frozenset({OrderState.PLACED, OrderState.OFFERED, OrderState.UNASSIGNED})
"""Orders that have nobody yet."""


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("board", __name__)

    @blueprint.get("/board")
    def show() -> str:
        with door.work() as work:
            return page("board", **_day(work))

    @blueprint.get("/board/orders")
    def orders() -> str:
        with door.work() as work:
            return page("parts/orders", **_day(work))

    @blueprint.get("/board/orders/<int:order_id>")
    def order(order_id: int) -> str:
        with door.work() as work:
            return shown_order(work, order_id)

    @blueprint.post("/board/orders/<int:order_id>/reassign")
    def reassign(order_id: int) -> str:
        reason = request.form.get("reason", "").strip()[:200]
        with door.work() as work:
            reassign_order(work, seen_order(work, order_id).id, reason)
            work.session.expire_all()
            return shown_order(work, order_id)

    return blueprint


def seen_order(work: Work, order_id: int) -> Order:
    """Raises NotFound for an order that the visitor must not see."""
    found = work.session.scalar(
        select(Order)
        .where(Order.id == order_id, orders_of(visitor()))
        .options(selectinload(Order.offers), selectinload(Order.worker))
    )
    if found is None:
        raise NotFound("not_found", what="Order", key=order_id)
    return found


def shown_order(work: Work, order_id: int) -> str:
    """An order with all who were asked, and who could be."""
    order = seen_order(work, order_id)
    asked = {offer.worker_id for offer in order.offers}
    workers = work.session.scalars(select(Worker).where(Worker.id.in_(asked)))
    seeks = order.state in SEEKS
    return page(
        "parts/order",
        order=order,
        names=service_names(work),
        workers={worker.id: worker.name for worker in workers},
        parts={offer.id: with_most(offer.score_parts) for offer in order.offers},
        explained=explain_dispatch(work, order) if seeks else None,
        can_change=seeks or may(order.state, Move.WITHDRAW),
    )


def _day(work: Work) -> dict[str, object]:
    """One day's orders in one state (or all), a page of them, and how many each state has."""
    day = asked_day(work)
    wanted = request.args.get("state", "")
    state = OrderState(wanted) if wanted in {s.value for s in OrderState} else None
    number = max(request.args.get("page", 1, type=int), 1)
    mine = (Order.service_day == day) & orders_of(visitor())
    counts = dict(
        work.session.execute(
            select(Order.state, func.count()).where(mine).group_by(Order.state)
        ).tuples().all()
    )  # fmt: skip
    query = select(Order).where(mine)
    if state is not None:
        query = query.where(Order.state == state)
    found = work.session.scalars(
        query.options(selectinload(Order.elder), selectinload(Order.worker))
        .order_by(Order.state != OrderState.UNASSIGNED, Order.window_start, Order.id)
        .offset((number - 1) * A_PAGE)
        .limit(A_PAGE + 1)
    ).all()
    offers = _offers(work, [order.id for order in found])
    return around(day) | {
        "state": state,
        "states": SHOWN,
        "counts": counts,
        "orders": found[:A_PAGE],
        "more": len(found) > A_PAGE,
        "number": number,
        "names": service_names(work),
        "offers": offers,
    }


def _offers(work: Work, order_ids: list[int]) -> dict[int, int]:
    """How many workers were asked for each order."""
    asked = (
        select(Offer.order_id, func.count())
        .where(Offer.order_id.in_(order_ids))
        .group_by(Offer.order_id)
    )
    return dict(work.session.execute(asked).tuples().all())
