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
from enum import Enum

from ivr.call.actions import (
    Action,
    Ask,
    Cry,
    Expect,
    HandOver,
    HangUp,
    Hush,
    Manner,
    NobodyAnswers,
    Resume,
    Speak,
)
from ivr.call.events import Noise, Partial, SpeechBegan
from ivr.call.happened import (
    Answer,
    Event,
    Failed,
    Gone,
    Handed,
    Heard,
    Key,
    Spoken,
    Tick,
    Up,
)
from ivr.call.manners import asked_for
from ivr.facts import Answered
from ivr.keys import COUNTED, HUMAN, REPEAT
from nlu.dialogue.turns import Alternative, Reply
from nlu.expected import NOTHING_ASKED, Expected
from nlu.prompts import say
from nlu.rules import emergency

SILENCE_S = (6.0, 7.0, 8.0)
"""Behind a question: it is asked again, slower; then with the keys; then a human is brought."""
NOTHING_MORE_S = (5.0, 5.0)
"""Where nothing is asked: whether there is anything else; then goodbye."""
DOUBT_S = 8.0
"""Nobody answers whether somebody should come: somebody comes."""
THINKING_S = 1.2
"""A longer silence of ours breaks the talk: we say that we are at it."""
FIGURES_S = 3.0
"""So long after its last figure a number is complete, if no # ends it."""
LONGEST_S = 15 * 60.0
"""Then a human takes over: something is wrong."""
UNHEARD = 2
"""Sounds in a row without a word in them before the keys are offered; one more brings a human."""
END_KEY, AGAIN_KEYS = "#", frozenset({REPEAT, "*"})


class Phase(Enum):
    """What the call is at."""

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
    OVER = "over"


