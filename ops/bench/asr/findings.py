"""What one run of the bench heard, and the figures that come of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nlu.alarms import Certainty
from nlu.rules import danger
from ops.bench.asr.cost import Cost
from ops.bench.asr.hearing import Heard
from ops.bench.asr.people import People
from ops.bench.asr.scoring import Count, counted, cry_in, errors, total
from ops.bench.asr.spoken import APART, Spoken
from ops.bench.asr.trials import Training


@dataclass(frozen=True)
class Free:
    """A sentence heard with the whole language model."""

    spoken: Spoken
    condition: str
    heard: Heard

    @property
    def wrong(self) -> Count:
        """Characters."""
        return errors([(self.spoken.text, self.heard.text)])


@dataclass(frozen=True)
class Answer:
    """A deciding word heard in the state that asks for it: what it means there, and what it was
    taken to mean."""

    spoken: Spoken
    condition: str
    heard: str
    meant: str
    taken: str | None

    @property
    def right(self) -> bool:
        return self.taken == self.meant


@dataclass(frozen=True)
class Stray:
    """Other speech, or no speech at all, heard in a state that did not ask for it."""

    spoken: Spoken
    state: str
    heard: str
    taken: str | None


@dataclass
class Findings:
    """Everything one run measured; what it skipped is empty. `conditions` from quiet to loud."""

    model: str
    model_mb: float
    seed: int
    shelf: bool
    conditions: Sequence[str]
    free: list[Free] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    odd: list[Stray] = field(default_factory=list)
    """The state is empty where anything might have been heard."""
    phones: dict[str, Count] = field(default_factory=dict)
    """Phone errors by engine, clean, without a language model."""
    people: People | None = None
    cost: Cost | None = None
    trainings: list[Training] = field(default_factory=list)

    @property
    def clean(self) -> str:
        return self.conditions[0]

    @property
    def engines(self) -> list[str]:
        """Those that spoke."""
        spoken = [one.spoken for one in self.free] + [one.spoken for one in self.answers]
        return list(dict.fromkeys(one.engine for one in spoken))

    def characters(self, engine: str | None, condition: str, general: bool = True) -> Count:
        """Character errors of one engine; of all held-out voices but the engine kept out for
        None. Without `general`, of what callers of this line say alone."""
        return total(
            one.wrong
            for one in self.free
            if one.condition == condition
            and _is_of(one.spoken, engine)
            and (general or not one.spoken.general)
        )

    def sentences(self, engine: str, condition: str) -> Count:
        """Sentences without any error."""
        return counted(
            one.wrong.part == 0
            for one in self.free
            if one.condition == condition and one.spoken.engine == engine
        )

    def decided(self, kinds: Iterable[str], condition: str, engine: str | None = None) -> Count:
        """Deciding words of these kinds that were taken for what they mean, of one engine or of
        all."""
        wanted = {*kinds}
        return counted(
            one.right
            for one in self.answers
            if one.condition == condition
            and one.spoken.kind in wanted
            and engine in (None, one.spoken.engine)
        )

    def accepted(self, state: str) -> Count:
        """Other speech that was taken for a phrase of a state's list."""
        return counted(one.taken is not None for one in self.strays if one.state == state)

    def false_cries(self, condition: str, least: Certainty = Certainty.SURE) -> Count:
        """Sentences that are no cry for help, and heard freely became one. With
        Certainty.DOUBTFUL those after which it is only asked, too."""
        return counted(
            cry_in(one.heard.hearings) >= least
            for one in self.free
            if one.condition == condition and danger(one.spoken.text).certainty < Certainty.DOUBTFUL
        )

    def cries_heard(self, condition: str) -> Count:
        """Cries for help that were heard as one of the list."""
        return counted(
            one.taken is not None
            for one in self.answers
            if one.condition == condition and one.spoken.kind == "help"
        )

    def worst(self, most: int) -> list[Free]:
        """The sentences most misheard on a clean line, by share and then by number of errors."""
        wrong = [one for one in self.free if one.condition == self.clean and one.wrong.part]
        wrong.sort(key=lambda one: (-(one.wrong.share or 0), -one.wrong.part, one.spoken.text))
        return wrong[:most]

    def wrong_answers(self, most: int) -> list[Answer]:
        """Deciding words taken for others on a clean line, before those not understood."""
        wrong = [one for one in self.answers if one.condition == self.clean and not one.right]
        wrong.sort(key=lambda one: (one.taken is None, one.spoken.kind, one.spoken.text))
        return wrong[:most]


def _is_of(spoken: Spoken, engine: str | None) -> bool:
    return spoken.engine not in APART if engine is None else spoken.engine == engine
