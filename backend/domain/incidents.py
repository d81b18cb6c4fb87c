"""Calls for help: their states, and who is told in which round."""

from dataclasses import dataclass
from enum import StrEnum

from backend.domain.errors import IllegalMove


class IncidentState(StrEnum):
    """Where a call for help stands. It is over only when a human says so."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    DISPATCHED = "dispatched"
    RESOLVED = "resolved"


_ORDER = list(IncidentState)


def advance(state: IncidentState, target: IncidentState) -> IncidentState:
    """Move an incident forward; saying the same thing twice changes nothing.

    Raises IllegalMove for a step back.
    """
    if _ORDER.index(target) < _ORDER.index(state):
        raise IllegalMove("illegal_move", state=state.value, move=target.value)
    return target


@dataclass(frozen=True)
class Watcher:
    """Someone who can be told. `ring` 0: on duty for this town and the elder's own people;
    1: everyone on duty; 2: everyone who ever is (supervisors, all agents)."""

    account_id: int
    ring: int


def to_tell(watchers: list[Watcher], round_number: int) -> list[int]:
    """The accounts to tell in a round (from 0), each once: wider with every round."""
    told: dict[int, None] = {}
    for watcher in sorted(watchers, key=lambda w: (w.ring, w.account_id)):
        if watcher.ring <= round_number:
            told[watcher.account_id] = None
    return list(told)