@dataclass
class Machine:
    """Feed it with `on`; when `phase` is OVER there is nothing left to do."""

    opening: Answered
    manner: Manner = field(default_factory=Manner)
    phase: Phase = Phase.RINGING
    _since: float = 0.0
    """When the phase began."""
    _began: float = 0.0
    _said: tuple[Reply, ...] = ()
    """What is repeated on request."""
    _expected: Expected = NOTHING_ASKED
    _doubt: bool = False
    _silences: int = 0
    _unheard: int = 0
    _cut: bool = False
    """We were interrupted in mid-sentence."""
    _waited: bool = False
    """We have said that we are at it."""
    _talking: bool = False
    """They are at it just now."""
    _next: tuple[Alternative, ...] = ()
    """Said while we were thinking about what was said before."""
    _held: Answered | None = None
    """Our answer, while they have begun to speak again."""
    _figures: str = ""
    _spoke: bool = False
    """Something of theirs was answered."""
    _cried: bool = False
    _then: Action = field(default_factory=HangUp)
    """What follows our last words."""

    def on(self, event: Event) -> list[Action]:
        """What to do now. After the end nothing is done any more."""
        if self.phase is Phase.OVER:
            return []
        return list(self._on(event))

    def _on(self, event: Event) -> Iterator[Action]:
        match event:
            case Gone():
                self.phase = Phase.OVER
            case Up() if self.phase is Phase.RINGING:
                self._began = event.at
                yield from self._take(self.opening, event.at)
            case Answer():
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
            case Failed():
                yield from self._leave("line.not_written", HandOver("failed"), event.at)
            case Handed():
                yield from self._handed(event)
            case Tick():
                yield from self._tick(event.at)

    # -- what they say -------------------------------------------------------------------------

    def _speech(self, at: float) -> Iterator[Action]:
        self._talking = True
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
            self._cried = True
            yield Cry(text)

    def _heard(self, event: Heard) -> Iterator[Action]:
        if event.hearings:
            yield from self._overhear(event.hearings[0].text)
        self._talking = False
        if self.phase is Phase.THINKING:
            self._next = event.hearings or self._next
            if (held := self._held) is not None:
                self._held = None
                yield from self._answer(held, event.at)
            return
        if self.phase not in (Phase.HEARING, Phase.LISTENING, Phase.SPEAKING):
            return
        if not event.hearings:
            yield from self._no_words(event.at)
            return
        self._silences = self._unheard = 0
        self._cut = False
        if (change := asked_for(event.hearings[0].text)) is not None:
            self.manner = change(self.manner)
            yield from self._say(self._said, event.at)
            return
        yield from self._ask(Ask(event.hearings), event.at)

    def _no_words(self, at: float) -> Iterator[Action]:
        """A cough lets us go on; a mumble is asked about."""
        if self._cut:
            self._cut = False
            self._go(Phase.SPEAKING, at)
            yield Resume()
            return
        self._unheard += 1
        if self._unheard > UNHEARD:
            yield from self._leave("line.human_unheard", HandOver("misunderstood"), at)
        elif self._unheard == UNHEARD:
            yield from self._once_more("line.use_keys", at)
        else:
            yield from self._say((say("line.not_caught"),), at)

    def _key(self, event: Key) -> Iterator[Action]:
        if self.phase in (Phase.RINGING, Phase.LEAVING, Phase.THINKING):
            return
        if self.phase is Phase.SPEAKING:
            yield Hush()
        self._silences = self._unheard = 0
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
            yield from self._ask(Ask(keys=figures), at)

    def _ask(self, action: Ask, at: float) -> Iterator[Action]:
        self._waited = False
        self._go(Phase.THINKING, at)
        yield action

    # -- what we answer ------------------------------------------------------------------------

    def _answer(self, answered: Answered, at: float) -> Iterator[Action]:
        """Nobody is talked over: what they are just adding is heard first, and answered too."""
        urgent = answered.alarm or answered.human
        if self._talking and not urgent:
            self._held = answered
        elif self._next and not urgent:
            self._said, self._expected = answered.replies, answered.expected
            self._doubt = answered.doubt
            yield Expect(answered.expected)
            hearings, self._next = self._next, ()
            yield from self._ask(Ask(hearings), at)
        else:
            self._next = ()
            yield from self._take(answered, at)

    def _take(self, answered: Answered, at: float) -> Iterator[Action]:
        """Say an answer; what it means for the rest of the call."""
        self._said, self._expected = answered.replies, answered.expected
        self._doubt = answered.doubt
        yield Expect(answered.expected)
        if answered.alarm or answered.human:
            self._then = HandOver("alarm" if answered.alarm else "asked")
            self._go(Phase.LEAVING, at)
            yield Speak(answered.replies, self.manner)
        elif answered.farewell:
            self._then = HangUp()
            self._go(Phase.LEAVING, at)
            yield Speak(answered.replies, self.manner)
        else:
            yield from self._say(answered.replies, at)

    def _say(self, replies: tuple[Reply, ...], at: float) -> Iterator[Action]:
        self._cut = False
        self._go(Phase.SPEAKING, at)
        yield Speak(replies, self.manner)

    def _once_more(self, prompt: str, at: float) -> Iterator[Action]:
        """A sentence of the line's own, then the last of what was said."""
        yield from self._say((say(prompt), *self._said[-1:]), at)

    def _spoken(self, at: float) -> Iterator[Action]:
        if self.phase is Phase.SPEAKING:
            self._go(Phase.LISTENING, at)
        elif self.phase is Phase.LEAVING:
            self._go(Phase.OVER if isinstance(self._then, HangUp) else Phase.WAITING, at)
            yield self._then

    def _leave(self, prompt: str, then: Action, at: float) -> Iterator[Action]:
        """Last words, and what follows them."""
        if self.phase is Phase.SPEAKING:
            yield Hush()
        self._then = then
        self._go(Phase.LEAVING, at)
        yield Speak((say(prompt),), self.manner)

    def _handed(self, event: Handed) -> Iterator[Action]:
        """Nobody is free: we stay with the caller, who has been told that we are called back."""
        if event.reached:
            self.phase = Phase.OVER
        elif self.phase is Phase.WAITING:
            alarm = isinstance(self._then, HandOver) and self._then.why == "alarm"
            self._silences, self._spoke = 0, True
            self._said = (say("line.with_you" if alarm else "line.nobody_free"),)
            yield from self._say(self._said, event.at)

    # -- silence -------------------------------------------------------------------------------

    def _tick(self, at: float) -> Iterator[Action]:
        quiet = at - self._since
        if self.phase is Phase.THINKING and quiet > THINKING_S and not self._waited:
            self._waited = True
            yield Speak((say("line.one_moment"),), self.manner)
        elif self.phase is Phase.LISTENING and self._figures:
            if quiet > FIGURES_S:
                yield from self._dialled("", at)
        elif self.phase is Phase.LISTENING and at - self._began > LONGEST_S:
            yield from self._leave("line.human_long", HandOver("misunderstood"), at)
        elif self.phase is Phase.LISTENING:
            yield from self._silent(quiet, at)

    def _silent(self, quiet: float, at: float) -> Iterator[Action]:
        if self._doubt:
            if quiet > DOUBT_S:
                yield NobodyAnswers()
                yield from self._leave("line.alarm", HandOver("alarm"), at)
            return
        asked = self._expected.is_question or not self._spoke
        limits = SILENCE_S if asked else NOTHING_MORE_S
        if quiet <= limits[min(self._silences, len(limits) - 1)]:
            return
        self._silences += 1
        if self._silences < len(limits):
            yield from self._ask_again(asked, at)
        elif asked:
            yield from self._leave("line.human_silent", HandOver("silence"), at)
        else:
            yield from self._leave("line.goodbye", HangUp(), at)

    def _ask_again(self, asked: bool, at: float) -> Iterator[Action]:
        if not asked:
            yield from self._say((say("line.anything_else"),), at)
        elif self._silences == 1:
            self.manner = self.manner.slower()
            yield from self._once_more("line.still_there", at)
        else:
            yield from self._once_more("line.use_keys", at)

    def _go(self, phase: Phase, at: float) -> None:
        self.phase, self._since = phase, at
