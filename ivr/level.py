"""How loud a caller is, and the gain that brings every caller to one level.

Telephones differ by 30 dB, and a voice that trembles into the receiver's wrong end is as much a
voice as a shout. The gain follows the speech alone and slowly, so that a word keeps its shape.
Pure: samples in, samples out; no clock but the frames themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]

FRAME_S = 0.02
FULL = 32768.0
TARGET_DB = -26.0
"""Active speech below full scale: what telephone networks are planned for (ITU-T P.56, G.101)."""
SILENCE_DB = -90.0
"""Stands for no sound at all."""
QUIETEST_DB = -62.0
"""Below this nothing is taken for a voice: it is the line's own hiss after A-law."""
OVER_FLOOR_DB = 8.0
"""So far above what is always there a sound is something that happens."""
MOST_GAIN_DB, LEAST_GAIN_DB = 24.0, -18.0
"""More would bring up the hiss of the line with the voice."""
FIRST_S, LATER_S = 0.2, 1.0
"""How fast the speech's level is learnt: in the first second, and afterwards. A second is some
words long: a loud syllable does not duck the next one."""
FLOOR_RISE_DB_S = 3.0
"""So fast a steady noise becomes the floor; it sinks at once."""
RISE_DB = 2.0
"""The most that the gain rises in a frame: after a bang the voice is back within a word."""
PEAK = 0.9
"""Of full scale; a peak above it would be cut, so the gain gives way first."""


def decibels(pcm: Pcm) -> float:
    """The mean power of samples below full scale; SILENCE_DB for none."""
    if not len(pcm):
        return SILENCE_DB
    power = float(np.mean(np.square(pcm, dtype=np.float64))) / FULL**2
    return max(10 * float(np.log10(power)), SILENCE_DB) if power > 0 else SILENCE_DB


@dataclass
class Level:
    """Feed it with one caller's frames in order. It never raises the silence between words above
    what the words' own gain makes of it."""

    floor_db: float = QUIETEST_DB
    """What is there when nobody speaks."""
    speech_db: float = TARGET_DB
    """How loud the active speech came in so far; TARGET_DB while nothing is known."""
    gain_db: float = 0.0
    now_db: float = SILENCE_DB
    """Of the last frame, as it came."""
    _heard_s: float = 0.0

    @property
    def is_loud(self) -> bool:
        """Whether the last frame stood out from what is always there."""
        return self.now_db > max(self.floor_db + OVER_FLOOR_DB, QUIETEST_DB)

    def brought(self, pcm: Pcm) -> Pcm:
        """The frame at the level that all callers are brought to."""
        self.now_db = decibels(pcm)
        if not len(pcm):
            return pcm  # no sound is not silence: it says nothing about the line
        before = self.gain_db
        if self.is_loud:
            self._learn(len(pcm) / 160 * FRAME_S)
        self._follow_floor()
        wanted = min(max(TARGET_DB - self.speech_db, LEAST_GAIN_DB), MOST_GAIN_DB)
        self.gain_db = min(wanted, before + RISE_DB)
        peak = float(np.abs(pcm.astype(np.int32)).max(initial=0)) / FULL
        if peak:
            self.gain_db = min(self.gain_db, 20 * float(np.log10(PEAK / peak)))
        if before == self.gain_db == 0.0:
            return pcm
        # A ramp upwards: a step would be a click. Downwards at once: a peak may come first.
        gains = 10 ** (np.linspace(min(before, self.gain_db), self.gain_db, len(pcm)) / 20)
        raised: Pcm = np.clip(np.rint(pcm * gains), -32768, 32767).astype(np.int16)
        return raised

    def _learn(self, seconds: float) -> None:
        """The level by power, so that loud syllables count for what they are."""
        span = FIRST_S if self._heard_s < 1.0 else LATER_S
        share = 1.0 if self._heard_s == 0.0 else min(seconds / span, 1.0)
        self._heard_s += seconds
        mixed = (1 - share) * 10 ** (self.speech_db / 10) + share * 10 ** (self.now_db / 10)
        self.speech_db = 10 * float(np.log10(mixed))

    def _follow_floor(self) -> None:
        if self.now_db < self.floor_db:
            self.floor_db = self.now_db
        else:
            self.floor_db = min(self.floor_db + FLOOR_RISE_DB_S * FRAME_S, self.now_db)
