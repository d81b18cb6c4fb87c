"""How a call leaves our hands: we take leave, or a human is brought.

Whoever is in danger, or alone with a line that has nothing left to offer, does not wait for the
end of our words: humans are rung while we speak them. Nobody is left in silence meanwhile, and
where nobody comes we stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ivr.call.actions import ALARM, FAILED, Action, HandOver, HangUp, Hush, Manner, Speak, Want
from ivr.call.happened import Handed
from ivr.call.patience import Patience
from ivr.call.phase import Phase
from ivr.facts import Answered
from nlu.dialogue.turns import Reply
from nlu.prompts import say

RINGING_S = 6.0
"""While humans are rung, nobody sits in silence longer than this."""


@dataclass
class Parting:
    """The part of a call's machine that ends it, and what it needs to know."""

    opening: Answered
    manner: Manner = field(default_factory=Manner)
    phase: Phase = Phase.RINGING
    _since: float = 0.0
    """When the phase began."""
    _said: tuple[Reply, ...] = ()
    """What is repeated on request."""
    _cut: bool = False
    """We were interrupted in mid-sentence."""
    _spoke: bool = False
    """Something of theirs was answered."""
    _patience: Patience = field(default_factory=Patience)
    _doubt: bool = False
    """We have asked whether somebody should come."""
    _cried: bool = False
    _then: HangUp | HandOver = field(default_factory=HangUp)
    """What follows our last words."""
    _missed: bool = False
    """Nobody came to the telephone, while we were still speaking."""

    @property
    def _in_danger(self) -> bool:
        """Help was called for them; we do not leave them by ourselves."""
        return self._then == HandOver(ALARM)

    def _say(self, replies: tuple[Reply, ...], at: float) -> Iterator[Action]:
        self._cut = False
        self._go(Phase.SPEAKING, at)
        yield Speak(replies, self.manner)

    def _go(self, phase: Phase, at: float) -> None:
        self.phase, self._since = phase, at

    def _leave(
        self, replies: tuple[Reply, ...], then: HangUp | HandOver, at: float
    ) -> Iterator[Action]:
        """Last words, and what follows them."""
        if self.phase is Phase.SPEAKING:
            yield Hush()
        self._then = then
        self._go(Phase.LEAVING, at)
        if isinstance(then, HandOver) and then.at_once:
            yield then
        yield Speak(replies, self.manner)

    def _give_up(self, prompt: str, why: str, at: float) -> Iterator[Action]:
        """We get no further with them: a human must."""
        yield Want(why)
        yield from self._leave((say(prompt),), HandOver(why), at)

    def _at_a_loss(self, at: float) -> Iterator[Action]:
        """What they said cannot be answered; it may have been that help is needed."""
        yield Want(FAILED)
        then = HandOver(ALARM if self._cried or self._doubt else FAILED)
        yield from self._leave((say("line.not_written"),), then, at)

    def _handed(self, event: Handed) -> Iterator[Action]:
        if event.reached:
            self.phase = Phase.OVER
        elif self.phase in (Phase.WAITING, Phase.JOINED):
            yield from self._nobody_came(event.at)
        else:
            self._missed = True

    def _nobody_came(self, at: float) -> Iterator[Action]:
        """We stay with them, and humans are rung again."""
        self._missed, self._spoke = False, True
        self._patience.heard()
        self._said = (say("line.with_you" if self._in_danger else "line.nobody_free"),)
        yield from self._say(self._said, at)

    def _left(self, at: float) -> Iterator[Action]:
        """Our last words are out."""
        if isinstance(self._then, HangUp):
            self._go(Phase.OVER, at)
            yield self._then
            return
        self._go(Phase.WAITING, at)
        if not self._then.at_once:
            yield self._then
        elif self._missed:
            yield from self._nobody_came(at)

    def _still_ringing(self, at: float) -> Iterator[Action]:
        """Who is in danger is listened to meanwhile."""
        if self._in_danger:
            yield from self._nobody_came(at)
        else:
            self._go(Phase.WAITING, at)
            yield Speak((say("line.one_moment"),), self.manner)
