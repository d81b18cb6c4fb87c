"""When a caller speaks: once the line has said something and been quiet for a breath. No I/O."""

from __future__ import annotations

BREATH_S = 1.5
"""Quiet behind the line's words: longer than its pauses between sentences, shorter than its
patience."""
UNANSWERED_S = 5.0
"""…while what we said last stands unanswered in the record of the call: the line is thinking, and
has only asked for a moment."""
PATIENCE_S = 25.0
"""A line that says nothing for so long will not say anything any more."""


class Turns:
    """One call's, from the moment it was answered. Times are seconds of one clock."""

    def __init__(self, at: float) -> None:
        self._last_sound = at
        self._line_spoke = False

    def heard(self, at: float) -> None:
        """The line is speaking."""
        self._last_sound, self._line_spoke = at, True

    def spoke(self, at: float) -> None:
        """We have spoken; now the line has the word."""
        self._last_sound, self._line_spoke = at, False

    def is_ours(self, at: float, answered: bool = True) -> bool:
        """Whether the line waits for us. `answered`: it has taken up what we said last, as far as
        can be known."""
        quiet_s = at - self._last_sound
        return self._line_spoke and quiet_s >= (BREATH_S if answered else UNANSWERED_S)

    def is_given_up(self, at: float) -> bool:
        """Whether nobody has said anything for too long."""
        return at - self._last_sound >= PATIENCE_S
