"""The report's pictures, as SVG. Needs matplotlib, which only the dependency group `bench` has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from ops.bench.nlu.scoring import BINS, Bin

# The same picture byte for byte from the same figures; words stay words.
matplotlib.rcParams.update(
    {"svg.hashsalt": "yinling", "svg.fonttype": "none", "font.family": "sans-serif"}
)
_WHITE_TO_BLUE = LinearSegmentedColormap.from_list("blue", ["#ffffff", "#9ecae1", "#08519c"])
_WHITE_TO_RED = LinearSegmentedColormap.from_list("red", ["#fee5d9", "#fb6a4a", "#a50f15"])
_INK, _GREY = "#222222", "#999999"
_COLOURS = ("#08519c", "#d94801")


def draw_confusions(counts: Mapping[tuple[str, str], int], path: Path) -> None:
    """What was meant (rows) against what was understood (columns): right ones in blue by their
    share of the row, each mistake a red square with its number."""
    intents = sorted({intent for pair in counts for intent in pair})
    place = {intent: number for number, intent in enumerate(intents)}
    totals = {
        intent: sum(n for (meant, _), n in counts.items() if meant == intent) for intent in intents
    }
    size = len(intents)
    figure = Figure(figsize=(0.26 * size + 2.4, 0.26 * size + 2.2))
    axes = figure.add_subplot()
    axes.set_xlim(-0.5, size - 0.5)
    axes.set_ylim(size - 0.5, -0.5)
    axes.set_aspect("equal")
    for (meant, understood), count in counts.items():
        share = count / totals[meant]
        colours = _WHITE_TO_BLUE if meant == understood else _WHITE_TO_RED
        x, y = place[understood], place[meant]
        axes.add_patch(
            matplotlib.patches.Rectangle((x - 0.5, y - 0.5), 1, 1, color=colours(share), lw=0)
        )
        if meant != understood:
            ink = "white" if share > 0.5 else _INK
            axes.text(x, y, str(count), ha="center", va="center", fontsize=7, color=ink)
    axes.set_xticks(range(size), intents, rotation=90, fontsize=7)
    axes.set_yticks(range(size), [f"{name} ({totals[name]})" for name in intents], fontsize=7)
    axes.set_xticks([n - 0.5 for n in range(1, size)], minor=True)
    axes.set_yticks([n - 0.5 for n in range(1, size)], minor=True)
    axes.grid(which="minor", color="#eeeeee", lw=0.5)
    axes.tick_params(which="both", length=0)
    axes.set_xlabel("understood")
    axes.set_ylabel("meant (lines)")
    _save(figure, path)


def draw_reliability(curves: Mapping[str, Sequence[Bin]], path: Path) -> None:
    """The share of right answers over the confidence, one curve a set; the larger a point, the more
    answers stand behind it. Below, how many these are."""
    figure = Figure(figsize=(6.0, 6.4))
    above, below = figure.subplots(
        2, 1, sharex=True, gridspec_kw={"height_ratios": (4, 1), "hspace": 0.08}
    )
    above.plot([0, 1], [0, 1], color=_GREY, lw=1, ls="--", label="as sure as right")
    width = 0.8 / BINS / max(len(curves), 1)
    for number, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        confidences, counts = [one.confidence for one in curve], [one.count for one in curve]
        right = [one.right for one in curve]
        above.plot(confidences, right, color=colour, lw=1, label=name)
        sizes = [12 + 8 * count**0.5 for count in counts]
        above.scatter(confidences, right, sizes, color=colour, zorder=3)
        left_edges = [
            min(int(one * BINS), BINS - 1) / BINS + 0.1 / BINS + number * width
            for one in confidences
        ]
        below.bar(left_edges, counts, width=width, align="edge", color=colour)
    above.set_xlim(0, 1.02)
    above.set_ylim(-0.02, 1.03)
    above.set_ylabel("right")
    above.legend(loc="lower right", frameon=False)
    above.grid(color="#eeeeee")
    below.set_yscale("log")
    below.set_ylim(bottom=0.7)
    below.set_ylabel("answers")
    below.set_xlabel("confidence")
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None})
