"""Calls: those that are on, and what is said in one while it is said."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from backend.console.door import Door, visitor
from backend.console.scope import calls_of, require_elder
from backend.console.showing import page
from backend.db.models import Call, Elder
from backend.domain.errors import NotFound
from backend.services.answering import is_theirs
from backend.services.elder_file import elder_file
from backend.services.lookup import elders_of
from backend.services.work import Work

SHOWN_AFTER = timedelta(hours=1)
AT_MOST = 12


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("calls", __name__)

    @blueprint.get("/calls")
    def current() -> str:
        with door.work() as work:
            return page("parts/calls", calls=current_calls(work), elders=call_elders(work))

    @blueprint.get("/calls/<int:call_id>")
    def show(call_id: int) -> str:
        with door.work() as work:
            return _shown(work, _seen(work, call_id))

    # Every console asks for these by itself, when it hears of the call: to those of other towns,
    # or with another's call, they are nothing, and what is being looked at stays.

    @blueprint.get("/calls/<int:call_id>/ringing")
    def ringing(call_id: int) -> str | Response:
        with door.work() as work:
            call = _found(work, call_id)
            return _shown(work, call) if call else Response(status=204)

    @blueprint.get("/calls/<int:call_id>/mine")
    def mine(call_id: int) -> str | Response:
        with door.work() as work:
            call = _found(work, call_id)
            if call is None or not is_theirs(work, call, visitor().id):
                return Response(status=204)
            return _shown(work, call)

    @blueprint.get("/calls/<int:call_id>/words")
    def words(call_id: int) -> str:
        with door.work() as work:
            return page("parts/words", call=_seen(work, call_id))

    return blueprint


def current_calls(work: Work) -> list[Call]:
    """Those that are on, then those that ended lately; the newest first."""
    return list(
        work.session.scalars(
            select(Call)
            .where(
                calls_of(visitor()),
                Call.ended_at.is_(None) | (Call.ended_at > work.now - SHOWN_AFTER),
            )
            .options(selectinload(Call.account))
            .order_by(Call.ended_at.is_not(None), Call.id.desc())
            .limit(AT_MOST)
        )
    )


def call_elders(work: Work) -> dict[int, Elder]:
    """The elders whom the current calls are about."""
    ids = {call.elder_id for call in current_calls(work) if call.elder_id is not None}
    return {e.id: e for e in work.session.scalars(select(Elder).where(Elder.id.in_(ids)))}


def _shown(work: Work, call: Call) -> str:
    file = None
    if call.elder_id is not None:
        require_elder(work, visitor(), call.elder_id)
        file = elder_file(work, call.elder_id, "ring")
    links = elders_of(work, call.account_id) if file is None else []
    return page("parts/call", call=call, file=file, maybe=[link.elder for link in links])


def _found(work: Work, call_id: int) -> Call | None:
    """The call, where the visitor may see it."""
    return work.session.scalar(
        select(Call)
        .where(Call.id == call_id, calls_of(visitor()))
        .options(selectinload(Call.turns), selectinload(Call.account))
    )


def _seen(work: Work, call_id: int) -> Call:
    found = _found(work, call_id)
    if found is None:
        raise NotFound("not_found", what="Call", key=call_id)
    return found
