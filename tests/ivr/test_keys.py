"""What keys stand for, by what was asked."""

from __future__ import annotations

import pytest

from ivr.keys import understood
from nlu.expected import NOTHING_ASKED, Expected, Slot

CONFIRM = Expected(frozenset({Slot.YES_NO}))
HOW_MANY = Expected(frozenset({Slot.QUANTITY}))
WHICH = Expected(frozenset({Slot.LISTED}), is_closed=True)


@pytest.mark.parametrize(
    ("keys", "expected", "intent", "text"),
    [
        ("1", CONFIRM, "affirm", "是的"),
        ("2", CONFIRM, "deny", "不是"),
        ("1#", CONFIRM, "affirm", "是的"),
        ("1", NOTHING_ASKED, "affirm", "是的"),
        ("2", HOW_MANY, "inform", "2"),
        ("2", WHICH, "inform", "2"),
        ("0", HOW_MANY, "transfer_agent", "转人工"),
        ("9", CONFIRM, "repeat_prompt", "再说一遍"),
        ("10", HOW_MANY, "inform", "10"),
        ("482913#", Expected(frozenset({Slot.CODE})), "inform", "482913"),
    ],
)
def test_a_key_means_what_the_question_makes_of_it(
    keys: str, expected: Expected, intent: str, text: str
) -> None:
    meant = understood(keys, expected)
    assert (meant.intent, meant.text, meant.source) == (intent, text, "rule")
