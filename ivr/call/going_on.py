"""Somebody who goes on with a sentence that we took for finished: 明天中午……送个饭.

The first piece may have been understood and kept already, and that cannot be undone. So both are
asked as one sentence in the conversation as it stands by then: what is said in it twice changes
nothing there, and what is new is added or put right.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.call.manners import asked_for
from ivr.pieces import joined
from nlu.alarms import Certainty
from nlu.dialogue.turns import Alternative
from nlu.rules import danger, yes_no

GOING_ON_S = 1.5
"""Whoever speaks again this soon after we took it for the end had not finished; we had waited
ivr.pauses.ORDINARY_S or longer before that."""
UNHEARD_S = 0.8
"""Of our answer: its sound has to be made and listened to before anybody can mean it with what
they say."""


@dataclass
class GoingOn:
    """What was said last, as far as its speaker may go on with it."""

    _said: tuple[Alternative, ...] = ()
    _at: float = 0.0
    """When it was taken for the end."""
    goes_on: bool = False
    """What is being said goes on with it."""

    def speaks(self, at: float, unheard: bool) -> None:
        """They begin to speak; whether nothing was heard of our answer until then."""
        self.goes_on = bool(self._said) and unheard and at - self._at <= GOING_ON_S

    def whole(self, hearings: tuple[Alternative, ...], at: float) -> tuple[Alternative, ...]:
        """What was heard at `at`, with what it goes on with."""
        both = together(self._said, hearings) if self.goes_on else hearings
        self._said, self._at, self.goes_on = both if _may_go_on(both) else (), at, False
        return both

    def finished(self) -> None:
        """What was said is done with: nothing goes on with it."""
        self._said, self.goes_on = (), False


def _may_go_on(hearings: tuple[Alternative, ...]) -> bool:
    """A yes or no is whole: what follows it is the next sentence."""
    return yes_no(hearings[0].text) is None


def together(
    before: tuple[Alternative, ...], hearings: tuple[Alternative, ...]
) -> tuple[Alternative, ...]:
    """Two pieces as one sentence; the second alone where it is a call for help or a wish of how
    we speak, which must not be lost in a sentence."""
    alone = any(danger(one.text).certainty >= Certainty.DOUBTFUL for one in hearings)
    if alone or not before or asked_for(hearings[0].text) is not None:
        return hearings
    return joined((before, hearings))
