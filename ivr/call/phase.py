"""What a call is at."""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """Of a call."""

    RINGING = "ringing"
    SPEAKING = "speaking"
    LISTENING = "listening"
    HEARING = "hearing"
    """Somebody speaks."""
    THINKING = "thinking"
    """The desk is asked."""
    LEAVING = "leaving"
    """Our last words before we hang up or a human comes."""
    WAITING = "waiting"
    """A human is being rung."""
    JOINED = "joined"
    """A human talks with them."""
    OVER = "over"
