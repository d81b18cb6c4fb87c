"""One call as a pure machine: what happened goes in, what to do comes out.

No clock, no sound, no database: every event carries its time in seconds, and whoever runs the
machine carries its actions out (ivr.call.shell). After each of our sentences there is a way on:
silence is asked about, slower, then the keys are offered, then a human is brought. Slowness is
never punished and a misunderstanding never begins anew: the conversation is kept elsewhere
(nlu.dialogue), the machine only knows when to speak, when to listen and when to let go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ivr.call.actions import (
    ALARM,
    Action,
    Ask,
    Cry,
    Expect,
    HandOver,
    HangUp,
    Hush,
    NobodyAnswers,
    Resume,
    Speak,
)
from ivr.call.events import Noise, Partial, SpeechBegan
from ivr.call.going_on import UNHEARD_S, GoingOn, together
from ivr.call.happened import (
    Answer,
    Event,
    Failed,
    Gone,
    Handed,
    Heard,
    Joined,
    Key,
    Spoken,
    Tick,
    Up,
)
from ivr.call.manners import asked_for
from ivr.call.parting import RINGING_S, Parting
from ivr.call.patience import Step
from ivr.call.phase import Phase
from ivr.facts import Answered
from ivr.keys import COUNTED, HUMAN, REPEAT, offered
from nlu.dialogue.turns import Alternative
from nlu.expected import NOTHING_ASKED, Expected
from nlu.prompts import say
from nlu.rules import emergency

WITH_YOU_S = 12.0
"""Whoever waits for help hears from us at least so often."""
DOUBT_S = 8.0
"""Nobody answers whether somebody should come: somebody comes."""
THINKING_S = 1.2
"""A longer silence of ours breaks the talk: we say that we are at it."""
AT_A_LOSS_S = 15.0
"""No answer of the desk for so long: none will come that is worth waiting for."""
HEARING_S = 40.0
"""Nobody speaks so long without a breath: our ears have failed."""
FIGURES_S = 3.0
"""So long after its last figure a number is complete, if no # ends it."""
LONGEST_S = 15 * 60.0
"""Then a human takes over: something is wrong."""
END_KEY, AGAIN_KEYS = "#", frozenset({REPEAT, "*"})


