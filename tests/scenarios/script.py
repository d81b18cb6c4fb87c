"""A scenario as it is written: who plays, what they do step by step, what must come of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from backend.settings import TIMEZONE

DEFAULT_NOW = "2026-03-04 09:20"
"""A Wednesday morning, on which the made-up town begins."""
DEEDS = ("says", "scans", "follows", "unfollows", "taps", "shares", "sends", "speaks")
_DEED = re.compile(rf"^(\S+) ({'|'.join(DEEDS)})$")
_AHEAD = re.compile(r"^\+(\d+) ?(s|m|h|d)$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
EXPECTATIONS = {"reply", "answers", "pushed", "not pushed", "keep", "database"}
STAGE_DEEDS = {"clock", "fail", "heal", "sleeps", "wakes"}
ROLES = {"family", "elder", "worker", "duty", "town", "away"}


class BadScript(ValueError):
    """The file is not written as README.md says."""


@dataclass(frozen=True)
class Part:
    """What someone is to us. A stranger is none of these."""

    family: dict[str, Any] = field(default_factory=dict)
    """Elder -> relation, or {as: relation, may order: false}."""
    worker: str | None = None
    duty: str | None = None
    town: str | None = None
    away: bool = False
    """They have not talked to us lately: the channel's window is closed."""

    @property
    def known(self) -> bool:
        """Whether we know them before the story begins."""
        return bool(self.family or self.worker or self.duty)


@dataclass(frozen=True)
class Step:
    """One deed (of a person or of the stage; perhaps none) and what must come of it."""

    line: int
    who: str | None = None
    deed: str | None = None
    what: Any = None
    copies: int = 1
    expect: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        deed = f"{self.who} {self.deed}" if self.who else (self.deed or "look")
        return f"line {self.line}: {deed} {self.what if self.what is not None else ''}".rstrip()


@dataclass(frozen=True)
class Scenario:
    """A story of a few people, played from beginning to end."""

    name: str
    title: str
    now: datetime
    people: dict[str, Part]
    given: dict[str, Any]
    steps: tuple[Step, ...]


class _Lines(yaml.SafeLoader):
    """Keeps the line of every mapping; 11:30, 2026-03-05 and 好 stay as they were written."""

    yaml_implicit_resolvers: dict[str, Any] = {}


def _mapping(loader: _Lines, node: yaml.MappingNode) -> dict[Any, Any]:
    made = loader.construct_mapping(node, deep=True)
    made["__line__"] = node.start_mark.line + 1
    return made


_Lines.add_constructor("tag:yaml.org,2002:map", _mapping)
for _tag, _rule, _first in (
    ("null", r"^(?:null|)$", ["n", ""]),
    ("bool", r"^(?:true|false)$", list("tf")),
    ("int", r"^(?:0|[1-9][0-9]{0,8})$", list("0123456789")),
):
    _Lines.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_rule), _first)


def read_scenario(path: Path) -> Scenario:
    """A scenario from its file. Raises BadScript, with the line."""
    raw = yaml.load(path.read_text("utf-8"), _Lines)  # noqa: S506 - a SafeLoader
    if not isinstance(raw, dict):
        raise BadScript(f"{path.name}: not a mapping")
    _only(raw, {"title", "now", "people", "given", "steps"}, path.name)
    people = {name: _part(name, role) for name, role in _plain(raw["people"]).items()}
    steps = tuple(_step(step, people) for step in raw["steps"])
    return Scenario(
        name=path.stem,
        title=raw["title"],
        now=moment(raw.get("now", DEFAULT_NOW)),
        people=people,
        given=_plain(raw.get("given") or {}),
        steps=steps,
    )


def moment(text: str) -> datetime:
    """A local time of the scenario, aware."""
    return datetime.fromisoformat(str(text)).replace(tzinfo=TIMEZONE)


def later(now: datetime, text: str) -> datetime:
    """`+90s`, `+20m`, `+2h`, `+1d` from now, or a local time."""
    if ahead := _AHEAD.match(str(text)):
        return now + timedelta(**{_UNITS[ahead[2]]: int(ahead[1])})
    return moment(text)


def _part(name: str, role: Any) -> Part:
    if role == "stranger":
        return Part()
    if not isinstance(role, dict):
        raise BadScript(f"{name}: what is {role!r}?")
    _only(role, ROLES, name)
    family = _plain(role.get("family") or {})
    if "elder" in role:
        family[role["elder"]] = "self"
    return Part(
        family=family,
        worker=role.get("worker"),
        duty=role.get("duty"),
        town=role.get("town"),
        away=bool(role.get("away")),
    )


def _step(raw: Any, people: dict[str, Part]) -> Step:
    if not isinstance(raw, dict):
        raise BadScript(f"a step is a mapping: {raw!r}")
    line = raw.get("__line__", 0)
    raw = _plain(raw)
    expect = {key: raw.pop(key) for key in list(raw) if key in EXPECTATIONS}
    copies = int(raw.pop("copies", 1))
    if not raw:
        return Step(line=line, expect=expect)
    if len(raw) > 1:
        raise BadScript(f"line {line}: one deed a step, not {sorted(raw)}")
    [(key, what)] = raw.items()
    if key in STAGE_DEEDS:
        return Step(line=line, deed=key, what=what, expect=expect)
    if (found := _DEED.match(key)) is None or found[1] not in people:
        raise BadScript(f"line {line}: nobody can {key!r}")
    return Step(line, found[1], found[2], what, copies, expect)


def _plain(value: Any) -> Any:
    """Without the line marks."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key != "__line__"}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _only(raw: dict[str, Any], known: set[str], where: str) -> None:
    if unknown := set(raw) - known - {"__line__"}:
        raise BadScript(f"{where}: unknown {sorted(unknown)}")
