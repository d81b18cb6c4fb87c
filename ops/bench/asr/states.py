"""The closed lists of the conversation, and which phrase of one a hearing is taken for.

Where the dialogue has a list (services of a kind, yes and no, dishes) it is the dialogue's own, by
`nlu.dialogue.expects`; days, times, numbers and cries are the lists of this bench.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from backend.db.models import ServiceItem
from backend.seed.catalogue import load_catalogue
from ivr.everyday import DIGITS
from nlu.corpus.lines import SAID_AT
from nlu.dialogue.expects import Around, expects
from nlu.dialogue.listen import bare
from nlu.dialogue.state import DialogueState, OrderTask
from nlu.dialogue.turns import Alternative
from nlu.expected import Expected, Slot
from nlu.expected import phrases as expected_phrases
from nlu.hearing import PLAUSIBLE
from nlu.values.numbers import find_code
from ops.bench.asr.lists import CODE, KINDS, phrases


@dataclass(frozen=True)
class State:
    """A question of the line: what it is after, one of KINDS, and what it expects."""

    name: str
    kind: str
    expected: Expected

    @property
    def listens_for(self) -> tuple[str, ...]:
        """The phrases that a recogniser is narrowed to."""
        return DIGITS if self.kind == CODE else tuple(one.words for one in self.expected.phrases)

    def taken_for(self, hearings: Iterable[Alternative]) -> str | None:
        """What the answer is taken to mean; None where none of the hearings is a whole phrase of
        the list, or as near to one as the dialogue lets pass."""
        for one in hearings:
            if one.confidence >= PLAUSIBLE and (meant := self.means(one.text)) is not None:
                return meant
        return None

    def means(self, words: str) -> str | None:
        """What these words mean here."""
        if self.kind == CODE:
            return find_code(words)
        meant = self.expected.as_meant(words)
        if not self.expected.names(meant):
            return None
        said = bare(meant)
        inside = [one for one in self.expected.phrases if bare(one.words) in said]
        return max(inside, key=lambda one: (bare(one.words) == said, len(one.words))).means


def state_for(kind: str, text: str) -> State:
    """The state in which `text` would be asked for. Raises KeyError for a word in no list."""
    if kind != "service":
        return states()[kind]
    return next(
        state
        for name, state in states().items()
        if state.kind == kind and state.means(text) is not None
    )


@cache
def states() -> dict[str, State]:
    """All states by their names: the kinds, and for services each category of the catalogue."""
    made = [State(kind, kind, _expected(kind)) for kind in KINDS if kind != "service"]
    categories = dict.fromkeys(item.category for item in load_catalogue())
    made += [State(f"service: {one}", "service", _services(one)) for one in categories]
    return {state.name: state for state in made}


def _expected(kind: str) -> Expected:
    if kind == "yes_no":
        return _asking(OrderTask(asked="confirm"))
    if kind == "dish":
        return _asking(OrderTask(asked="what", category="meal"), Around(dishes=phrases("dish")))
    listed = () if kind == CODE else expected_phrases(phrases(kind))
    slot = Slot.CODE if kind == CODE else Slot.LISTED
    return Expected(frozenset({slot}), listed, is_closed=True)


def _services(category: str) -> Expected:
    items = [
        ServiceItem(code=item.code, name=item.name, synonyms=list(item.synonyms))
        for item in load_catalogue()
        if item.category == category
    ]
    return _asking(OrderTask(asked="service", category=category), Around(services=items))


def _asking(task: OrderTask, around: Around | None = None) -> Expected:
    return expects(DialogueState(task=task), SAID_AT, around or Around())
