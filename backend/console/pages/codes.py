"""Cards to print: an elder's code for the family, a provider's QR for its worker."""

from __future__ import annotations

import segno
from flask import Blueprint, redirect, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from backend.console.door import Door, visitor
from backend.console.scope import require_elder, workers_of
from backend.console.showing import page
from backend.db.models import BindCode, Elder, Worker
from backend.domain.errors import NotFound
from backend.services.code_to_show import (
    code_of_elder,
    code_of_worker,
    show_code_of_elder,
    show_code_of_worker,
)
from backend.services.work import Work


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("codes", __name__, url_prefix="/codes")

    @blueprint.get("/elders/<int:elder_id>")
    def elder(elder_id: int) -> str:
        with door.work() as work:
            require_elder(work, visitor(), elder_id)
            found = code_of_elder(work, elder_id)
            shown = work.get(Elder, elder_id)
            return page("code", elder=shown, worker=None, code=found, **_picture(door, work, found))

    @blueprint.post("/elders/<int:elder_id>")
    def make_for_elder(elder_id: int) -> AnyResponse:
        with door.work() as work:
            require_elder(work, visitor(), elder_id)
            show_code_of_elder(work, elder_id)
        return redirect(url_for("console.codes.elder", elder_id=elder_id), 303)

    @blueprint.get("/workers/<int:worker_id>")
    def worker(worker_id: int) -> str:
        with door.work() as work:
            shown = _own_worker(work, worker_id)
            found = code_of_worker(work, worker_id)
            return page("code", elder=None, worker=shown, code=found, **_picture(door, work, found))

    @blueprint.post("/workers/<int:worker_id>")
    def make_for_worker(worker_id: int) -> AnyResponse:
        with door.work() as work:
            _own_worker(work, worker_id)
            show_code_of_worker(work, worker_id)
        return redirect(url_for("console.codes.worker", worker_id=worker_id), 303)

    return blueprint


def _own_worker(work: Work, worker_id: int) -> Worker:
    """Raises NotFound for another provider's worker."""
    found = work.session.scalar(select(Worker).where(Worker.id == worker_id, workers_of(visitor())))
    if found is None:
        raise NotFound("not_found", what="Worker", key=worker_id)
    return found


def _picture(door: Door, work: Work, code: BindCode | None) -> dict[str, str | None]:
    """The QR that WeChat scans, drawn by us; None where WeChat cannot be asked: the figures are on
    the card all the same."""
    if code is None:
        return {"picture": None}
    left_s = int((code.expires_at - work.now).total_seconds())
    address = door.scan(code.code, max(60, left_s))
    if address is None:
        return {"picture": None}
    drawn = segno.make(address, error="m", micro=False)
    return {"picture": drawn.svg_data_uri(scale=8, border=2, dark="#000", light="#fff")}
