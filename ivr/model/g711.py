"""G.711, the code of every telephone trunk: what its 8 bits leave of 16-bit samples.

Tables of 65,536 entries from the decision values and levels of the recommendation's tables 1 and
2; of two samples at the same distance from zero the negative one is coded as in the ITU's own
reference programs (G.191), by its one's complement.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
LAWS = ("a", "mu")
"""A-law is China's and Europe's, µ-law what gateways often speak among themselves."""


def coded(samples: Pcm, law: str) -> Pcm:
    """The samples after coding and decoding. Raises ValueError for another law."""
    return _table(law)[samples.view(np.uint16)]


@cache
def _table(law: str) -> Pcm:
    """Decoded samples by the 16 bits of a sample."""
    if law not in LAWS:
        raise ValueError(f"no law {law!r}: one of {', '.join(LAWS)}")
    decisions, levels = _a_law() if law == "a" else _mu_law()
    bits = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    distance = np.where(bits < 0, ~bits, bits)
    level = levels[np.searchsorted(decisions, distance, side="right") - 1]
    return np.where(bits < 0, -level, level).astype(np.int16)


def _a_law() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each interval of positive samples begins, and what it is decoded to."""
    step = np.arange(16) * 16
    decisions = [step, *((step + 256) << segment for segment in range(7))]
    levels = [step + 8, *((step + 264) << segment for segment in range(7))]
    return np.concatenate(decisions), np.concatenate(levels)


def _mu_law() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    step = np.arange(16)
    decisions = [4 * (((step + 16) << (segment + 1)) - 33) for segment in range(8)]
    levels = [((step * 8 + 132) << segment) - 132 for segment in range(8)]
    return np.maximum(np.concatenate(decisions), 0), np.concatenate(levels)
