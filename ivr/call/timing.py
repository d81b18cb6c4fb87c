"""When each turn of a call was heard, answered and spoken."""

from __future__ import annotations

from ivr.call.events import Said
from ivr.desk import TurnRecord


class Timing:
    """Of one call, in seconds since it was taken; times come in as the process's monotonic clock
    has them."""

    def __init__(self, first: int) -> None:
        """`first` is the number of the turn that opens the call."""
        self._taken_at = 0.0
        self._turn: dict[str, float] = {}
        self._turns = {first: self._turn}
        self._said: dict[str, float] = {}

    def taken(self, at: float) -> None:
        """The call was answered."""
        self._taken_at = at

    def said(self, said: Said) -> None:
        """They have spoken."""
        self._said = {"began": said.began, "ended": said.ended, "decided": said.at}

    def asked(self, no: int, by_voice: bool) -> None:
        """A turn of theirs begins, by what was said last or by keys."""
        self._turn = self._turns.setdefault(no, {})
        if by_voice:
            for name, at in self._said.items():
                self.mark(name, at)
            self._said = {}

    def mark(self, name: str, at: float) -> None:
        """The first time stands."""
        self._turn.setdefault(name, round(at - self._taken_at, 3))

    def records(self) -> list[TurnRecord]:
        """What is known of each turn."""
        return [TurnRecord(no, times=times) for no, times in self._turns.items() if times]
