"""Who is asked to do an order: hard gates first, then a score whose parts anyone can read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import asin, cos, radians, sin, sqrt

from backend.domain.qualification import Paper, holds

EARTH_RADIUS_M = 6_371_000
TRAVEL_SPEED_M_PER_MIN = 200
"""An electric bicycle in town traffic, about 12 km/h."""
FAR_M = 10_000
"""From here on distance earns nothing more to lose."""


@dataclass(frozen=True)
class Place:
    """A point in degrees, GCJ-02: the datum of Chinese maps and of places shared in WeChat."""

    lat: float
    lon: float


@dataclass(frozen=True)
class Need:
    """What an order asks of its worker. Times aware; the window is when the visit may begin
    and `duration_min` how long it takes."""

    code: str
    category: str
    window_start: datetime
    window_end: datetime
    duration_min: int
    town: str
    place: Place | None
    required_qualification: str | None
    shared_visit: bool = False
    elder_dialect: str | None = None
    wanted_sex: str | None = None
    provider_id: int | None = None
    """The provider whose price was promised; its own workers are preferred."""


@dataclass(frozen=True)
class Busy:
    """Time already promised to another order."""

    start: datetime
    end: datetime
    shared: bool = False
    place: Place | None = None


@dataclass(frozen=True)
class ShiftHours:
    """A worker's hours on one weekday (0 Monday), local time."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True)
class Candidate:
    """A worker as matching sees one."""

    worker_id: int
    provider_id: int
    codes: frozenset[str]
    towns: frozenset[str]
    papers: tuple[Paper, ...]
    shifts: tuple[ShiftHours, ...]
    absent_on: frozenset[date]
    busy: tuple[Busy, ...]
    provider_open: bool
    provider_room: int | None
    """Visits the provider may still take that day; None is without limit."""
    place: Place | None = None
    sex: str | None = None
    languages: frozenset[str] = frozenset()
    rating: float | None = None
    """Mean stars, 1-5; None while nobody has rated."""
    visits_that_day: int = 0
    max_visits_a_day: int = 8
    visits_to_this_elder: int = 0
    refused_by_elder: bool = False
    already_asked: bool = False


SHARED_AT_ONCE = 30
"""Meals one rider can carry in one round."""


@dataclass(frozen=True)
class Scored:
    """A candidate that passed every gate, with the parts of its score (each 0-1, weighted)."""

    worker_id: int
    provider_id: int
    score: float
    parts: dict[str, float] = field(default_factory=dict)


WEIGHTS = {
    "distance": 30.0,
    "same_worker": 20.0,
    "own_provider": 15.0,
    "rating": 15.0,
    "load": 12.0,
    "language": 5.0,
    "sex": 3.0,
}
"""What each part can bring. Sum 100."""


def distance_m(a: Place, b: Place) -> float:
    """Great-circle distance in metres (haversine)."""
    d_lat, d_lon = radians(b.lat - a.lat), radians(b.lon - a.lon)
    h = sin(d_lat / 2) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(d_lon / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(h))


def travel_minutes(a: Place | None, b: Place | None) -> float:
    """Minutes from one place to another; 15 where either is unknown."""
    if a is None or b is None:
        return 15.0
    return distance_m(a, b) / TRAVEL_SPEED_M_PER_MIN


def _within_shift(need: Need, candidate: Candidate, local_start: datetime) -> bool:
    day, begin = local_start.date(), local_start.time()
    finish = (local_start + timedelta(minutes=need.duration_min)).time()
    return day not in candidate.absent_on and any(
        shift.weekday == day.weekday() and shift.start <= begin and finish <= shift.end
        for shift in candidate.shifts
    )


def _double_booked(need: Need, candidate: Candidate) -> bool:
    end = need.window_start + timedelta(minutes=need.duration_min)
    shared_now = 0
    for busy in candidate.busy:
        if need.shared_visit and busy.shared:
            shared_now += busy.start < need.window_end and need.window_start < busy.end
            continue
        travel = timedelta(minutes=travel_minutes(busy.place, need.place))
        if busy.start - travel < end and need.window_start < busy.end + travel:
            return True
    return shared_now >= SHARED_AT_ONCE


def refusal(need: Need, candidate: Candidate, local_start: datetime) -> str | None:
    """The first gate that this worker fails, by name; None when all are passed.

    `local_start` is the window's start in the people's time zone.
    """
    day = local_start.date()
    gates = (
        ("already_asked", not candidate.already_asked),
        ("refused_by_elder", not candidate.refused_by_elder),
        ("skill", need.code in candidate.codes),
        ("area", need.town in candidate.towns),
        ("qualification", holds(candidate.papers, need.required_qualification, day)),
        ("provider_closed", candidate.provider_open),
        ("provider_full", candidate.provider_room is None or candidate.provider_room > 0),
        ("shift", _within_shift(need, candidate, local_start)),
        (
            "day_full",
            need.shared_visit or candidate.visits_that_day < candidate.max_visits_a_day,
        ),
        ("double_booked", not _double_booked(need, candidate)),
    )
    return next((name for name, passed in gates if not passed), None)


def score(need: Need, candidate: Candidate) -> Scored:
    """How well a worker fits, 0-100; every part is kept by name, already weighted."""
    if candidate.place is None or need.place is None:
        nearness = 0.5
    else:
        nearness = max(0.0, 1 - distance_m(candidate.place, need.place) / FAR_M)
    raw = {
        "distance": nearness,
        "same_worker": min(1.0, candidate.visits_to_this_elder / 3),
        "own_provider": 1.0 if candidate.provider_id == need.provider_id else 0.0,
        # Someone nobody has rated yet gets the benefit of the doubt, below a good name.
        "rating": ((candidate.rating if candidate.rating is not None else 4.0) - 1) / 4,
        "load": max(0.0, 1 - candidate.visits_that_day / max(1, candidate.max_visits_a_day)),
        "language": 1.0
        if need.elder_dialect is None or need.elder_dialect in candidate.languages
        else 0.0,
        "sex": 1.0 if need.wanted_sex is None or need.wanted_sex == candidate.sex else 0.0,
    }
    parts = {name: round(WEIGHTS[name] * value, 2) for name, value in raw.items()}
    return Scored(candidate.worker_id, candidate.provider_id, round(sum(parts.values()), 2), parts)


@dataclass(frozen=True)
class Ranking:
    """The workers to ask, best first, and why each of the others was not."""

    best_first: tuple[Scored, ...]
    refused: dict[int, str]


def rank(need: Need, candidates: Iterable[Candidate], local_start: datetime) -> Ranking:
    """Gate and score all candidates. Ties go to the lower worker id, so that a rerun agrees."""
    passed: list[Scored] = []
    refused: dict[int, str] = {}
    for candidate in candidates:
        reason = refusal(need, candidate, local_start)
        if reason is None:
            passed.append(score(need, candidate))
        else:
            refused[candidate.worker_id] = reason
    passed.sort(key=lambda scored: (-scored.score, scored.worker_id))
    return Ranking(tuple(passed), refused)


def busy_span(window_start: datetime, duration_min: int, shared: bool, place: Place | None) -> Busy:
    """The time an accepted order takes of its worker."""
    return Busy(window_start, window_start + timedelta(minutes=duration_min), shared, place)


def most_common_refusal(refused: Sequence[str] | Iterable[str]) -> str | None:
    """The gate most workers failed, to tell a dispatcher in one word why nobody fits."""
    counts: dict[str, int] = {}
    for reason in refused:
        counts[reason] = counts.get(reason, 0) + 1
    return max(counts, key=lambda reason: (counts[reason], reason)) if counts else None
