"""How often a caller who says nothing, or nothing that can be made out, is asked again.

Each time we make it easier: once more and slower, then with the keys; then a human is brought,
or, where nothing is open, we take leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

SILENCE_S = (6.0, 7.0, 8.0)
"""Behind a question: it is asked again, slower; then with the keys; then a human is brought."""
NOTHING_MORE_S = (5.0, 5.0)
"""Where nothing is asked: whether there is anything else; then goodbye."""
UNHEARD = 2
"""Sounds in a row without a word in them before the keys are offered; one more brings a human."""


class Step(Enum):
    """What is done now."""

    AGAIN = "again"
    KEYS = "keys"
    ENOUGH = "enough"


@dataclass
class Patience:
    """With one caller."""

    _silences: int = 0
    _unheard: int = 0

    def heard(self) -> None:
        """They have said or pressed something: all begins anew."""
        self._silences = self._unheard = 0

    def silent(self, quiet: float, asked: bool) -> Step | None:
        """Nothing was said for `quiet` seconds, behind a question (`asked`) or not; None: we go on
        waiting."""
        limits = SILENCE_S if asked else NOTHING_MORE_S
        if quiet <= limits[min(self._silences, len(limits) - 1)]:
            return None
        self._silences += 1
        if self._silences >= len(limits):
            return Step.ENOUGH
        return Step.AGAIN if self._silences == 1 else Step.KEYS

    def not_made_out(self) -> Step:
        """They made a sound that had no word in it."""
        self._unheard += 1
        if self._unheard > UNHEARD:
            return Step.ENOUGH
        return Step.KEYS if self._unheard == UNHEARD else Step.AGAIN
