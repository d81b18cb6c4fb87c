"""Alarms: those that run, one of them, and what a human does about it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from backend.console.door import Door, visitor
from backend.console.scope import incidents_of
from backend.console.shared import Shared
from backend.console.showing import page
from backend.db.models import Account, ConsoleUser, Elder, Incident
from backend.domain.errors import NotFound
from backend.domain.incidents import IncidentState
from backend.services.answer_incident import (
    acknowledge_incident,
    dispatch_incident,
    resolve_incident,
)
from backend.services.elder_file import ElderFile, elder_file
from backend.services.raise_incident import incident_facts
from backend.services.work import Work

AT_MOST = 30


@dataclass(frozen=True)
class Running:
    """An alarm that nobody has ended. `facts` as in `incident_facts`."""

    incident: Incident
    facts: dict[str, object]
    by: str | None
    """Who has it."""


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("incidents", __name__)
    shared = Shared()

    @blueprint.get("/incidents")
    def strip() -> str:
        def make() -> str:
            with door.work() as work:
                return page("parts/incidents", running=running_incidents(work))

        # An alarm brings everybody here at once; those of the same towns see the same.
        return shared.get(visitor().towns, make)

    @blueprint.get("/incidents/<int:incident_id>")
    def show(incident_id: int) -> str:
        with door.work() as work:
            return _shown(work, incident_id)

    @blueprint.post("/incidents/<int:incident_id>/acknowledge")
    def acknowledge(incident_id: int) -> Response:
        with door.work() as work:
            acknowledge_incident(work, _seen(work, incident_id).id)
            return _changed(_shown(work, incident_id))

    @blueprint.post("/incidents/<int:incident_id>/relay")
    def relay(incident_id: int) -> Response:
        with door.work() as work:
            note = request.form.get("note", "").strip()[:200]
            dispatch_incident(work, _seen(work, incident_id).id, note)
            return _changed(_shown(work, incident_id))

    @blueprint.post("/incidents/<int:incident_id>/close")
    def close(incident_id: int) -> Response:
        said = [request.form.get("outcome", ""), request.form.get("words", "")]
        outcome = " ".join(part.strip() for part in said if part.strip())[:500]
        with door.work() as work:
            incident = _seen(work, incident_id)
            if outcome:
                resolve_incident(work, incident.id, outcome)
            return _changed(_shown(work, incident_id, wants_outcome=not outcome))

    return blueprint


def running_incidents(work: Work) -> list[Running]:
    """Those of the visitor's towns: unanswered ones first, the oldest first."""
    found = work.session.scalars(
        select(Incident)
        .where(Incident.state != IncidentState.RESOLVED, incidents_of(visitor()))
        .options(
            selectinload(Incident.elder).selectinload(Elder.addresses),
            selectinload(Incident.elder).selectinload(Elder.contacts),
        )
        .order_by(Incident.state != IncidentState.RAISED, Incident.raised_at, Incident.id)
        .limit(AT_MOST)
    ).all()
    names = names_of(work, {i.acknowledged_by for i in found})
    return [Running(i, incident_facts(work, i), names.get(i.acknowledged_by)) for i in found]


def names_of(work: Work, actors: set[str | None]) -> dict[str | None, str]:
    """What those who acted are called, by the name the record has; who has no other, keeps it."""
    called: dict[str | None, str] = {actor: actor for actor in actors if actor}
    for kind, table in (("console", ConsoleUser), ("account", Account)):
        ids = {int(a.partition(":")[2]): a for a in actors if a and a.startswith(f"{kind}:")}
        found = work.session.execute(select(table.id, table.name).where(table.id.in_(ids)))
        called |= {ids[number]: name for number, name in found.tuples() if name}
    return called


def _seen(work: Work, incident_id: int) -> Incident:
    """Raises NotFound for an alarm that the visitor must not see."""
    found = work.session.scalar(
        select(Incident).where(Incident.id == incident_id, incidents_of(visitor()))
    )
    if found is None:
        raise NotFound("not_found", what="Incident", key=incident_id)
    return found


def _shown(work: Work, incident_id: int, *, wants_outcome: bool = False) -> str:
    incident = _seen(work, incident_id)
    work.session.flush()
    work.session.refresh(incident)
    file: ElderFile | None = None
    if incident.elder_id is not None:
        file = elder_file(work, incident.elder_id, "incident")
    return page(
        "parts/incident",
        incident=incident,
        facts=incident_facts(work, incident),
        names=names_of(work, {event.actor for event in incident.events}),
        file=file,
        wants_outcome=wants_outcome,
    )


def _changed(shown: str) -> Response:
    """The strip above need not wait for the feed."""
    response = make_response(shown)
    response.headers["HX-Trigger"] = "incidents-changed"
    return response
