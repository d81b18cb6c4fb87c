"""Why a use case says no. The code is stable; the dialogue turns it into a kind sentence."""

from typing import Any


class DomainError(Exception):
    """A rule of the house forbids what was asked. Nothing was changed.

    `code` names the rule (`not_permitted`, `no_provider`, …); `facts` holds what a kind
    explanation needs (names, dates, fen).
    """

    def __init__(self, code: str, /, **facts: Any) -> None:
        super().__init__(f"{code}: {facts}" if facts else code)
        self.code = code
        self.facts = facts


class NotFound(DomainError):
    """What was named does not exist, or not for this person."""


class IllegalMove(DomainError):
    """The state machine has no such move from the present state."""
