"""The report's pictures, as SVG. Needs matplotlib, which only the dependency group `bench` has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

# The same picture byte for byte from the same figures; words stay words.
matplotlib.rcParams.update(
    {"svg.hashsalt": "yinling", "svg.fonttype": "none", "font.family": "sans-serif"}
)
_COLOURS = ("#08519c", "#d94801", "#238b45", "#6a51a3", "#737373", "#b30000", "#9ecae1", "#fdae6b")
_GRID = "#eeeeee"

Curves = Mapping[str, Sequence[float | None]]


def draw_over_noise(
    curves: Curves, conditions: Sequence[str], what: str, path: Path, aim: float | None = None
) -> None:
    """A curve each over the conditions, from quiet to loud; shares on the upright axis."""
    figure = Figure(figsize=(6.0, 3.8))
    axes = figure.add_subplot()
    places = range(len(conditions))
    for number, (name, shares) in enumerate(curves.items()):
        there = [(place, share) for place, share in zip(places, shares, strict=True)
                 if share is not None]  # fmt: skip
        xs, ys = [place for place, _ in there], [share for _, share in there]
        axes.plot(xs, ys, color=_COLOURS[number % len(_COLOURS)], marker="o", ms=4, label=name)
    if aim is not None:
        axes.axhline(aim, color="#999999", lw=1, ls="--")
    axes.set_xticks(list(places), conditions)
    axes.set_ylabel(what)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylim(bottom=0)
    axes.grid(color=_GRID)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    _save(figure, path)


def draw_trainings(errors: Mapping[str, Mapping[str, float]], path: Path) -> None:
    """Phone errors of each training, one line a training in their order, one dot a set."""
    sets = list(dict.fromkeys(name for row in errors.values() for name in row))
    figure = Figure(figsize=(6.0, 0.3 * len(errors) + 1.2))
    axes = figure.add_subplot()
    for number, name in enumerate(sets):
        rows = [(place, row[name]) for place, row in enumerate(errors.values()) if name in row]
        colour = _COLOURS[number % len(_COLOURS)]
        axes.plot(*zip(*((y, x) for x, y in rows), strict=True), "o", color=colour, label=name)
    axes.set_yticks(range(len(errors)), list(errors))
    axes.invert_yaxis()
    axes.set_xlabel("phone errors, no language model")
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(color=_GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None})
