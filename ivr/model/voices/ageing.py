"""Old people from young: WORLD copies of what was spoken, with other pitch and throat, tremor,
breath, and a slower tongue.
"""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from ivr.model.voices import Manner, Unspeakable

if TYPE_CHECKING:
    from ivr.model.voices import Samples

FRAME_MS = 8.0
LOWEST_HZ, HIGHEST_HZ = 85.0, 260.0
"""Old men's and old women's usual median pitch; voices of the engines lie mostly above it."""
MEN_SHARE = 0.5
VOICED_FRAMES = 10
"""Fewer, and there is no pitch to move."""


class Ageing:
    """Makes an old copy of samples. Not a Voice: it speaks nothing of its own."""

    def manner(self, source: str, dice: Random) -> Manner:
        """`source` is who spoke; pitch in Hz, the rest ratios or shares."""
        low, high = (LOWEST_HZ, 150.0) if dice.random() < MEN_SHARE else (150.0, HIGHEST_HZ)
        style = {
            "pitch_hz": math.exp(dice.uniform(math.log(low), math.log(high))),
            "range": dice.uniform(0.6, 1.3),
            "throat": dice.uniform(0.92, 1.08),
            "jitter": dice.uniform(0, 0.03),
            "tremor": dice.uniform(0, 0.05),
            "tremor_hz": dice.uniform(4, 8),
            "breath": dice.uniform(0, 0.5) if dice.random() < 0.6 else 0.0,
            "speed": 1 / dice.uniform(0.8, 1.6),
        }
        return Manner(source, {name: round(value, 3) for name, value in style.items()})

    def aged(self, samples: Samples, rate: int, manner: Manner, dice: Random) -> Samples:
        """The copy, at the same rate. Raises Unspeakable if there is no voice in it."""
        import pyworld

        style, chance = manner.style, np.random.default_rng(dice.randrange(2**32))
        sound = samples.astype(np.float64)
        pitch, times = pyworld.dio(sound, rate, frame_period=FRAME_MS)
        pitch = pyworld.stonemask(sound, pitch, times, rate)
        voiced = pitch > 0
        if voiced.sum() < VOICED_FRAMES:
            raise Unspeakable("no voice to age")
        spectrum = pyworld.cheaptrick(sound, pitch, times, rate)
        noise = pyworld.d4c(sound, pitch, times, rate)
        middle = float(np.median(pitch[voiced]))
        higher = style["pitch_hz"] / middle
        away = np.log(np.maximum(pitch, 1.0) / middle)
        wanted = style["pitch_hz"] * np.exp(style["range"] * away)
        shake = style["jitter"] * chance.standard_normal(len(pitch))
        shake += style["tremor"] * np.sin(2 * np.pi * style["tremor_hz"] * times)
        wanted = np.where(voiced, wanted * (1 + shake), 0.0)
        # A lower voice comes from a longer throat, though by far less than its pitch says.
        throat = float(np.clip(higher**0.25 * style["throat"], 0.82, 1.2))
        bands = spectrum.shape[1]
        where = np.clip(np.arange(bands) / throat, 0, bands - 1)
        below = np.clip(where.astype(int), 0, bands - 2)
        share = where - below
        spectrum = spectrum[:, below] * (1 - share) + spectrum[:, below + 1] * share
        noise = noise + style["breath"] * np.linspace(0.2, 1, bands)[None, :] * (1 - noise)
        frames = np.round(np.linspace(0, len(pitch) - 1, int(len(pitch) / style["speed"])))
        pick = frames.astype(int)
        copy = pyworld.synthesize(
            np.ascontiguousarray(wanted[pick]),
            np.ascontiguousarray(spectrum[pick]),
            np.ascontiguousarray(np.clip(noise[pick], 0, 1)),
            rate,
            FRAME_MS,
        )
        aged: Samples = copy.astype(np.float32)
        return aged
