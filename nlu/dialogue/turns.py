"""What passes between a channel and the conversation engine: words in, replies out."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.matching import Place
from nlu.understanding import Understanding


@dataclass(frozen=True)
class Alternative:
    """One hearing of an utterance. `confidence`: the recogniser's trust in it, positive, on one
    scale for the whole list (probabilities need not sum to one)."""

    text: str
    confidence: float = 1.0


@dataclass(frozen=True)
class Utterance:
    """One thing an account said or did.

    `source_id` is the channel's own id of the message: whatever the answer causes is keyed by
    it, so a second copy changes nothing. `event` is `follow`, `scan:CODE`, `menu:KEY` or None
    for words. `place` is a shared location. `heard` is all that a recogniser heard, of which
    `text` was chosen; empty for what was typed.
    """

    source_id: str
    channel: str
    text: str
    understanding: Understanding
    place: Place | None = None
    event: str | None = None
    heard: tuple[Alternative, ...] = ()
    unheard: bool = False
    """They spoke before they could hear our last answer: nothing in it is a yes to that."""


@dataclass(frozen=True)
class Reply:
    """One message to a person: `text` for eyes, `speech` for ears, quick answers to pick from."""

    text: str
    speech: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Command:
    """Something that was carried out in the same transaction, named by its use case."""

    name: str
    subject_id: int | None


@dataclass(frozen=True)
class Turn:
    """The engine's answer to one utterance."""

    replies: tuple[Reply, ...]
    commands: tuple[Command, ...] = ()
    leaves: bool = False
    """It was our last word: they want nothing more."""
