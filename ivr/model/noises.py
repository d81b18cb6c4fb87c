"""What else a telephone hears in an old person's home, each kind at a mean square of 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE = 8000
LIFELESS = ("white", "pink", "hum", "clatter", "music")
KINDS = (*LIFELESS, "television", "babble")
"""The last two are other speech: one voice, several voices."""
MAINS = 50.0
"""Hertz."""


def noise(kind: str, length: int, dice: np.random.Generator, others: Sequence[Samples]) -> Samples:
    """`length` samples of it. `others` are utterances of other people for television and babble.

    Raises ValueError for another kind, or where it takes others and there are none.
    """
    if kind == "white":
        made = dice.standard_normal(length, dtype=np.float32)
    elif kind == "pink":
        made = _pink(length, dice)
    elif kind == "hum":
        made = _hum(length, dice)
    elif kind == "clatter":
        made = _clatter(length, dice)
    elif kind == "music":
        made = _music(length, dice)
    elif kind in KINDS and others:
        made = _speech(length, dice, others[:1] if kind == "television" else others)
    else:
        raise ValueError(f"no noise {kind!r} with {len(others)} other voices")
    return made / max(rms(made), np.float32(1e-9))


def rms(samples: Samples) -> np.float32:
    """The root of the mean square; 0 for none."""
    return np.sqrt(np.mean(np.square(samples))) if len(samples) else np.float32(0)


def _pink(length: int, dice: np.random.Generator) -> Samples:
    """Less the higher: by 3 dB an octave as in a room to 9 dB as in a car."""
    size = 1 << max(length - 1, 1).bit_length()
    bins = size // 2 + 1
    spectrum = dice.standard_normal(2 * bins, dtype=np.float32).view(np.complex64)
    fall = np.float32(dice.uniform(0.5, 1.5))
    spectrum *= np.maximum(np.arange(bins, dtype=np.float32), size / RATE * 30) ** -fall
    return np.fft.irfft(spectrum, size)[:length].astype(np.float32)


def _hum(length: int, dice: np.random.Generator) -> Samples:
    """A bad earth: harmonics of the mains, and some hiss."""
    time = np.arange(length, dtype=np.float32) * np.float32(2 * np.pi * MAINS / RATE)
    made = dice.standard_normal(length, dtype=np.float32) * np.float32(dice.uniform(0.1, 0.5))
    for harmonic in (1, 2, 3, 5, 7, 9):
        strength = np.float32(dice.uniform(0, 1) / harmonic**0.5)
        made += strength * np.sin(harmonic * time + np.float32(dice.uniform(0, 6.3)))
    return made


def _clatter(length: int, dice: np.random.Generator) -> Samples:
    """Dishes and pans: blows that ring at a few high pitches and die away."""
    made = dice.standard_normal(length, dtype=np.float32) * np.float32(0.02)
    for _ in range(1 + dice.poisson(2.5 * length / RATE)):
        start = int(dice.integers(max(length, 1)))
        rings = int(RATE * dice.uniform(0.03, 0.25))
        time = np.arange(min(rings, length - start), dtype=np.float32) / RATE
        fade = np.exp(time * np.float32(-7 * RATE / rings)) * np.float32(dice.uniform(0.1, 1))
        for pitch in dice.uniform(500, 3600, 3):
            made[start : start + rings] += fade * np.sin(np.float32(2 * np.pi * pitch) * time)
    return made


def _music(length: int, dice: np.random.Generator) -> Samples:
    """A tune of plucked or bowed notes on two or three strings, and perhaps a drum."""
    made = dice.standard_normal(length, dtype=np.float32) * np.float32(0.01)
    plucked, tremble = dice.random() < 0.5, dice.uniform(0, 0.01)
    for _ in range(int(dice.integers(1, 4))):
        start, scale = 0, 110 * 2 ** dice.uniform(0, 2)
        while start < length:
            lasts = int(RATE * dice.choice([0.15, 0.3, 0.3, 0.6, 1.2]))
            time = np.arange(min(lasts, length - start), dtype=np.float32) / RATE
            pitch = scale * 2 ** (int(dice.choice([0, 2, 4, 7, 9, 12])) / 12)
            phase = 2 * np.pi * pitch * (time + tremble / 6 * np.sin(2 * np.pi * 6 * time))
            strength = np.exp(-6 * time) if plucked else np.minimum(1, time / 0.05)
            for harmonic in range(1, min(8, int(RATE / 2 / pitch))):
                made[start : start + lasts] += strength * np.sin(harmonic * phase) / harmonic
            start += lasts
    return made + _clatter(length, dice) if dice.random() < 0.4 else made


def _speech(length: int, dice: np.random.Generator, others: Sequence[Samples]) -> Samples:
    made = np.zeros(length, np.float32)
    for other in others:
        heard = np.roll(np.resize(other, length), int(dice.integers(max(length, 1))))
        made += heard / max(rms(heard), np.float32(1e-9)) * np.float32(dice.uniform(0.4, 1))
    return made
