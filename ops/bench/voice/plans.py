"""What callers are told to do, and what they report: passes between the bench and the process that
calls."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ops.bench.voice.timing import Run, Spoken


@dataclass(frozen=True)
class Plan:
    """One call. Of `wish` and `cry` one is given."""

    number: str
    wish: int = 0
    """Its number in the list; 0: none."""
    cry: str = ""
    bed: str = ""
    """What is heard around the caller all the time: a name among the sounds; empty: nothing."""
    barges: bool = False
    """She does not let the line finish."""
    leaves_after_s: float | None = None
    """She hangs up then, whatever goes on; None: when she is done."""
    keeps: bool = False
    """Her side's sound is kept for the cost of recognition."""


@dataclass(frozen=True)
class Round:
    """Calls that are made together. `sounds` is a folder of NAME.npy, `said` names the sound of a
    text by the voice of a number (`number|text`)."""

    database_url: str
    sip_port: int
    at_once: int
    today: str
    sounds: str
    said: dict[str, str]
    plans: list[Plan]
    apart_s: float = 0.4
    """Between the first rings, so that not all are at the same word."""


@dataclass(frozen=True)
class Steps:
    """Seconds of a turn by the line's own clock: until it is sure that she has ended, until it has
    an answer, until it hands over the first sound of it."""

    pause: float
    answer: float
    voice: float


@dataclass(frozen=True)
class Called:
    """What became of a call. Times are nanoseconds of the wall clock; 0: never.

    `why`: ordered, human, alarm, gave_up, left (as planned), line (it hung up), refused, unheard
    (the line did not answer).
    """

    plan: Plan
    call_id: str
    why: str
    rang_ns: int
    up_ns: int
    over_ns: int
    turns: int
    refused: int = 0
    corrected: int = 0
    """How often she said that what was read back is wrong."""
    spoken: list[Spoken] = field(default_factory=list)
    line: list[Run] = field(default_factory=list)
    incident_ns: int = 0
    """When the incident could be seen by others."""
    kept: str = ""
    """File of her side's sound."""

    @property
    def seconds(self) -> float:
        """From answer to end."""
        return max(self.over_ns - self.up_ns, 0) / 1e9 if self.up_ns else 0.0

    def to_row(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_row(cls, row: dict[str, Any]) -> Called:
        row = dict(row)
        row["plan"] = Plan(**row["plan"])
        row["spoken"] = [Spoken(**one) for one in row["spoken"]]
        row["line"] = [Run(**one) for one in row["line"]]
        return cls(**row)


def round_of_row(row: dict[str, Any]) -> Round:
    """What asdict made of a Round."""
    row = dict(row)
    row["plans"] = [Plan(**one) for one in row["plans"]]
    return Round(**row)
