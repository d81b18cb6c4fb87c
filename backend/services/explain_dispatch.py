"""Why an order would go to whom: the ranking of this moment, as a dispatcher reads it."""

from dataclasses import dataclass

from sqlalchemy import select

from backend.db.models import Order, ServiceItem, Worker
from backend.domain.matching import WEIGHTS, rank
from backend.services.candidates import candidates_for, need_of
from backend.services.work import Work
from backend.settings import TIMEZONE


@dataclass(frozen=True)
class Fit:
    """A worker who passes every gate. `parts` of the score, each with the most it can bring."""

    worker: Worker
    score: float
    parts: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Explained:
    """`out` by the first gate that was failed. Workers out of reach, of other skills or of
    providers that are dearer or do not serve the town are in neither."""

    fits: tuple[Fit, ...]
    out: dict[str, tuple[Worker, ...]]


def explain_dispatch(work: Work, order: Order, at_most: int = 5) -> Explained:
    """Nothing is changed. Raises NotFound."""
    item = work.get(ServiceItem, order.code)
    ranking = rank(
        need_of(order, item), candidates_for(work, order), order.window_start.astimezone(TIMEZONE)
    )
    best = ranking.best_first[:at_most]
    ids = [scored.worker_id for scored in best] + list(ranking.refused)
    workers = {w.id: w for w in work.session.scalars(select(Worker).where(Worker.id.in_(ids)))}
    out: dict[str, tuple[Worker, ...]] = {}
    for worker_id, gate in sorted(ranking.refused.items()):
        out[gate] = (*out.get(gate, ()), workers[worker_id])
    fits = [
        Fit(
            workers[scored.worker_id],
            scored.score,
            tuple((name, got, WEIGHTS[name]) for name, got in scored.parts.items()),
        )
        for scored in best
    ]
    return Explained(tuple(fits), out)
