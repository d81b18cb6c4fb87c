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
_COLOURS = ("#08519c", "#238b45", "#d94801", "#6a51a3", "#737373")
_GRID = "#eeeeee"
AIMS_S = (0.9, 1.5)
"""Half of the turns, and all but one in twenty, are to be shorter."""
LONGEST_S = 4.0


def draw_turns(turns: Mapping[int, Sequence[float]], path: Path) -> None:
    """For each number of calls at once, the share of turns that took no longer than …"""
    figure = Figure(figsize=(6.0, 3.8))
    axes = figure.add_subplot()
    for number, (at_once, seconds) in enumerate(turns.items()):
        if not seconds:
            continue
        longer = sorted(seconds)
        shares = [(place + 1) / len(longer) for place in range(len(longer))]
        calls = "call" if at_once == 1 else "calls"
        axes.step(
            [0.0, *longer], [0.0, *shares], where="post",
            color=_COLOURS[number % len(_COLOURS)], label=f"{at_once} {calls}",
        )  # fmt: skip
    for aim, share in zip(AIMS_S, (0.5, 0.95), strict=True):
        axes.plot([aim, aim, 0], [0, share, share], color="#999999", lw=1, ls="--")
    axes.set_xlim(0, LONGEST_S)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("seconds from the caller's last sound to the line's first")
    axes.set_ylabel("turns")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(color=_GRID)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    _save(figure, path)


def draw_rests(
    calls: Sequence[int],
    mb: Sequence[float],
    threads: Sequence[int],
    ports: Sequence[int],
    path: Path,
) -> None:
    """What the line holds after so many calls, while none is on."""
    figure = Figure(figsize=(6.0, 3.4))
    left = figure.add_subplot()
    right = left.twinx()
    left.plot(calls, mb, color=_COLOURS[0], marker="o", ms=4, label="memory")
    right.plot(calls, threads, color=_COLOURS[1], marker="s", ms=4, label="threads")
    right.plot(calls, ports, color=_COLOURS[2], marker="^", ms=4, label="UDP ports")
    left.set_xlabel("calls that were hung up so far")
    left.set_ylabel("MB")
    right.set_ylabel("threads, ports")
    left.set_ylim(0, max(mb) * 1.2)
    right.set_ylim(0, max(*threads, *ports) * 1.2)
    left.grid(color=_GRID)
    left.spines["top"].set_visible(False)
    right.spines["top"].set_visible(False)
    figure.legend(frameon=False, fontsize=8, loc="upper center", ncols=3)
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None})
