"""Old age on a clear voice: breath, hoarseness, tremor, and less of the high or the low.

Cheap effects on samples, drawn anew every time a sentence is heard; copies with another pitch and
another throat are made once, by ivr.model.voices.ageing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE = 8000


def aged(samples: Samples, dice: np.random.Generator) -> Samples:
    """The voice with some of the effects, each in some strength; of the same length."""
    if dice.random() < 0.35:
        samples = trembling(samples, dice.uniform(3.5, 8), dice.uniform(0.05, 0.4), dice)
    if dice.random() < 0.4:
        samples = breathy(samples, dice.uniform(4, 20), dice)
    if dice.random() < 0.25:
        samples = hoarse(samples, dice.uniform(0.1, 0.5), dice)
    if dice.random() < 0.5:
        samples = tilted(samples, dice.uniform(-0.6, 0.6))
    return samples


def trembling(samples: Samples, pace: float, depth: float, dice: np.random.Generator) -> Samples:
    """Loudness and pitch that swing `pace` times a second, the loudness by `depth` of itself."""
    phase = np.arange(len(samples), dtype=np.float32) * np.float32(2 * np.pi * pace / RATE)
    phase += np.float32(dice.uniform(0, 6.3))
    # A pitch that swings by 3 % at most: reading on by its integral, in samples.
    swing = np.float32(0.03 * depth / 0.4 * RATE / (2 * np.pi * pace))
    where = np.arange(len(samples)) + swing * np.sin(phase)
    moved: Samples = np.interp(where, np.arange(len(samples)), samples).astype(np.float32)
    moved *= 1 + np.float32(depth) * np.cos(phase)
    return moved


def breathy(samples: Samples, ratio: float, dice: np.random.Generator) -> Samples:
    """Air in the voice, `ratio` dB below it: a hiss that is as loud as the voice is just then."""
    hiss = dice.standard_normal(len(samples), dtype=np.float32)
    hiss[1:] -= np.float32(0.7) * hiss[:-1]
    return samples + hiss * loudness(samples, 0.02) * np.float32(10 ** (-ratio / 20))


def hoarse(samples: Samples, depth: float, dice: np.random.Generator) -> Samples:
    """Every beat of the cords of another strength, by `depth` of itself."""
    beats = dice.standard_normal(len(samples) // 64 + 2)
    rough = np.interp(np.arange(len(samples)) / 64, np.arange(len(beats)), beats)
    return samples * (1 + np.float32(depth) * rough.astype(np.float32))


def tilted(samples: Samples, slope: float) -> Samples:
    """Duller (a positive slope) or sharper, by a filter of one step; ±0.6 is about ±9 dB."""
    bent = samples.copy()
    bent[1:] += np.float32(slope) * samples[:-1]
    return bent


def loudness(samples: Samples, seconds: float) -> Samples:
    """The mean size of the samples about each one."""
    span = max(int(RATE * seconds), 1)
    summed = np.cumsum(np.concatenate([np.zeros(span), np.abs(samples)]))
    mean: Samples = ((summed[span:] - summed[:-span]) / span).astype(np.float32)
    return mean
