"""What a run of the bench measured, and the figures out of it. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from ops.bench.asr.scoring import NOTHING, Count, counted
from ops.bench.voice.cost import Cost
from ops.bench.voice.plans import Called, Steps
from ops.bench.voice.timing import S, hushed_s, is_talked_over, turn_s
from ops.bench.voice.under_test import Use
from ops.bench.voice.voices import STRANGER
from ops.bench.voice.wishes import Wish

UNENDED = frozenset({"refused", "unheard"})
"""Calls that came to no end of anybody's will."""


@dataclass(frozen=True)
class Delays:
    """Seconds: half, and all but one in twenty, are shorter. `count` of them were measured."""

    count: int
    p50: float
    p95: float
    longest: float


def delays(seconds: Iterable[float]) -> Delays | None:
    """None where nothing was measured."""
    found = sorted(seconds)
    if not found:
        return None
    p95 = quantiles(found, n=20, method="inclusive")[18] if len(found) > 1 else found[0]
    return Delays(len(found), median(found), p95, found[-1])


@dataclass(frozen=True)
class Rung:
    """A call with what it came to. `met`: exactly the orders that were wished for stand."""

    called: Called
    wish: Wish | None
    met: bool
    ordered: str = ""
    """The orders that stand, for people."""
    steps: tuple[Steps, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Right, and without a human."""
        return self.met and self.called.why != "human"

    @property
    def was_ended(self) -> bool:
        """By an order, a human, the line's goodbye or the caller's own will."""
        return self.called.why not in UNENDED

    @property
    def turns(self) -> list[float]:
        """Seconds from each end of hers to the line's next sound. What she interrupted with
        counts too: the line falls silent before she comes to her end."""
        said = self.called.spoken
        ends = (*(one.first for one in said[1:]), None)
        found = [turn_s(one, self.called.line, end) for one, end in zip(said, ends, strict=False)]
        return [one for one in found if one is not None]

    @property
    def talked_over(self) -> int:
        """How often the line spoke when she came to her end."""
        return sum(
            is_talked_over(one, self.called.line) for one in self.called.spoken if not one.over
        )

    @property
    def hushed(self) -> list[float]:
        """Seconds in which the line fell silent when she interrupted it."""
        found = (hushed_s(one, self.called.line) for one in self.called.spoken if one.over)
        return [one for one in found if one is not None]

    @property
    def raised_s(self) -> tuple[float, float] | None:
        """From the last and first sound of the first cry to the incident, which may take more than
        one; None where there is none."""
        called = self.called
        if not called.incident_ns or not called.spoken:
            return None
        cry = called.spoken[0]
        return (called.incident_ns - cry.last) / S, (called.incident_ns - cry.first) / S


@dataclass
class RoundFound:
    """A round: calls made together, and what the line used meanwhile."""

    name: str
    engine: str
    around: str
    at_once: int
    calls: list[Rung]
    before: Use
    uses: Sequence[Use] = ()
    busy: Sequence[float] = ()
    callers_cpu_s: float = 0.0
    """Of the process that rang."""

    @property
    def met(self) -> Count:
        return counted(one.succeeded for one in self.calls)

    @property
    def turn(self) -> Delays | None:
        return delays(value for one in self.calls for value in one.turns)

    @property
    def hushed(self) -> Delays | None:
        return delays(value for one in self.calls for value in one.hushed)

    @property
    def seconds(self) -> Delays | None:
        """How long calls were that ended with the right order."""
        return delays(one.called.seconds for one in self.calls if one.succeeded)

    @property
    def talked_over(self) -> Count:
        said = sum(len(one.called.spoken) for one in self.calls)
        return Count(sum(one.talked_over for one in self.calls), said)

    @property
    def steps(self) -> Steps | None:
        """Half of the turns take no longer for each."""
        found = [step for one in self.calls for step in one.steps]
        if not found:
            return None
        return Steps(
            median(one.pause for one in found),
            median(one.answer for one in found),
            median(one.voice for one in found),
        )

    @property
    def cpu_a_call(self) -> float | None:
        """Share of a core that the line needs for each call that is on."""
        talked = sum(one.called.seconds for one in self.calls)
        if len(self.uses) < 2 or not talked:
            return None
        return (self.uses[-1].cpu_s - self.uses[0].cpu_s) / talked

    @property
    def mb_a_call(self) -> float | None:
        """What the line grew by, for each of the calls at once."""
        if not self.uses:
            return None
        return max(max(one.mb for one in self.uses) - self.before.mb, 0) / self.at_once

    @property
    def busiest(self) -> float | None:
        """Share of all cores in use, half of the time."""
        return median(self.busy) if self.busy else None

    def ends(self) -> dict[str, int]:
        """How calls ended."""
        found: dict[str, int] = {}
        for one in self.calls:
            why = "right order" if one.succeeded else one.called.why
            why = "wrong order" if why == "ordered" else why
            found[why] = found.get(why, 0) + 1
        return dict(sorted(found.items()))


@dataclass(frozen=True)
class HungUp:
    """Calls that were hung up at random moments. `rests` are looks at the line when no call is on:
    before, and after each batch. `unended`: records without an end."""

    calls: int
    records: int
    unended: int
    before_up: int
    rests: Sequence[Use]
    batch: int
    ports_left: int
    ends: dict[str, int]

    @property
    def mb_a_hundred(self) -> float | None:
        """Megabytes that a hundred calls leave behind, by the last half of the looks: before, a
        line still learns what it will say again."""
        later = self.rests[len(self.rests) // 2 :]
        if len(later) < 2:
            return None
        return (later[-1].mb - later[0].mb) / ((len(later) - 1) * self.batch) * 100

    @property
    def threads_more(self) -> int:
        """Than after the first batch."""
        first = self.rests[1] if len(self.rests) > 1 else self.rests[0]
        return self.rests[-1].threads - first.threads


@dataclass
class Findings:
    """Everything of a run; what it skipped is empty."""

    model: str
    quick: bool
    cores: int
    rounds: list[RoundFound] = field(default_factory=list)
    typed: Count = NOTHING
    """The same wishes put to the desk as texts."""
    typed_failed: list[str] = field(default_factory=list)
    barged: RoundFound | None = None
    cried: RoundFound | None = None
    hung_up: HungUp | None = None
    cost: Cost | None = None

    def round_of(
        self, at_once: int, around: str = "clean", engine: str = STRANGER
    ) -> RoundFound | None:
        """The round of so many callers of one engine."""
        wanted = (at_once, around, engine)
        rounds = (one for one in self.rounds if (one.at_once, one.around, one.engine) == wanted)
        return next(rounds, None)

    @property
    def raised(self) -> tuple[Delays | None, Delays | None]:
        """From a cry's last sound, and from its first, to the incident."""
        found = [one.raised_s for one in self.cried.calls] if self.cried else []
        there = [one for one in found if one is not None]
        return delays(last for last, _ in there), delays(first for _, first in there)

    @property
    def cries_to_a_human(self) -> int:
        """Those that became no incident, and yet a human took the call."""
        calls = self.cried.calls if self.cried else []
        return sum(one.raised_s is None and one.called.why == "human" for one in calls)

    @property
    def cries(self) -> Count:
        """Those that became an incident."""
        return (
            counted(one.raised_s is not None for one in self.cried.calls) if self.cried else NOTHING
        )
