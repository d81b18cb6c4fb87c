"""Rules of the telephone: whom a number may speak for, and when a human must ring back."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

MOST_ELDERS = 4
"""A number kept for more elders than both pairs of parents is no family's: a neighbour's, a
committee's. Whoever rings from it is asked who they are."""
ALIVE_FOR = timedelta(minutes=3)
"""A call whose process has not been heard of for so long has lost it. Longer than any turn, with
its silences and its reminders, takes."""
RESUMABLE_FOR = timedelta(hours=1)
"""So long after a call its matter can be taken up again, by telephone or in WeChat."""

_NUMBER = re.compile(r"\+?\d{3,15}")


def is_number(channel: str, identifier: str) -> bool:
    """Whether an account can be rung: callers who withhold their number have an account too."""
    return channel == "phone" and _NUMBER.fullmatch(identifier) is not None


def call_back_key(ring_key: str) -> str:
    """The key of the one ticket by which a human rings a caller back, by the key of its ring
    (`open_call.Ring`): whoever notices that a call broke, and in whatever order they do, means
    the same ticket."""
    return f"call_back:{ring_key}"


def speaks_for(elder_ids: Collection[int]) -> frozenset[int]:
    """Of the elders that a number is kept for as a contact's, those its caller may act for."""
    known = frozenset(elder_ids)
    return known if len(known) <= MOST_ELDERS else frozenset()


@dataclass(frozen=True)
class CallSoFar:
    """What a human must know of a call to tell whether to ring back."""

    incoming: bool
    answered: bool
    has_number: bool
    """Whether there is anybody to ring."""
    lost: bool = False
    """It ended by a fault of ours, in mid-conversation."""
    doing: bool = False
    """Something was begun and not settled."""
    spoke: bool = False
    """The caller said something that we understood."""
    human: bool = False
    """A human has it already: by a ticket, an alarm, or on the line."""


def needs_call_back(call: CallSoFar) -> bool:
    """Whether a human must ring the caller.

    Who hung up in the middle of an order can take it up for an hour and is left in peace; who was
    cut off by us, or was not answered at all, is rung.
    """
    if not call.incoming or not call.has_number or call.human:
        return False
    if not call.answered:
        return True
    return call.lost and (call.doing or not call.spoke)
