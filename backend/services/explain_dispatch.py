"""Why an order would go to whom: the ranking of this moment, as a dispatcher reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from backend.db.models import Order, ServiceItem, Worker
from backend.domain.matching import WEIGHTS, rank
from backend.services.candidates import candidates_for, need_of
from backend.services.work import Work
from backend.settings import TIMEZONE

Parts = tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Fit:
    """A worker who passes every gate. `parts` of the score, each with the most it can bring."""

    worker: Worker
    score: float
    parts: Parts


@dataclass(frozen=True)
class Explained:
    """`fits`: who could be asked next; `out`: the others, by the first gate that each failed.
    Workers out of reach, of other skills, or of providers that are dearer or do not serve the town
    are in neither."""

    fits: tuple[Fit, ...]
    out: dict[str, tuple[Worker, ...]]


def with_most(parts: Mapping[str, float]) -> Parts:
    """The parts of a score, each with the most it can bring."""
    return tuple((name, got, WEIGHTS[name]) for name, got in parts.items() if name in WEIGHTS)


def explain_dispatch(work: Work, order: Order, at_most: int = 5) -> Explained:
    """Nothing is changed. Raises NotFound."""
    item = work.get(ServiceItem, order.code)
    ranking = rank(
        need_of(order, item), candidates_for(work, order), order.window_start.astimezone(TIMEZONE)
    )
    asked_now = {offer.worker_id for offer in order.offers if offer.state == "standing"}
    best = [scored for scored in ranking.best_first if scored.worker_id not in asked_now][:at_most]
    ids = [scored.worker_id for scored in best] + list(ranking.refused)
    workers = {w.id: w for w in work.session.scalars(select(Worker).where(Worker.id.in_(ids)))}
    out: dict[str, tuple[Worker, ...]] = {}
    for worker_id, gate in sorted(ranking.refused.items()):
        out[gate] = (*out.get(gate, ()), workers[worker_id])
    fits = [
        Fit(
            workers[scored.worker_id],
            scored.score,
            with_most(scored.parts),
        )
        for scored in best
    ]
    return Explained(tuple(fits), out)
