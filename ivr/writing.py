"""A call, written down so that a human comes: a ticket, or for a bell an incident."""

from __future__ import annotations

import enum
from dataclasses import replace

import structlog
from sqlalchemy.orm import Session, sessionmaker

from backend.services.open_ticket import open_ticket
from backend.services.raise_incident import raise_incident
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Actor, Work, actor_of
from ivr.caller import Caller, number_of, who_rings
from nlu.prompts import say

LINE = Actor("line", "voice")
"""Who writes for callers that have no account."""

log = structlog.get_logger()


class Written(enum.Enum):
    """What became of a call in our books, and so what the caller may be promised."""

    NOTHING = "nothing"
    """Not yet: the database is away."""
    TICKET = "ticket"
    INCIDENT = "incident"
    NO_NUMBER = "no number"
    """Nobody to ring back."""


def write_down(sessions: sessionmaker[Session], call_id: str, address: str) -> Written:
    """One transaction: a `call_back` ticket for the caller, an incident for a bell.

    The same call written twice changes nothing. Any failure is raised, and nothing is written.
    """
    number = number_of(address)
    if number is None:
        log.info("call_without_number")
        return Written.NO_NUMBER
    with unit_of_work(sessions, LINE) as work:
        caller = who_rings(work, number)
        if caller.account is not None:
            work.actor = replace(actor_of(caller.account), channel=LINE.channel)
        # Cheap devices count their Call-IDs from the start after each power cut: without the
        # number and the hour, one of them could have its next alarm taken for an old one.
        key = f"call:{number}:{call_id}:{work.now:%Y%m%d%H}"
        if caller.bell_of is not None:
            return _alarm(work, caller, caller.bell_of.id, key)
        return _call_back(work, caller, key)


def _alarm(work: Work, caller: Caller, elder_id: int, key: str) -> Written:
    words = say("line.bell_rang").text
    incident = raise_incident(work, words, key, elder_id, {"call_back": caller.number})
    log.info("bell_rang", incident_id=incident.id)
    return Written.INCIDENT


def _call_back(work: Work, caller: Caller, key: str) -> Written:
    names = [elder.name for elder in caller.elders]
    summary = say("line.summary", phone=caller.number, elders=names).text
    only = caller.elders[0].id if len(caller.elders) == 1 else None
    ticket = open_ticket(
        work, "call_back", summary, key, elder_id=only, transcript={"phone": caller.number}
    )
    log.info("call_back_wanted", ticket_id=ticket.id)
    return Written.TICKET
