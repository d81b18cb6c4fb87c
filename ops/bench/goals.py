"""What the benches' reports share: goals, figures as people read them, the page itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from ops.bench.asr.scoring import Count

NO_FIGURE = "–"


@dataclass(frozen=True)
class Goal:
    """A figure with what it has to reach; `reached` is None where nothing was measured."""

    what: str
    aim: str
    measured: str
    reached: bool | None

    @property
    def mark(self) -> str:
        return {True: "✓", False: "✗", None: NO_FIGURE}[self.reached]


def least(what: str, bound: float, count: Count) -> Goal:
    """At least this share."""
    reached = None if count.share is None else count.share >= bound
    return Goal(what, f"≥ {bound * 100:g} %", of(count), reached)


def percent(share: float | None) -> str:
    """97.3 %, or a dash for no figure."""
    return NO_FIGURE if share is None else f"{share * 100:.1f} %"


def of(count: Count) -> str:
    """97.3 % (36 of 37)."""
    if not count.whole:
        return NO_FIGURE
    return f"{percent(count.share)} ({count.part} of {count.whole})"


def write_page(
    template: Path, words: Mapping[str, Any], path: Path, **filters: Callable[..., str]
) -> Path:
    """Fill a report's template in, `percent` and `of` among its filters; `path` comes back."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.filters |= {"percent": percent, "of": of} | filters
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(environment.from_string(template.read_text("utf-8")).render(words), "utf-8")
    return path
