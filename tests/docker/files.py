"""What the tests read of Dockerfiles and the compose file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"


@dataclass(frozen=True)
class Instruction:
    """One line of a Dockerfile, continuations joined: `ENV`, `A=1 B=2`."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The exec form's words, or the line's."""
        start = self.rest.find("[")
        if start >= 0 and self.rest.endswith("]"):
            words: list[str] = json.loads(self.rest[start:])
            return words
        return self.rest.split()


class Dockerfile:
    """A Dockerfile in instructions; `last` is its final stage."""

    def __init__(self, name: str) -> None:
        text = (DOCKER / name).read_text("utf-8")
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        joined = "\n".join(lines).replace("\\\n", " ")
        self.all = [
            Instruction(*line.strip().split(maxsplit=1))
            for line in joined.splitlines()
            if line.strip()
        ]
        starts = [i for i, line in enumerate(self.all) if line.name == "FROM"]
        self.last = self.all[starts[-1] :]

    def every(self, name: str) -> list[Instruction]:
        return [line for line in self.all if line.name == name]

    def final(self, name: str) -> Instruction:
        """The instruction of that name that counts in the image that is run."""
        return [line for line in self.last if line.name == name][-1]

    @property
    def foreign(self) -> list[Instruction]:
        """The FROM of every stage that does not go on from another stage of the file."""
        own = {line.words[-1] for line in self.every("FROM") if " AS " in line.rest}
        bases = [line for line in self.every("FROM") if line.words[0] not in own]
        return [line for line in bases if "${" not in line.words[0]]

    @property
    def environment(self) -> dict[str, str]:
        """What ENV sets in the final stage."""
        found: dict[str, str] = {}
        for line in self.last:
            if line.name == "ENV":
                found |= dict(word.split("=", 1) for word in line.rest.split())
        return found

    @property
    def copied(self) -> list[str]:
        """Sources of COPY that come from the build context."""
        return [
            source
            for line in self.every("COPY")
            if not line.rest.startswith("--from")
            for source in line.rest.split()[:-1]
        ]


def compose() -> dict[str, Any]:
    """The compose file, merge keys resolved."""
    found: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
    return found


def needed_by_compose() -> set[str]:
    """The names that docker/.env must give: `${NAME:?why}`."""
    text = (DOCKER / "compose.yaml").read_text("utf-8")
    return set(re.findall(r"\$\{(\w+):\?[^}]*\}", text))


def filled(value: str, given: dict[str, str]) -> str:
    """`value` with `${NAME:?why}` replaced, as compose does."""
    return re.sub(r"\$\{(\w+):\?[^}]*\}", lambda match: given[match.group(1)], value)
