"""What a few words come to by rule alone: enough to tell words from a recogniser's nonsense.

No classifier is asked, so it may be asked about every hearing of an utterance.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from nlu.alarms import Certainty
from nlu.expected import Expected, Slot
from nlu.rules import danger, yes_no
from nlu.understand import make_gazetteer
from nlu.values.clauses import hear
from nlu.values.dates import SHANGHAI
from nlu.values.numbers import find_quantity, to_int
from nlu.values.people import find_people
from nlu.values.services import Gazetteer
from nlu.values.text import normalise

_ANY_DAY = datetime(2026, 1, 1, 12, tzinfo=SHANGHAI)
"""Which day 明天 is does not matter here."""


def gist_for(expected: Expected) -> Callable[[str], str | None] | None:
    """`gist` where yes or no is asked, None where it is not: behind other questions a yes is not
    always like another (都行 chooses where 好 does not)."""
    return gist if Slot.YES_NO in expected.slots else None


@lru_cache(maxsize=4096)
def gist(text: str) -> str | None:
    """One word for all texts that are the same whole answer (affirm, deny) or the same alarm
    (help); the text itself where it names a service, a dish, a time, a number, a person or a wish
    of the kitchen; None where it means nothing to the rules."""
    if danger(text).certainty >= Certainty.DOUBTFUL:
        return "help"
    if (answer := yes_no(text)) is not None:
        return answer
    words = normalise(text).text
    people = find_people(words)
    found = hear(words, _ANY_DAY, _gazetteer(), people)
    named = (found.services, found.whens(), found.diets, found.dishes, people)
    if any(named) or find_quantity(words) or to_int(words) is not None:
        return words
    return None


@lru_cache(maxsize=1)
def _gazetteer() -> Gazetteer:
    return make_gazetteer()
