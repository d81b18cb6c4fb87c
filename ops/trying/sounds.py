"""What a browser's microphone gives, brought to what a telephone carries."""

from __future__ import annotations

import numpy as np
import soxr

from ivr.level import Pcm
from ivr.voice import RATE
from nlu.errors import UnreadableSound

RATES = range(8_000, 192_001)
LONGEST_S = 60.0
"""Of a voice message, as in WeChat."""


def narrowed(sound: bytes, rate: int) -> Pcm:
    """A whole recording, 16 bit at `rate`, as samples of RATE. Raises UnreadableSound."""
    samples = _samples(sound, rate)
    if not len(samples):
        raise UnreadableSound("there is no sound in it")
    if len(samples) > rate * (LONGEST_S + 1):
        raise UnreadableSound("it is longer than a minute")
    narrow: Pcm = soxr.resample(samples, rate, RATE)
    return narrow


class Microphone:
    """A microphone that is open: its pieces, each in its turn, as PCM of RATE."""

    def __init__(self, rate: int) -> None:
        """Raises UnreadableSound for a rate that no microphone has."""
        _samples(b"", rate)
        self.rate = rate
        self._narrowing = soxr.ResampleStream(rate, RATE, 1, dtype="int16", quality="MQ")

    def piece(self, sound: bytes) -> bytes:
        """The next piece, 16 bit at the microphone's rate. Raises UnreadableSound."""
        pcm: bytes = self._narrowing.resample_chunk(_samples(sound, self.rate)).tobytes()
        return pcm


def _samples(sound: bytes, rate: int) -> Pcm:
    if rate not in RATES or len(sound) % 2:
        raise UnreadableSound("it is no sound of a microphone")
    return np.frombuffer(sound, "<i2")
