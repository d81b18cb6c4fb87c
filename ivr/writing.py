"""A call, written down so that a human comes: a ticket, or for a bell an incident."""

from __future__ import annotations

import enum

import structlog
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Call
from backend.domain.calls import call_back_key
from backend.services.lookup import elders_of
from backend.services.open_call import Ring, open_call
from backend.services.open_ticket import open_ticket
from backend.services.raise_incident import raise_incident
from backend.services.record_call import outcome_of
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work
from nlu.prompts import say

log = structlog.get_logger()


class Written(enum.Enum):
    """What became of a call in our books, and so what the caller may be promised."""

    NOTHING = "nothing"
    """Not yet: the database is away."""
    TICKET = "ticket"
    INCIDENT = "incident"
    NO_NUMBER = "no number"
    """Nobody to ring back."""


def write_down(sessions: sessionmaker[Session], ring: Ring) -> Written:
    """One transaction: the call's row, and a `call_back` ticket for the caller, or an incident
    for a bell.

    The same ring written twice changes nothing, and so does one that a human has already. Any
    failure is raised, and nothing is written.
    """
    with unit_of_work(sessions) as work:
        call = work.get(Call, open_call(work, ring).id, lock=True)
        if call.is_bell:
            return raise_bell(work, call)
        if call.number is None:
            log.info("call_without_number")
            return Written.NO_NUMBER
        return _call_back(work, call)


def raise_bell(work: Work, call: Call) -> Written:
    """A bell that nobody has spoken with is a call for help, once."""
    if call.incident_id is None:
        words = say("line.bell_rang").text
        place = {"call_back": call.number} if call.number is not None else None
        incident = raise_incident(work, words, f"bell:{call.ring_key}", call.elder_id, place)
        call.incident_id = incident.id
        call.outcome = outcome_of(work, call)
        log.info("bell_rang", incident_id=incident.id)
    return Written.INCIDENT


def _call_back(work: Work, call: Call) -> Written:
    if call.ticket_id is None:
        names = [link.elder.name for link in elders_of(work, call.account_id)]
        ticket = open_ticket(
            work,
            "call_back",
            say("line.summary", phone=call.number, elders=names).text,
            call_back_key(call.ring_key),
            elder_id=call.elder_id,
            transcript={"phone": call.number},
        )
        call.ticket_id = ticket.id
        call.outcome = outcome_of(work, call)
        log.info("call_back_wanted", ticket_id=ticket.id)
    return Written.TICKET
