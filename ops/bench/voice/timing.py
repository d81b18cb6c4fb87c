"""When who was heard: from the moments of packets to the figures. Nanoseconds in, seconds out. No
I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ops.bench.voice.rtp import PACKET_NS

S = 1_000_000_000
WITHIN_NS = 80_000_000
"""A pause this short is within a word."""
HUSHED_NS = 400_000_000
"""A pause this long is no pause of ours between clauses: we have fallen silent."""


@dataclass(frozen=True)
class Run:
    """Sound without a pause: when its first and its last packet came."""

    first: int
    last: int


@dataclass(frozen=True)
class Spoken:
    """Something the caller said: when the packets with its first and last sound left. `over`:
    the line was speaking when she began, and was meant to be interrupted."""

    text: str
    first: int
    last: int
    over: bool = False


def runs(moments: Iterable[int], within: int = WITHIN_NS) -> list[Run]:
    """The runs of packets that are sound, from their moments in order."""
    found: list[Run] = []
    for at in moments:
        if found and at - found[-1].last <= within + PACKET_NS:
            found[-1] = Run(found[-1].first, at)
        else:
            found.append(Run(at, at))
    return found


def joined(parts: Sequence[Run], within: int) -> list[Run]:
    """Runs with pauses of up to `within` taken as one."""
    found: list[Run] = []
    for part in parts:
        if found and part.first - found[-1].last <= within:
            found[-1] = Run(found[-1].first, part.last)
        else:
            found.append(part)
    return found


def turn_s(spoken: Spoken, line: Sequence[Run], until: int | None = None) -> float | None:
    """From the caller's last sound to the line's first; `until` is when she speaks again.

    None where the line was speaking already, or said nothing before that.
    """
    if is_talked_over(spoken, line):
        return None
    first = next((run.first for run in line if run.first > spoken.last), None)
    if first is None or (until is not None and first >= until):
        return None
    return (first - spoken.last) / S


def is_talked_over(spoken: Spoken, line: Sequence[Run]) -> bool:
    """Whether the line was speaking when the caller came to her end."""
    return any(run.first <= spoken.last <= run.last for run in line)


def hushed_s(spoken: Spoken, line: Sequence[Run]) -> float | None:
    """From the caller's first sound to the line's last before it fell silent; None where the line
    was not speaking when she began."""
    for run in joined(line, HUSHED_NS):
        if run.first <= spoken.first <= run.last:
            return (run.last - spoken.first) / S
    return None
