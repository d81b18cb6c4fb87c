"""What one recogniser heard of one utterance, also where pauses cut it into pieces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from ivr.ears import Hearing
from nlu.dialogue.turns import Alternative

MOST = 5
"""Hearings kept; what is behind them nobody looks at."""
_OF_A_PIECE = 3


class Pieces:
    """Feed it with an utterance from its beginning; the recogniser may serve many of them, one
    after the other. Belongs to one thread at a time."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._pieces: list[list[Alternative]] = []
        self._fed = False

    def take(self, pcm: bytes) -> None:
        """So much more sound."""
        self._fed = True
        if self._hearing.take(pcm):
            self._add(self._hearing.said())

    def settle(self) -> None:
        """Makes up its mind about all it heard so far, as a recogniser does at an end: the last
        syllables come half a second late otherwise. More may follow."""
        if self._fed:
            self._add(self._hearing.last())
        self._fed = False

    def so_far(self) -> str:
        """The likeliest words since the beginning."""
        settled = "".join(piece[0].text for piece in self._pieces)
        return settled + (self._hearing.so_far() if self._fed else "")

    def settled(self) -> tuple[Alternative, ...]:
        """The hearings of what it has made up its mind about, likeliest first."""
        return joined(self._pieces)

    def ended(self) -> tuple[Alternative, ...]:
        """The hearings of the whole, likeliest first; begins anew."""
        self.settle()
        pieces, self._pieces = self._pieces, []
        return joined(pieces)

    def _add(self, hearings: list[Alternative]) -> None:
        if hearings:
            self._pieces.append(hearings)


def joined(pieces: Sequence[Sequence[Alternative]]) -> tuple[Alternative, ...]:
    """The hearings of pieces one after the other, as likely as their parts are together; at most
    MOST, their confidences sum to one."""
    if not pieces:
        return ()
    found: dict[str, float] = {"": 1.0}
    for piece in pieces:
        longer: dict[str, float] = {}
        for (text, share), one in product(
            found.items(), piece[: MOST if len(pieces) == 1 else _OF_A_PIECE]
        ):
            longer[text + one.text] = longer.get(text + one.text, 0.0) + share * one.confidence
        found = dict(sorted(longer.items(), key=lambda row: -row[1])[:MOST])
    whole = sum(found.values()) or 1.0
    return tuple(Alternative(text, share / whole) for text, share in found.items())
