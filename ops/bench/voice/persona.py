"""How a caller of the bench talks: what she says next, by how things stand. No I/O.

She knows what she wants and listens: a read-back that is not hers she calls wrong, and what she
is asked she answers. She does not know how to talk to machines, and gives up in the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ops.bench.voice.wishes import Answers, Ordered, Wanted, Wish

MOST_SAID = 10
"""Then she hangs up."""


@dataclass(frozen=True)
class Standing:
    """How the conversation stands, as the line has told her."""

    turn: int = 0
    """How many of her utterances were answered."""
    doing: str | None = None
    """What it is at: order:confirm, order:date, …; None: nothing open."""
    read_back: tuple[Ordered, ...] = ()
    """What would be ordered by a yes; only windows that are known."""
    asked_of: str | None = None
    """The service that a question is about."""
    placed: bool = False
    human: bool = False
    """A human takes over."""
    alarm: bool = False
    """A call for help runs."""


@dataclass(frozen=True)
class Over:
    """She has nothing to say any more. `why`: ordered, human, alarm, gave_up."""

    why: str


def next_said(wish: Wish, stands: Standing, said: int, today: date, words: Answers) -> str | Over:
    """What she says as utterance number `said` (from 0), or why she hangs up."""
    if stands.placed:
        return Over("ordered")
    if stands.human or stands.alarm:
        return Over("human" if stands.human else "alarm")
    if said >= MOST_SAID:
        return Over("gave_up")
    want = _asked_about(wish, stands)
    match stands.doing:
        case "order:confirm":
            return words.yes(said) if wish.is_met_by(stands.read_back, today) else words.no
        case "order:proposal":  # another hour than hers: she was misheard, or it cannot be had
            return words.hour(want) or words.day(want)
        case "doubt:confirm" | "resume:confirm" | "call_back:confirm":
            return words.no_thanks
        case "order:service":
            return words.service(want)
        case "order:date":
            return words.day(want)
        case "order:time":
            return words.hour(want) or wish.say
        case "order:quantity":
            return words.count(want)
        case "order:which":
            return words.service(want)
    return wish.say


def _asked_about(wish: Wish, stands: Standing) -> Wanted:
    asked = (want for want in wish.wants if want.code == stands.asked_of)
    return next(asked, wish.wants[0])
