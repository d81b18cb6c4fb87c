"""What an engine is: something that makes sound of a clause."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Within ±1, one channel."""


class VoiceError(RuntimeError):
    """A voice that was asked for cannot be had, or none could say a text."""


class Engine(Protocol):
    """Safe to use from several threads."""

    name: str
    """Of the engine and its voice; another name, another sound: what is kept on disk goes by it."""

    def speak(self, text: str, speed: float) -> tuple[Samples, int]:
        """The sound of a clause and its samples a second; `speed` 1 is the engine's own pace.

        `text` is what ivr.voice.reading gives: Han characters and Chinese marks. Raises
        VoiceError or ValueError for what it cannot say.
        """
