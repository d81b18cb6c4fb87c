"""Keys pressed instead of words: what each stands for at this point of the conversation."""

from __future__ import annotations

from nlu.expected import Expected, Slot
from nlu.prompts.wording import words
from nlu.understanding import Understanding

HUMAN, REPEAT, YES, NO = "0", "9", "1", "2"
COUNTED = frozenset(
    {Slot.QUANTITY, Slot.ORDER, Slot.RATING, Slot.CODE, Slot.MINUTES, Slot.LISTED, Slot.PERSON}
)
"""Where figures are answers: so many, the second one, a code."""
_SIGNS = "*#ABCD"


def understood(keys: str, expected: Expected) -> Understanding:
    """What keys mean where `expected` was asked; never a matter for the classifier, so that keys
    work when nothing else does.

    0 brings a human and 9 says it again, wherever they are pressed alone. 1 is yes and 2 is no,
    unless a figure answers what was asked. Several keys are a number.
    """
    figures = keys.strip(_SIGNS)
    said = words()["keys"]
    if figures == HUMAN:
        return _rule(said["human"], "transfer_agent")
    if figures == REPEAT:
        return _rule(said["repeat"], "repeat_prompt")
    if figures in (YES, NO) and _asks_yes_or_no(expected):
        return _rule(said["yes"], "affirm") if figures == YES else _rule(said["no"], "deny")
    return _rule(figures, "inform")


def offered(expected: Expected) -> str:
    """The prompt that tells of the keys: of those for yes and no only where these would answer."""
    is_open = expected.is_question and Slot.YES_NO not in expected.slots
    return "line.other_keys" if is_open else "line.use_keys"


def _asks_yes_or_no(expected: Expected) -> bool:
    return Slot.YES_NO in expected.slots or not expected.slots & COUNTED


def _rule(text: str, intent: str) -> Understanding:
    return Understanding(text, intent, 1.0, source="rule")
