"""What a conversation keeps beside its tasks: our last words, and what learning from use needs."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class _Kept(BaseModel):
    model_config = ConfigDict(validate_assignment=True)


class Remembered(_Kept):
    """A reply as it was given, for 再说一遍."""

    text: str
    speech: str
    choices: list[str] = Field(default_factory=list)


class LastSaid(_Kept):
    """A sentence as it was understood, until the next one tells whether rightly."""

    message: str
    """The channel's own id of the message."""
    text: str
    intent: str
    confidence: float
    expected: str
    said_at: datetime
    alternatives: list[str] = Field(default_factory=list)
    """What else a recogniser heard."""


class LearningState(_Kept):
    """What learning from use remembers (`nlu/dialogue/learning.py`)."""

    learns: bool = False
    """This person lets us. The row in `consents` decides; this only spares looking it up."""
    stumbled: bool = False
    """We misunderstood something since we last had reason to ask."""
    last_said: LastSaid | None = None
    """Kept only from people who let us learn."""
