"""What a call's machine wants done; ivr.call.shell does it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.voice import USUAL_SPEED
from nlu.dialogue.turns import Alternative, Reply
from nlu.expected import Expected

ALARM, FAILED = "alarm", "failed"
"""Why a human is brought: help is needed; we cannot answer."""
STEP, SLOWEST = 0.12, 0.6
"""Shares of the voice's own pace; what is slower still is no longer followed."""
LOUDER_DB, LOUDEST_DB = 5.0, 10.0


@dataclass(frozen=True)
class Manner:
    """How we speak to this caller: pace as a share of the voice's own, decibels above usual."""

    speed: float = USUAL_SPEED
    louder_db: float = 0.0

    def slower(self) -> Manner:
        """One step, to where it still is speech."""
        return replace(self, speed=max(self.speed - STEP, SLOWEST))

    def louder(self) -> Manner:
        """One step, to where it is not yet painful."""
        return replace(self, louder_db=min(self.louder_db + LOUDER_DB, LOUDEST_DB))


@dataclass(frozen=True)
class Speak:
    """Say these, after what is being said."""

    replies: tuple[Reply, ...]
    manner: Manner


@dataclass(frozen=True)
class Hush:
    """Fall silent now; the rest may be wanted by Resume."""


@dataclass(frozen=True)
class Resume:
    """Say the rest of what was cut, from the begin of its clause."""


@dataclass(frozen=True)
class Expect:
    """Listen for answers to this from now on."""

    expected: Expected


@dataclass(frozen=True)
class Ask:
    """Have what was heard, or the keys that were pressed, understood and answered."""

    hearings: tuple[Alternative, ...] = ()
    keys: str = ""
    unheard: bool = False
    """It was said before our last answer could be heard."""


@dataclass(frozen=True)
class Cry:
    """These words call for help: they become an incident now, whatever else is going on."""

    words: str


@dataclass(frozen=True)
class NobodyAnswers:
    """We asked whether somebody should come, and there was silence: that is a yes."""


@dataclass(frozen=True)
class Want:
    """A human is wanted, and it is for us to write that down, now: the caller may be gone before
    one is rung. `why` as in HandOver."""

    why: str


@dataclass(frozen=True)
class HandOver:
    """Bring a human to this call. `why`: asked, alarm, misunderstood, silence, failed."""

    why: str

    @property
    def at_once(self) -> bool:
        """Whether humans are rung while we still speak: the caller is in danger, or alone with a
        line that has nothing left to offer."""
        return self.why in (ALARM, FAILED)


@dataclass(frozen=True)
class HangUp:
    """End the call."""


Action = Speak | Hush | Resume | Expect | Ask | Cry | NobodyAnswers | Want | HandOver | HangUp
