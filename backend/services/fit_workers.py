"""How well each of some workers would fit an order that a dispatcher wants to give to one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import and_, func, select

from backend.db.models import (
    Account,
    Offering,
    Order,
    OrderLine,
    ServiceArea,
    ServiceItem,
    Skill,
    Worker,
)
from backend.domain.matching import Scored, refusal, score
from backend.services.candidates import candidates_for, need_of
from backend.services.order_moves import standing_offer
from backend.services.work import Work
from backend.settings import TIMEZONE


@dataclass(frozen=True)
class Fitness:
    """`gate`: the first that keeps the worker from the order, None for none; then `scored`."""

    scored: Scored | None
    gate: str | None


def fit_workers(work: Work, order: Order, worker_ids: Iterable[int] = ()) -> dict[int, Fitness]:
    """Every worker whom matching looks at for the order, and those of `worker_ids` besides.

    The gates are the matching's own, but for one: whom a person chooses may be asked again. Whom
    matching does not even look at fails one of `inactive`, `skill`, `not_offered`, `area`,
    `dearer`, `unreachable`; who has the order or is being asked fails `has_it`. Nothing is changed.
    """
    need = need_of(order, work.get(ServiceItem, order.code))
    start = order.window_start.astimezone(TIMEZONE)
    found: dict[int, Fitness] = {}
    for one in candidates_for(work, order):
        candidate = replace(one, already_asked=False)
        gate = refusal(need, candidate, start)
        found[one.worker_id] = Fitness(score(need, candidate) if gate is None else None, gate)
    offer = standing_offer(work, order)
    has_it = offer.worker_id if offer is not None else order.worker_id
    if has_it is not None:
        found[has_it] = Fitness(None, "has_it")
    unknown = [worker_id for worker_id in worker_ids if worker_id not in found]
    return found | {i: Fitness(None, gate) for i, gate in _not_looked_at(work, order, unknown)}


def _not_looked_at(work: Work, order: Order, worker_ids: list[int]) -> list[tuple[int, str]]:
    """Why matching does not look at these workers."""
    if not worker_ids:
        return []
    promised = (
        select(func.min(OrderLine.unit_price_fen))
        .where(OrderLine.order_id == order.id, OrderLine.code == order.code)
        .scalar_subquery()
    )
    reachable = select(Account.id).where(
        Account.worker_id == Worker.id, Account.unreachable_since.is_(None)
    )
    rows = work.session.execute(
        select(
            Worker.id,
            Worker.is_active,
            Skill.code.is_not(None),
            func.coalesce(Offering.is_open, False),
            ServiceArea.town.is_not(None),
            func.coalesce(Offering.price_fen <= promised, False),
            reachable.exists(),
        )
        .outerjoin(Skill, and_(Skill.worker_id == Worker.id, Skill.code == order.code))
        .outerjoin(
            Offering, and_(Offering.provider_id == Worker.provider_id, Offering.code == order.code)
        )
        .outerjoin(
            ServiceArea,
            and_(
                ServiceArea.provider_id == Worker.provider_id,
                ServiceArea.town == order.address.town,
            ),
        )
        .where(Worker.id.in_(worker_ids))
    )
    names = ("inactive", "skill", "not_offered", "area", "dearer", "unreachable")
    failed = {
        row[0]: next((n for n, ok in zip(names, row[1:], strict=True) if not ok), "unreachable")
        for row in rows
    }
    return [(i, failed.get(i, "inactive")) for i in worker_ids]
