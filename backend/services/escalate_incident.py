"""Nobody has answered a call for help: tell it again, and wider."""

from datetime import timedelta

from backend.db.models import Incident
from backend.domain.incidents import IncidentState
from backend.services.raise_incident import tell
from backend.services.work import Work
from backend.settings import get_settings

EARLY = 0.9
"""Clocks of machines differ a little: so much of its time is enough for a round."""


def escalate_incident(work: Work, incident_id: int, round_number: int) -> bool:
    """Begin a round, once; False when a human already has the incident or the round is old.

    Rounds go on without end: an alarm stops ringing only when somebody answers it.
    """
    incident = work.get(Incident, incident_id, lock=True)
    if incident.state is not IncidentState.RAISED or incident.round >= round_number:
        return False
    # A queue that runs jobs before their time must not turn an alarm into a flood.
    patience = timedelta(seconds=get_settings().escalate_after_s)
    if work.now < incident.raised_at + round_number * patience * EARLY:
        return False
    incident.round = round_number
    tell(work, incident)
    return True
