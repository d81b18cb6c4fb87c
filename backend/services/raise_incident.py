"""A call for help: written down first, then told to everyone who can act."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Account, Duty, Elder, Incident, IncidentEvent, Link
from backend.domain.calls import is_number
from backend.domain.incidents import IncidentState, Watcher, to_tell
from backend.jobs.queue import URGENT
from backend.services.notices import notify, on_duty
from backend.services.work import Work
from backend.settings import get_settings

SAME_CALL = timedelta(minutes=10)
"""More words from the same account within this time belong to the incident already open."""


def raise_incident(
    work: Work,
    words: str,
    idempotency_key: str,
    elder_id: int | None = None,
    place: dict[str, Any] | None = None,
) -> Incident:
    """Raise an incident, at once and in its own transaction (the caller sees to that).

    The same key returns the first incident; new words from someone whose incident is still
    open are added to it and told on. An unknown elder, an unknown place: it rings all the same.
    """
    session = work.session
    running = _running(work, elder_id)
    if running is not None and running.idempotency_key != idempotency_key:
        return _said_more(work, running, words, idempotency_key, place)
    known = session.scalar(select(Incident).where(Incident.idempotency_key == idempotency_key))
    if known is not None:
        return known
    incident_id = session.scalar(
        insert(Incident)
        .values(
            idempotency_key=idempotency_key,
            elder_id=elder_id,
            account_id=work.actor.account_id,
            state=IncidentState.RAISED,
            channel=work.actor.channel,
            words=words,
            place=place or {},
            raised_at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(Incident.id)
    )
    if incident_id is None:
        return session.scalars(
            select(Incident).where(Incident.idempotency_key == idempotency_key)
        ).one()
    incident = work.get(Incident, incident_id)
    step(work, incident, "raised", words=words)
    work.audit("raise_incident", "incident", incident.id)
    tell(work, incident)
    return incident


def _running(work: Work, elder_id: int | None) -> Incident | None:
    """The actor's (or the elder's) incident that nobody has ended yet, if it is recent."""
    mine = Incident.account_id == work.actor.account_id
    about = mine if elder_id is None else mine & (Incident.elder_id == elder_id)
    return work.session.scalar(
        select(Incident)
        .where(
            about,
            Incident.state != IncidentState.RESOLVED,
            Incident.raised_at > work.now - SAME_CALL,
        )
        .order_by(Incident.id.desc())
        .limit(1)
    )


def _said_more(
    work: Work, incident: Incident, words: str, key: str, place: dict[str, Any] | None
) -> Incident:
    if any(event.detail.get("key") == key for event in incident.events):
        return incident
    if place:
        incident.place = {**incident.place, **place}
    step(work, incident, "said", words=words, key=key)
    tell(work, incident, words=words, again=key)
    return incident


def step(work: Work, incident: Incident, name: str, **detail: Any) -> None:
    """Put a step on the incident's timeline."""
    incident.events.append(
        IncidentEvent(at=work.now, step=name, actor=work.actor.name, detail=detail)
    )


def tell(work: Work, incident: Incident, words: str | None = None, again: str = "") -> None:
    """Tell this round's people, and set the clock for the next round."""
    told = to_tell(_watchers(work, incident), incident.round)
    facts = incident_facts(work, incident)
    if words is not None:
        facts["said"] = words
    duty = set(on_duty(work, None))
    for account_id in told:
        mine = facts if account_id in duty else {**facts, "health": None}
        notify(
            work,
            [account_id],
            "incident",
            f"incident:{incident.id}:{incident.round}:{again}",
            mine,
            urgent=True,
            incident_id=incident.id,
        )
    step(work, incident, "told", round=incident.round, accounts=told)
    if not again:
        work.later(
            "escalate_incident",
            at=work.now + timedelta(seconds=get_settings().escalate_after_s),
            priority=URGENT,
            incident_id=incident.id,
            round_number=incident.round + 1,
        )


def _watchers(work: Work, incident: Incident) -> list[Watcher]:
    town = incident.elder.town if incident.elder is not None else None
    near = on_duty(work, town)
    watchers = [Watcher(account_id, 0) for account_id in near]
    if incident.elder_id is not None:
        family = work.session.scalars(
            select(Link.account_id)
            .join(Account)
            .where(
                Link.elder_id == incident.elder_id,
                Link.ended_at.is_(None),
                Link.known_by != "name",
                Account.unreachable_since.is_(None),
            )
        )
        watchers += [Watcher(i, 0) for i in family if i != incident.account_id]
    # With nobody on duty for the town, the wider rings are told at once.
    everyone_now = on_duty(work, None)
    watchers += [Watcher(i, 1 if near else 0) for i in everyone_now]
    ever = work.session.scalars(select(Duty.account_id).distinct())
    watchers += [Watcher(i, 2 if everyone_now else 0) for i in ever]
    return watchers


def _rang_from(work: Work, incident: Incident) -> str | None:
    """The number of whoever cried for help by telephone."""
    account = work.session.get(Account, incident.account_id) if incident.account_id else None
    if account is None or not is_number(account.channel, account.identifier):
        return None
    return account.identifier


def incident_facts(work: Work, incident: Incident) -> dict[str, Any]:
    """Who, where, what was said, whom to ring."""
    elder = work.session.get(Elder, incident.elder_id) if incident.elder_id else None
    facts: dict[str, Any] = {
        "incident_id": incident.id,
        "elder": None,
        "said": incident.words,
        "round": incident.round,
        "raised_at": incident.raised_at.isoformat(),
        "call_back": incident.place.get("call_back") or _rang_from(work, incident),
        "address": incident.place.get("address"),
        "lat": incident.place.get("lat"),
        "lon": incident.place.get("lon"),
        "why": incident.place.get("why"),
        "contacts": [],
        "health": None,
    }
    if elder is None:
        return facts
    home = next((a for a in elder.addresses if a.is_default), None)
    facts["elder"] = elder.name
    facts["town"] = elder.town
    if elder.born_on is not None:
        facts["age"] = (work.local_now.date() - elder.born_on).days // 365
    if home is not None and not facts["address"]:
        facts["address"] = f"{home.town}{home.community}{home.street}"
    facts["contacts"] = [
        {"name": c.name, "relation": c.relation, "phone": c.phone} for c in elder.contacts[:3]
    ]
    facts["call_back"] = facts["call_back"] or next((c.phone for c in elder.contacts), None)
    facts["health"] = elder.care_notes or None
    return facts
