"""Other throats, other paces, other microphones: cheap, on the log-mel picture of a sentence."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from ivr.model.features import BANDS, EDGES, Frames, from_mel, mel

_CENTRES = EDGES[1:-1]
_STEADY = np.zeros(1)
CHANGES = ("throat", "pace", "colour", "gaps")
SHORTEST, HURRY_LASTS = 8, 25
"""Frames: a sentence's least, and what a speaker keeps one pace for."""


def warped(bands: Frames, dice: np.random.Generator, changes: Collection[str] = CHANGES) -> Frames:
    """(frames, BANDS) as somebody else might have said it, elsewhere."""
    if "throat" in changes and dice.random() < 0.7:
        bands = other_throat(bands, dice.uniform(0.84, 1.18), dice.uniform(-0.12, 0.12))
    if "pace" in changes and dice.random() < 0.6:
        hurry = dice.normal(0, 0.3, 2 + len(bands) // HURRY_LASTS)
        bands = other_pace(bands, dice.uniform(0.75, 1.6), hurry)
    if "colour" in changes and dice.random() < 0.6:
        bands = equalised(bands, dice.normal(0, 1, int(dice.integers(3, 7))))
    return masked(bands, dice) if "gaps" in changes and dice.random() < 0.6 else bands


def other_throat(bands: Frames, ratio: float, bend: float = 0.0) -> Frames:
    """Formants moved up by `ratio`: above 1 a shorter throat than the speaker's. The highest by
    up to `bend` of it more and the lowest as much less: mouth and gullet are not of one size."""
    ratios = ratio * (1 + bend * np.linspace(-1, 1, BANDS))
    where = np.interp(mel(from_mel(_CENTRES) / ratios), _CENTRES, np.arange(BANDS))
    return _read(bands.T, where).T


def other_pace(bands: Frames, ratio: float, hurry: NDArray[np.float64] = _STEADY) -> Frames:
    """As long as before by `ratio`: above 1 slower; and unevenly, by factors of e to `hurry` at
    points spread evenly over the sentence."""
    length = max(SHORTEST, round(len(bands) * ratio))
    points = np.linspace(0, length - 1, len(hurry))
    passed = np.cumsum(np.exp(np.interp(np.arange(length), points, hurry)))
    share = (passed - passed[0]) / (passed[-1] - passed[0])
    return _read(bands, share * (len(bands) - 1))


def equalised(bands: Frames, gains: np.ndarray) -> Frames:
    """Louder or softer by nepers of energy at points spread evenly over the bands."""
    points = np.linspace(0, BANDS - 1, len(gains))
    louder: Frames = np.interp(np.arange(BANDS), points, gains).astype(np.float32)
    return bands + louder


def masked(bands: Frames, dice: np.random.Generator) -> Frames:
    """With up to two gaps in pitch and two in time, filled with the mean (SpecAugment)."""
    heard = bands.copy()
    for _ in range(dice.integers(3)):
        low, width = int(dice.integers(BANDS - 8)), int(dice.integers(1, 8))
        heard[:, low : low + width] = bands[:, low : low + width].mean()
    for _ in range(dice.integers(3)):
        width = int(dice.integers(2, max(3, min(10, len(bands) // 12))))
        start = int(dice.integers(max(len(bands) - width, 1)))
        heard[start : start + width] = bands[start : start + width].mean(0)
    return heard


def _read(rows: Frames, where: np.ndarray) -> Frames:
    """Rows at broken positions, mixed of their two neighbours."""
    if len(rows) < 2:
        return rows
    below = np.clip(where.astype(int), 0, len(rows) - 2)
    share = (where - below)[:, None].astype(np.float32)
    mixed: Frames = rows[below] * (1 - share) + rows[below + 1] * share
    return mixed
