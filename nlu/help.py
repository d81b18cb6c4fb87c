"""Does somebody need help now? Rules and classifier vote.

The rules know words of danger and what takes them back, but fire on "救命,这个菜太好吃了". The
classifier has read thousands of sentences with danger and without, but few rare ones. A miss is far
dearer than a false alarm, and a question ("您是不是需要人马上来?") is cheap: either of them is
enough to ask, and an alarm at once takes one that is sure and another that does not think it
unlikely. Only where the classifier takes a hundred to one against what the rules found, and knows
what else is meant, nothing is asked.
"""

from __future__ import annotations

from enum import IntEnum

from nlu.alarms import Certainty
from nlu.rasa_client import IntentGuess
from nlu.rules import Danger

SURE_ALARM = 0.6
"""From here on the classifier is sure of an emergency, whether or not the rules are."""
WORTH_ASKING = 0.25
"""From here on the classifier's suspicion of an emergency, though not its first guess, is worth
the question."""
OVERWHELMING = 0.9
"""So sure a classifier is asked about even where the rules' guards take the alarm back: the word
that a guard waits for may have been misheard."""
CREDIBLE = 0.25
"""From here on the classifier bears out what the rules are sure of."""
ABSURD = 0.01
"""Below this the classifier takes the alarm back, if it is `CLEAR` about what else is meant."""
CLEAR = 0.6
RULE_DOUBT = 0.5
"""How likely an emergency is that only the rules doubt."""


class Help(IntEnum):
    """What is to be done."""

    NONE = 0
    ASK = 1
    ALARM = 2


def vote(found: Danger, guess: IntentGuess | None) -> Help:
    """Whether help is needed, by what the rules found and what the classifier makes of the whole.

    `guess` is None where the classifier was not there; then the rules decide alone, as they do
    about an intent ranking that leaves emergencies out, and about words that a city has added.
    """
    likely = None if guess is None else dict(guess.ranking).get("emergency")
    if guess is None or likely is None or found.added:
        return _RULES_ALONE[found.certainty]
    if found.certainty is Certainty.NONE:
        return _by_classifier(guess, likely)
    if found.certainty is Certainty.TAKEN_BACK:
        return Help.ASK if likely >= OVERWHELMING else Help.NONE
    if likely < ABSURD and guess.confidence >= CLEAR:
        return Help.ASK if found.cried else Help.NONE
    if found.certainty is Certainty.DOUBTFUL:
        return Help.ALARM if likely >= SURE_ALARM else Help.ASK
    borne_out = likely >= CREDIBLE or (found.cried and guess.confidence < CLEAR)
    return Help.ALARM if borne_out else Help.ASK


_RULES_ALONE = {
    Certainty.NONE: Help.NONE,
    Certainty.TAKEN_BACK: Help.NONE,
    Certainty.DOUBTFUL: Help.ASK,
    Certainty.SURE: Help.ALARM,
}


def _by_classifier(guess: IntentGuess, likely: float) -> Help:
    if likely >= SURE_ALARM:
        return Help.ALARM
    return Help.ASK if likely >= WORTH_ASKING or guess.intent == "emergency" else Help.NONE
