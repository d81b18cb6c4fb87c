"""What takes a frame of danger back: words before it, behind it, near it or anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLAUSE_END = re.compile(r"[,。;!?]")
_NEAR = 12
"""Characters either side of a frame that count as near it when nobody says commas."""


@dataclass(frozen=True)
class Hit:
    """Where a frame stands in a text. `misheard`: two syllables that only sound like it."""

    frame: str
    start: int
    end: int
    misheard: bool = False


@dataclass(frozen=True)
class Guard:
    """One guard of `emergency.yaml`, compiled for the frames it is about."""

    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    near: re.Pattern[str] | None
    anywhere: re.Pattern[str] | None
    with_: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    frames: frozenset[str]
    leaves_doubt: bool
    yields: bool

    def holds(self, words: str, hit: Hit) -> bool:
        """Whether the guard speaks of this frame here."""
        if hit.frame not in self.frames:
            return False
        if self.unless is not None and self.unless.search(words):
            return False
        if self.with_ is not None and not self.with_.search(words):
            return False
        return (
            (self.anywhere is not None and self.anywhere.search(words) is not None)
            or (self.before is not None and self.before.search(words[: hit.start]) is not None)
            or (self.after is not None and self.after.match(words[hit.end :]) is not None)
            or (self.near is not None and self.near.search(_clause(words, hit)) is not None)
        )


def beside(words: str, hit: Hit) -> str:
    """The text without the frame's own words."""
    return f"{words[: hit.start]}\0{words[hit.end :]}"


def _clause(words: str, hit: Hit) -> str:
    """The frame's clause, or as much of it as is near."""
    before, after = words[: hit.start], words[hit.end :]
    starts = [end.end() for end in _CLAUSE_END.finditer(before)]
    ends = _CLAUSE_END.search(after)
    start = max(starts[-1] if starts else 0, hit.start - _NEAR)
    end = hit.end + min(ends.start() if ends else len(after), _NEAR)
    return words[start:end]
