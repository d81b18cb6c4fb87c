"""What passes between a channel and the conversation engine: words in, replies out."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.matching import Place
from nlu.understanding import Understanding


@dataclass(frozen=True)
class Utterance:
    """One thing an account said or did.

    `source_id` is the channel's own id of the message: whatever the answer causes is keyed by
    it, so a second copy changes nothing. `event` is `follow`, `scan:CODE`, `menu:KEY` or None
    for words. `place` is a shared location.
    """

    source_id: str
    channel: str
    text: str
    understanding: Understanding
    place: Place | None = None
    event: str | None = None


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
