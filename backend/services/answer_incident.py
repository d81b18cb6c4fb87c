"""A human takes up an incident, sends help, ends it: three steps of one use case."""

from sqlalchemy import select, update

from backend.db.models import Account, Incident, Link, Notice
from backend.domain.errors import DomainError
from backend.domain.incidents import IncidentState, advance
from backend.services.notices import notify
from backend.services.raise_incident import incident_facts, step
from backend.services.work import Work


def acknowledge_incident(work: Work, incident_id: int) -> Incident:
    """`收到`: this human has it; nobody is told again. The first answer counts.

    Raises NotFound, DomainError `not_permitted` for someone who was never told of it.
    """
    incident = _mine(work, incident_id)
    if incident.state is not IncidentState.RAISED:
        return incident
    incident.state = advance(incident.state, IncidentState.ACKNOWLEDGED)
    incident.acknowledged_at = work.now
    incident.acknowledged_by = work.actor.name
    step(work, incident, "acknowledged")
    work.audit("acknowledge_incident", "incident", incident.id)
    work.session.execute(
        update(Notice)
        .where(Notice.incident_id == incident.id, Notice.state == "pending")
        .values(state="lapsed")
    )
    _tell_people(work, incident, "incident_acknowledged")
    return incident


def dispatch_incident(work: Work, incident_id: int, note: str = "") -> Incident:
    """Help is on its way (120, a neighbour, a colleague)."""
    incident = acknowledge_incident(work, incident_id)
    if incident.dispatched_at is None and incident.state is not IncidentState.RESOLVED:
        incident.state = advance(incident.state, IncidentState.DISPATCHED)
        incident.dispatched_at = work.now
        step(work, incident, "dispatched", note=note)
        work.audit("dispatch_incident", "incident", incident.id, note=note)
    return incident


def resolve_incident(work: Work, incident_id: int, outcome: str) -> Incident:
    """It is over; `outcome` says how. The first outcome stays."""
    incident = acknowledge_incident(work, incident_id)
    if incident.state is not IncidentState.RESOLVED:
        incident.state = advance(incident.state, IncidentState.RESOLVED)
        incident.resolved_at = work.now
        incident.outcome = outcome
        step(work, incident, "resolved", outcome=outcome)
        work.audit("resolve_incident", "incident", incident.id, outcome=outcome)
        _tell_people(work, incident, "incident_resolved")
    return incident


def _mine(work: Work, incident_id: int) -> Incident:
    incident = work.get(Incident, incident_id, lock=True)
    account_id = work.actor.account_id
    if account_id is not None and not work.session.scalar(
        select(Notice.id)
        .where(Notice.incident_id == incident.id, Notice.account_id == account_id)
        .limit(1)
    ):
        raise DomainError("not_permitted")
    return incident


def _name(work: Work) -> str | None:
    """Who has it, as people call them; None when we only know an account."""
    if work.actor.account_id is None:
        return work.actor.called or work.actor.name
    return work.get(Account, work.actor.account_id).name


def _tell_people(work: Work, incident: Incident, kind: str) -> None:
    """The one who called, the elder's people and everybody told so far, but not the actor."""
    accounts = list(
        work.session.scalars(
            select(Notice.account_id).where(Notice.incident_id == incident.id).distinct()
        )
    )
    if incident.account_id is not None:
        accounts.insert(0, incident.account_id)
    if incident.elder_id is not None:
        accounts += work.session.scalars(
            select(Link.account_id).where(
                Link.elder_id == incident.elder_id, Link.ended_at.is_(None)
            )
        )
    facts = incident_facts(work, incident) | {
        "by": _name(work),
        "outcome": incident.outcome,
        "health": None,
    }
    others = [i for i in dict.fromkeys(accounts) if i != work.actor.account_id]
    notify(work, others, kind, f"{kind}:{incident.id}", facts)
