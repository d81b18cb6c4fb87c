"""How a caller of the bench talks: what she says next, by how things stand. No I/O.

She knows what she wants and listens: a read-back that is not hers she calls wrong, and what she
is asked she answers. She does not know how to talk to machines, and gives up in the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from ops.bench.voice.wishes import Answers, Ordered, Wanted, Wish

MOST_SAID = 10
"""Then she hangs up."""
NOON = time(12)


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
        case "order:what" | "order:part" | "order:instead":
            return _put_right(wish, stands, today, words)
        case "order:half":
            return words.yes(said) if _is_other_half(want, stands) else words.no
        case "order:human":  # misheard twice: she takes the call that is offered
            return words.yes(said)
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


def _put_right(wish: Wish, stands: Standing, today: date, words: Answers) -> str:
    """What is wrong with the order as it stands, and nothing of what is right with it."""
    for want in wish.wants:
        got = next((one for one in stands.read_back if one.code == want.code), None)
        if got is None:
            continue
        if got.starts_at.date() != today + timedelta(days=want.days):
            return words.day(want)
        if want.count is not None and got.count != want.count:
            return words.count(want)
        if not Wish(0, "", (want,)).is_met_by([got], today) and (hour := words.hour(want)):
            return hour
    return wish.say


def _is_other_half(want: Wanted, stands: Standing) -> bool:
    """Whether hers is the half of the day that was not read back."""
    got = next((one for one in stands.read_back if one.code == want.code), None)
    if got is None or (want.time is None and want.part is None):
        return False
    morning = want.time < NOON if want.time is not None else want.part == "morning"
    return morning != (got.starts_at.time() < NOON)


def _asked_about(wish: Wish, stands: Standing) -> Wanted:
    asked = (want for want in wish.wants if want.code == stands.asked_of)
    return next(asked, wish.wants[0])
