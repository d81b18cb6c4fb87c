"""Real people (ivr.model.people): their phones, and their phrases found among many others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from ivr.ears import Ears
from ivr.model.people import Clip, clips
from ivr.model.phones import phones_of
from ivr.model.spoken import pieces
from ivr.model.telephone import PACKET, Line, active_level, placed
from nlu.rasa.build import written
from ops.bench.asr.hearing import hear
from ops.bench.asr.scoring import Count, counted, errors, nearest, total
from ops.bench.asr.shipped import RATE
from ops.bench.asr.sounds import Sounds
from ops.bench.asr.spoken import AFTER_S, BEFORE_S

if TYPE_CHECKING:
    from ivr.model.shelf import Samples

LINES = {
    "as recorded, at 8 kHz": Line(handset="plain", codec="none"),
    "clean telephone": Line(),
}
DRAWS = 3
"""Lists that each piece is looked for in, of other phrases each."""
OTHERS = 999
SHORTEST_PAUSE_S = 0.16
PAUSE_DB = -17
"""Below the level of the speech: people breathe, and rooms echo, in their pauses."""
SHORTEST_PIECE = 3
"""Characters: shorter pieces are left with the next one."""


@dataclass(frozen=True)
class Trial:
    """A piece looked for among others of as many characters."""

    clip: Clip
    line: str
    heard: str
    taken: str | None

    @property
    def right(self) -> bool:
        return self.taken == self.clip.text


@dataclass(frozen=True)
class People:
    """What was found: phone errors by line and clip, and every trial among so many `others`."""

    phones: dict[str, dict[str, Count]]
    trials: list[Trial]
    others: int = OTHERS

    @property
    def phone_errors(self) -> Count:
        """Over all lines and clips."""
        return total(self.on(line) for line in self.phones)

    def on(self, line: str) -> Count:
        """Over all clips, on one line."""
        return total(self.phones[line].values())

    @property
    def found(self) -> Count:
        """Pieces that were, in all trials."""
        return counted(one.right for one in self.trials)


def cut(clip: Clip) -> list[Clip]:
    """The clip at its pauses. Nothing tells where in the text a pause lies, so each piece gets the
    share of the characters that it has of the time in which somebody speaks."""
    spans = _spoken_spans(clip.samples)
    lengths = np.cumsum([end - start for start, end in spans])
    ends = np.rint(lengths / lengths[-1] * len(clip.text)).astype(int)
    bounds = [(spans[0][0], 0)]
    for (_, end), text_end in zip(spans, ends, strict=True):
        if text_end - bounds[-1][1] >= SHORTEST_PIECE:
            bounds.append((end, int(text_end)))
    # What is left of the text and the sound belongs to the last piece.
    bounds[max(len(bounds) - 1, 1) :] = [(spans[-1][1], len(clip.text))]
    return [
        Clip(f"{clip.name} {number}", clip.text[first:last], clip.samples[start:end])
        for number, ((start, first), (end, last)) in enumerate(pairwise(bounds), start=1)
    ]


def _spoken_spans(samples: Samples) -> list[tuple[int, int]]:
    """(first, last) samples of what lies between pauses, by pieces of 20 ms."""
    whole = len(samples) // PACKET * PACKET
    level = np.sqrt(np.square(samples[:whole]).reshape(-1, PACKET).mean(1))
    loud = np.flatnonzero(level >= active_level(samples) * 10 ** (PAUSE_DB / 20))
    gaps = np.flatnonzero(np.diff(loud) * PACKET / RATE > SHORTEST_PAUSE_S)
    firsts = [loud[0], *(loud[gap + 1] for gap in gaps)]
    lasts = [*(loud[gap] for gap in gaps), loud[-1]]
    return [(int(a) * PACKET, int(b + 1) * PACKET) for a, b in zip(firsts, lasts, strict=True)]


def listen(ears: Ears, sounds: Sounds | None, folder: Path, others: int = OTHERS) -> People:
    """Phone errors of whole clips (none where `sounds` is missing), and each clip and each of its
    pieces looked for. Raises NoPeople, OSError, ValueError."""
    whole = clips(folder)
    phones = {
        name: {clip.name: _phone_errors(sounds, clip, line) for clip in whole}
        for name, line in LINES.items()
        if sounds is not None
    }
    parts = [piece for clip in whole for piece in (clip, *_worth_it(clip))]
    lists = {clip.name: list(_lists(clip, others)) for clip in parts}
    trials = [
        _trial(ears, clip, name, line, phrases)
        for clip in parts
        for name, line in LINES.items()
        for phrases in lists[clip.name]
    ]
    return People(phones, trials, others)


@cache
def _texts() -> str:
    """The corpus as one text: phrases of any length are cut out of it."""
    return "".join(piece.replace("，", "") for _, text in written() for piece in pieces(text))


def _worth_it(clip: Clip) -> list[Clip]:
    made = cut(clip)
    return made if len(made) > 1 else []


def _phone_errors(sounds: Sounds, clip: Clip, line: Line) -> Count:
    pcm = line.carry(placed(clip.samples, BEFORE_S, AFTER_S), np.random.default_rng(1))
    return errors([(phones_of(clip.text), sounds.heard(pcm))])


def _trial(ears: Ears, clip: Clip, name: str, line: Line, phrases: Sequence[str]) -> Trial:
    pcm = line.carry(placed(clip.samples, BEFORE_S, AFTER_S), np.random.default_rng(1))
    heard = hear(ears, pcm, phrases).text
    return Trial(clip, name, heard, nearest(heard, phrases))


def _lists(clip: Clip, others: int) -> Iterator[list[str]]:
    """The phrase among others of as many characters, from the sentences of the line's corpus."""
    size, texts = len(clip.text), _texts()
    for draw in range(DRAWS):
        dice = Random(f"{clip.name} {draw}")
        drawn: dict[str, None] = {}
        while len(drawn) < others:
            start = dice.randrange(len(texts) - size)
            if (phrase := texts[start : start + size]) != clip.text:
                drawn[phrase] = None
        phrases = [clip.text, *drawn]
        dice.shuffle(phrases)
        yield phrases
