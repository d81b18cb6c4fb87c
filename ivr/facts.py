"""What a call is told by the desk: who rings, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nlu.dialogue.turns import Reply
from nlu.expected import Expected


@dataclass(frozen=True)
class Answered:
    """The answer to one turn of a call. Number 0 is the greeting.

    `doing` is what the conversation is at afterwards (`order:confirm`), None when nothing is open.
    """

    no: int
    text: str
    """The words taken as said."""
    replies: tuple[Reply, ...]
    expected: Expected
    intent: str = ""
    confidence: float = 0.0
    alarm: bool = False
    """A call for help runs because of this turn."""
    doubt: bool = False
    """It was asked whether somebody should come: silence is a yes (`Desk.nobody_answers`)."""
    human: bool = False
    """A human was asked for: time to transfer; the ticket stands meanwhile."""
    placed: bool = False
    """An order was placed."""
    farewell: bool = False
    """The caller took leave; what is open can be taken up later."""
    doing: str | None = None

    @property
    def speech(self) -> tuple[str, ...]:
        """What is to be spoken."""
        return tuple(reply.speech for reply in self.replies)

    def kept(self) -> dict[str, Any]:
        """What a second copy of the turn needs beside the replies."""
        return {
            "no": self.no,
            "text": self.text,
            "intent": self.intent,
            "confidence": self.confidence,
            "alarm": self.alarm,
            "doubt": self.doubt,
            "human": self.human,
            "placed": self.placed,
            "farewell": self.farewell,
            "doing": self.doing,
        }


def answered_of(
    kept: Mapping[str, Any], replies: tuple[Reply, ...], expected: Expected
) -> Answered:
    """An answer as it was kept."""
    return Answered(replies=replies, expected=expected, **kept)


@dataclass(frozen=True)
class OpenCall:
    """A call that is written down, and all that is known of who rings."""

    id: int
    """Its row in `calls`."""
    number: str | None
    account_id: int
    identifier: str
    """The account's: the number, or a word of its own for who withholds it."""
    elder_ids: tuple[int, ...]
    """Whom the caller may act for; empty for a stranger."""
    greet_by: str
    """李奶奶, 王芳; empty when no name is known."""
    is_bell: bool
    incident_id: int | None
    """An alarm of this caller's that runs, also one of an earlier ring."""
    dialect: str | None
    """The elder's, where the call is about one."""
    pace: float | None
    """The speed of speech the caller was content with last time; None: not known."""
    keeps_sound: bool
    """The caller has agreed that the sound is kept."""
    opening: Answered | None
    """What to say first; None for a call that we make."""
