"""What happens in a call beside what the ears report. `at` is seconds of the process's monotonic
clock."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.call.events import Noise, Partial, SpeechBegan
from ivr.facts import Answered
from nlu.dialogue.turns import Alternative


@dataclass(frozen=True)
class Up:
    """The call was taken; sound goes both ways."""

    at: float


@dataclass(frozen=True)
class Heard:
    """An utterance is over; what it may have been, likeliest first, empty for no words."""

    at: float
    hearings: tuple[Alternative, ...]


@dataclass(frozen=True)
class Key:
    """A key was pressed."""

    at: float
    key: str


@dataclass(frozen=True)
class Answer:
    """The desk has answered what was asked of it."""

    at: float
    answered: Answered


@dataclass(frozen=True)
class Failed:
    """The desk could not answer: the database is away."""

    at: float


@dataclass(frozen=True)
class Spoken:
    """The last of what we had to say has left."""

    at: float


@dataclass(frozen=True)
class Joined:
    """A human has picked up and hears the caller from now on."""

    at: float


@dataclass(frozen=True)
class Handed:
    """The agents were rung: whether one of them has talked with the caller, or was given the
    call."""

    at: float
    reached: bool


@dataclass(frozen=True)
class Tick:
    """Time goes by; comes several times a second."""

    at: float


@dataclass(frozen=True)
class Gone:
    """The call is over, whoever ended it."""

    at: float


Event = (
    Up | SpeechBegan | Partial | Heard | Noise | Key | Answer | Failed | Spoken | Joined | Handed
    | Tick | Gone
)  # fmt: skip
