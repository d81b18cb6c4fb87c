"""An order is given to one worker whom the dispatcher chooses, by drag or by keys."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, make_response, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from backend.console.door import Door, visitor
from backend.console.pages.board import SEEKS, seen_order, shown_order
from backend.console.scope import orders_of, workers_of
from backend.console.showing import page
from backend.console.words import refusal, word, words
from backend.db.models import Worker
from backend.domain.errors import DomainError, NotFound
from backend.services.day_of_workers import day_of_workers
from backend.services.elder_file import service_names
from backend.services.explain_dispatch import with_most
from backend.services.fit_workers import Fitness, fit_workers
from backend.services.give_order import give_order
from backend.services.order_moves import standing_offer
from backend.services.work import Work

AT_MOST_MARKS = 100


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("giving", __name__, url_prefix="/board/orders/<int:order_id>")

    @blueprint.get("/fits")
    def fits(order_id: int) -> str:
        with door.work() as work:
            order = seen_order(work, order_id)
            found = _seen_fits(work, fit_workers(work, order))
            ranked = sorted(
                ((worker, fit.scored) for worker, fit in found if fit.scored is not None),
                key=lambda one: (-one[1].score, one[0].id),
            )
            out: dict[str, list[Worker]] = {}
            for worker, fit in found:
                if fit.gate is not None:
                    out.setdefault(fit.gate, []).append(worker)
            parts = {scored.worker_id: with_most(scored.parts) for _, scored in ranked}
            return page("parts/fits", order=order, ranked=ranked, parts=parts, out=out)

    @blueprint.get("/marks")
    def marks(order_id: int) -> Response:
        """For the rows that are shown: whether the order may be dropped there, and in a word why
        not."""
        ids = request.args.getlist("worker", type=int)[:AT_MOST_MARKS]
        with door.work() as work:
            found = _seen_fits(work, fit_workers(work, seen_order(work, order_id), ids))
            return jsonify({worker.id: _mark(fit) for worker, fit in found})

    @blueprint.get("/give")
    def ask(order_id: int) -> str:
        worker_id = request.args.get("worker", 0, type=int)
        with door.work() as work:
            return _asked(work, order_id, worker_id)

    @blueprint.post("/give")
    def give(order_id: int) -> Response | tuple[str, int]:
        worker_id = request.form.get("worker", type=int)
        if worker_id is None:
            abort(400)
        reason = request.form.get("reason", "").strip()[:200]
        try:
            with door.work() as work:
                order = seen_order(work, order_id)
                give_order(work, order.id, _seen_worker(work, worker_id).id, reason)
                work.session.expire_all()
                response = make_response(shown_order(work, order_id))
        except NotFound:
            raise
        except DomainError as refused:
            with door.work() as work:
                return _asked(work, order_id, worker_id, refused), 422
        response.headers["HX-Retarget"] = "#file"
        response.headers["HX-Trigger"] = "given, orders-changed"
        return response

    return blueprint


def _asked(work: Work, order_id: int, worker_id: int, refused: DomainError | None = None) -> str:
    """The question before an order is given away; why it cannot be, where it cannot."""
    order = seen_order(work, order_id)
    worker = _seen_worker(work, worker_id)
    fit = fit_workers(work, order, [worker.id])[worker.id]
    offer = standing_offer(work, order)
    has_it = work.session.get(Worker, offer.worker_id) if offer is not None else order.worker
    lane = day_of_workers(
        work, order.service_day, Worker.id == worker.id, orders_of(visitor()), limit=1
    )
    said = refusal(refused) if refused is not None and refused.code != "does_not_fit" else None
    return page(
        "parts/give",
        order=order,
        worker=worker,
        fit=fit,
        has_it=has_it,
        seeks=order.state in SEEKS,
        jobs=[job for one in lane for job in one.jobs],
        hours=[span for one in lane for span in one.hours],
        said=said,
        names=service_names(work),
    )


def _seen_worker(work: Work, worker_id: int) -> Worker:
    """Raises NotFound for workers who do not come to the visitor's towns."""
    found = work.session.scalar(
        select(Worker)
        .where(Worker.id == worker_id, workers_of(visitor()))
        .options(joinedload(Worker.provider))
    )
    if found is None:
        raise NotFound("not_found", what="Worker", key=worker_id)
    return found


def _seen_fits(work: Work, fits: dict[int, Fitness]) -> list[tuple[Worker, Fitness]]:
    workers = work.session.scalars(
        select(Worker)
        .where(Worker.id.in_(fits), workers_of(visitor()))
        .options(joinedload(Worker.provider))
        .order_by(Worker.id)
    )
    return [(worker, fits[worker.id]) for worker in workers]


def _mark(fit: Fitness) -> dict[str, object]:
    if fit.scored is None:
        return {"fits": False, "said": word("gates", fit.gate)}
    return {"fits": True, "said": str(words()["points"]).format(score=round(fit.scored.score))}
