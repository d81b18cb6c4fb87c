"""Another throat for the same speech: mel bands shifted along the frequency axis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Scale = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def htk(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mel by the formula of HTK."""
    return 2595 * np.log10(1 + hz / 700)


def htk_back(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hz of an HTK mel."""
    return 700 * (10 ** (mel / 2595) - 1)


def slaney(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mel by Slaney's formula, linear up to 1 kHz."""
    return np.where(hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1) / 1000) / _STEP)


def slaney_back(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hz of Slaney's mel."""
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * _STEP))


_STEP = np.log(6.4) / 27


def warp(
    bands: NDArray[np.float32], ratio: float, low: float, high: float, to: Scale, back: Scale
) -> NDArray[np.float32]:
    """Formants `ratio` times as high; `bands` is frames × bands between `low` and `high` Hz."""
    count = bands.shape[1]
    edges = np.linspace(to(np.array(low, float)), to(np.array(high, float)), count + 2)
    centres = edges[1:-1]
    where = np.interp(to(back(centres) / ratio), centres, np.arange(count))
    below = np.clip(where.astype(int), 0, count - 2)
    share = (where - below)[None, :]
    mixed: NDArray[np.float32] = (
        bands[:, below] * (1 - share) + bands[:, below + 1] * share
    ).astype(np.float32)
    return mixed