@dataclass
class Machine(Parting):
    """Feed it with `on`; when `phase` is OVER there is nothing left to do."""

    _began: float = 0.0
    _expected: Expected = NOTHING_ASKED
    _waited: bool = False
    """We have said that we are at it."""
    _talking: bool = False
    """They are at it just now."""
    _going_on: GoingOn = field(default_factory=GoingOn)
    _next: Heard | None = None
    """Said while we were thinking about what was said before."""
    _held: Answered | None = None
    """Our answer, while they have begun to speak again."""
    _figures: str = ""
    _cry: str = ""
    """What called for help in the sentence that is being spoken."""

    def on(self, event: Event) -> list[Action]:
        """What to do now. After the end nothing is done any more."""
        if self.phase is Phase.OVER:
            return []
        if self.phase is Phase.JOINED and not isinstance(event, Handed | Gone):
            return []
        return list(self._on(event))

    def _on(self, event: Event) -> Iterator[Action]:
        match event:
            case Gone():
                self.phase = Phase.OVER
            case Up() if self.phase is Phase.RINGING:
                self._began = event.at
                yield from self._take(self.opening, event.at)
            case Answer() if self.phase is Phase.THINKING or event.answered.alarm:
                self._spoke = True
                yield from self._answer(event.answered, event.at)
            case Spoken():
                yield from self._spoken(event.at)
            case SpeechBegan():
                yield from self._speech(event.at)
            case Partial():
                yield from self._overhear(event.text)
            case Heard():
                yield from self._heard(event)
            case Noise():
                self._talking = False
                if self.phase is Phase.HEARING:
                    yield from self._no_words(event.at)
            case Key():
                yield from self._key(event)
            case Failed() if self.phase is Phase.THINKING:
                yield from self._at_a_loss(event.at)
            case Joined():
                self._go(Phase.JOINED, event.at)
                if self._cry:  # for the record: from here on they are heard by a human
                    yield Ask((Alternative(self._cry),))
            case Handed():
                yield from self._handed(event)
            case Tick():
                yield from self._tick(event.at)

    # -- what they say -------------------------------------------------------------------------

    def _speech(self, at: float) -> Iterator[Action]:
        self._talking = True
        if self._next is None:
            begun = self.phase is Phase.SPEAKING and at - self._since <= UNHEARD_S
            self._going_on.speaks(at, unheard=begun or self.phase is Phase.THINKING)
        saying_goodbye = self.phase is Phase.LEAVING and isinstance(self._then, HangUp)
        if self.phase is Phase.SPEAKING or saying_goodbye:
            self._cut = True
            self._go(Phase.HEARING, at)
            yield Hush()
        elif self.phase is Phase.LISTENING:
            self._go(Phase.HEARING, at)

    def _overhear(self, text: str) -> Iterator[Action]:
        """A cry for help does not wait for the end of its sentence."""
        if not self._cried and emergency(text) is not None:
            self._cried, self._cry = True, text
            yield Cry(text)

    def _heard(self, event: Heard) -> Iterator[Action]:
        if event.hearings:
            yield from self._overhear(event.hearings[0].text)
        elif self._cry:  # what was heard of it while it was spoken must do
            event = Heard(event.at, (Alternative(self._cry),))
        self._talking, self._cry = False, ""
        if self.phase is Phase.THINKING:
            if event.hearings:
                before = self._next.hearings if self._next is not None else ()
                self._next = Heard(event.at, together(before, event.hearings))
            if (held := self._held) is not None:
                self._held = None
                yield from self._answer(held, event.at)
            return
        if self.phase not in (Phase.HEARING, Phase.LISTENING, Phase.SPEAKING):
            return
        if not event.hearings:
            yield from self._no_words(event.at)
            return
        self._patience.heard()
        self._cut = False
        if (change := asked_for(event.hearings[0].text)) is not None:
            self.manner = change(self.manner)
            yield from self._say(self._said, event.at)
            return
        unheard = self._going_on.goes_on
        hearings = self._going_on.whole(event.hearings, event.at)
        yield from self._ask(Ask(hearings, unheard=unheard), event.at)

    def _no_words(self, at: float) -> Iterator[Action]:
        """A cough lets us go on; a mumble is asked about."""
        if self._cut:
            self._cut = False
            self._go(Phase.SPEAKING, at)
            yield Resume()
            return
        match self._patience.not_made_out():
            case Step.AGAIN:
                yield from self._say((say("line.not_caught"),), at)
            case Step.KEYS:
                yield from self._once_more(offered(self._expected), at)
            case Step.ENOUGH:
                yield from self._give_up("line.human_unheard", "misunderstood", at)

    def _key(self, event: Key) -> Iterator[Action]:
        if self.phase in (Phase.RINGING, Phase.LEAVING, Phase.THINKING):
            return
        if self.phase is Phase.SPEAKING:
            yield Hush()
        self._patience.heard()
        counted = bool(self._expected.slots & COUNTED)
        if event.key in AGAIN_KEYS and not self._figures:
            yield from self._say(self._said, event.at)
        elif event.key == END_KEY or not counted or (event.key == HUMAN and not self._figures):
            yield from self._dialled(event.key.strip(END_KEY), event.at)
        else:
            self._figures += event.key
            self._go(Phase.LISTENING, event.at)

    def _dialled(self, last: str, at: float) -> Iterator[Action]:
        figures, self._figures = self._figures + last, ""
        if figures:
            self._going_on.finished()
            yield from self._ask(Ask(keys=figures), at)

    def _ask(self, action: Ask, at: float) -> Iterator[Action]:
        self._waited = False
        self._go(Phase.THINKING, at)
        yield action

    # -- what we answer ------------------------------------------------------------------------

    def _answer(self, answered: Answered, at: float) -> Iterator[Action]:
        """Nobody is talked over: what they are just adding is heard first, and answered too."""
        urgent = answered.alarm or answered.human
        if answered.placed or urgent:
            self._going_on.finished()
        if self._talking and not urgent:
            self._held = answered
        elif self._next and not urgent:
            self._said, self._expected = answered.replies, answered.expected
            self._doubt = answered.doubt
            yield Expect(answered.expected)
            heard, self._next = self._next, None
            hearings = self._going_on.whole(heard.hearings, heard.at)
            yield from self._ask(Ask(hearings, unheard=True), at)
        else:
            self._next = None
            yield from self._take(answered, at)

    def _take(self, answered: Answered, at: float) -> Iterator[Action]:
        """Say an answer; what it means for the rest of the call."""
        self._said, self._expected = answered.replies, answered.expected
        self._doubt = answered.doubt
        yield Expect(answered.expected)
        if answered.alarm or answered.human:
            then = HandOver(ALARM if answered.alarm else "asked")
            yield from self._leave(answered.replies, then, at)
        elif answered.farewell:
            yield from self._leave(answered.replies, HangUp(), at)
        else:
            yield from self._say(answered.replies, at)

    def _once_more(self, prompt: str, at: float) -> Iterator[Action]:
        """A sentence of the line's own, then the last of what was said."""
        yield from self._say((say(prompt), *self._said[-1:]), at)

    def _spoken(self, at: float) -> Iterator[Action]:
        if self.phase is Phase.SPEAKING:
            self._go(Phase.LISTENING, at)
        elif self.phase is Phase.WAITING:
            self._go(Phase.WAITING, at)
        elif self.phase is Phase.LEAVING:
            yield from self._left(at)

    # -- silence -------------------------------------------------------------------------------

    def _tick(self, at: float) -> Iterator[Action]:
        quiet = at - self._since
        if self.phase is Phase.THINKING and quiet > THINKING_S and not self._waited:
            self._waited = True
            yield Speak((say("line.one_moment"),), self.manner)
        elif self.phase is Phase.THINKING and quiet > AT_A_LOSS_S and not self._held:
            yield from self._at_a_loss(at)
        elif self.phase is Phase.HEARING and quiet > HEARING_S:
            self._cut = False
            yield from self._no_words(at)
        elif self.phase is Phase.WAITING and quiet > RINGING_S:
            yield from self._still_ringing(at)
        elif self.phase is Phase.LISTENING and self._figures:
            if quiet > FIGURES_S:
                yield from self._dialled("", at)
        elif self.phase is Phase.LISTENING and at - self._began > LONGEST_S:
            yield from self._give_up("line.human_long", "misunderstood", at)
        elif self.phase is Phase.LISTENING:
            yield from self._silent(quiet, at)

    def _silent(self, quiet: float, at: float) -> Iterator[Action]:
        if self._doubt:
            if quiet > DOUBT_S:
                yield NobodyAnswers()
                yield from self._leave((say("line.alarm"),), HandOver(ALARM), at)
            return
        if self._in_danger:
            if quiet > WITH_YOU_S:
                yield from self._nobody_came(at)
            return
        asked = self._expected.is_question or not self._spoke
        match self._patience.silent(quiet, asked):
            case Step.AGAIN if not asked:
                yield from self._say((say("line.anything_else"),), at)
            case Step.AGAIN:
                self.manner = self.manner.slower()
                yield from self._once_more("line.still_there", at)
            case Step.KEYS:
                yield from self._once_more(offered(self._expected), at)
            case Step.ENOUGH if asked:
                yield from self._give_up("line.human_silent", "silence", at)
            case Step.ENOUGH:
                yield from self._leave((say("line.goodbye"),), HangUp(), at)
