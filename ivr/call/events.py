"""What ears report of a call. `at` is seconds of the process's monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass

from nlu.dialogue.turns import Alternative


@dataclass(frozen=True)
class SpeechBegan:
    """Somebody speaks since a tenth of a second."""

    at: float


@dataclass(frozen=True)
class Partial:
    """Words of somebody who is still speaking, all since they began; later ones may differ."""

    at: float
    text: str


@dataclass(frozen=True)
class Paused:
    """Somebody is silent, and it is not known yet whether they are at an end. Once a pause.

    `free` and `listed` are what `Said` will bring, if no more comes.
    """

    at: float
    free: tuple[Alternative, ...]
    listed: tuple[Alternative, ...]


@dataclass(frozen=True)
class Said:
    """Somebody has spoken and is at an end.

    `at` is when that was decided, `began` and `ended` are when the voice was first and last
    heard. `free` is what it was among all words, `listed` among the phrases listened for, each
    likeliest first and empty where nothing was heard. `level_db` is how loud the voice came in
    (decibels below full scale), `seconds` how long it spoke, pauses of thought included.
    """

    at: float
    began: float
    ended: float
    free: tuple[Alternative, ...]
    listed: tuple[Alternative, ...]
    level_db: float
    seconds: float


@dataclass(frozen=True)
class Noise:
    """It has been loud for a while, and nobody spoke."""

    at: float


Listened = SpeechBegan | Partial | Paused | Said | Noise
