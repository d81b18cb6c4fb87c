"""Nobody has answered a call for help: tell it again, and wider."""

from backend.db.models import Incident
from backend.domain.incidents import IncidentState
from backend.services.raise_incident import tell
from backend.services.work import Work


def escalate_incident(work: Work, incident_id: int, round_number: int) -> bool:
    """Begin a round, once; False when a human already has the incident or the round is old.

    Rounds go on without end: an alarm stops ringing only when somebody answers it.
    """
    incident = work.get(Incident, incident_id, lock=True)
    if incident.state is not IncidentState.RAISED or incident.round >= round_number:
        return False
    incident.round = round_number
    tell(work, incident)
    return True
