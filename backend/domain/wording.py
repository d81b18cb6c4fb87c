"""What the house says and listens for, as far as a city may change it. Whoever knows the words
(the room that talks) fills this in; the console asks through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.domain.errors import DomainError


@dataclass(frozen=True)
class Prompt:
    """A prompt as it is shipped. `group`: the file it stands in; `speech` None: made from the text;
    `facts`: what may stand in {{ }}."""

    name: str
    group: str
    text: str
    speech: str | None
    choices: tuple[str, ...]
    facts: tuple[str, ...]
    is_consent: bool


class Wording(Protocol):
    """The words of the house."""

    def prompts(self) -> Mapping[str, Prompt]:
        """All of them, by name."""

    def require_prompt(self, name: str, text: str, speech: str | None) -> None:
        """Raises DomainError `not_found`, `bad_words`, `unknown_fact`, `lost_fact`, in words for
        who wrote it."""

    def lost_facts(self, name: str, text: str) -> Sequence[str]:
        """What the shipped text tells and this one does not."""

    def plain_phrase(self, phrase: str) -> str:
        """A phrase as it is kept: what two people write differently and say alike is one."""

    def require_phrase(self, phrase: str, level: str) -> None:
        """Raises DomainError `bad_phrase`, `heard_already`,
        `everyday_phrase`."""

    def shipped_phrases(self) -> Mapping[str, Sequence[str]]:
        """What is listened for anyhow: examples by the kind of danger."""


class NoWording:
    """Of a console without a room that talks."""

    def prompts(self) -> Mapping[str, Prompt]:
        return {}

    def require_prompt(self, name: str, text: str, speech: str | None) -> None:
        raise DomainError("not_found")

    def lost_facts(self, name: str, text: str) -> Sequence[str]:
        return ()

    def plain_phrase(self, phrase: str) -> str:
        return phrase

    def require_phrase(self, phrase: str, level: str) -> None:
        raise DomainError("not_found")

    def shipped_phrases(self) -> Mapping[str, Sequence[str]]:
        return {}
