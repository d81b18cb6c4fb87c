"""Weighted transducers and the files that Vosk reads them from, written without OpenFst.

OpenFst is in no wheel with what a look-ahead graph needs (decision 26), and of it we need two
layouts only: `const`, and `olabel_lookahead`, which is a `const` with, for every state, the set of
output labels that can come next. Numbers are little-endian, as everywhere OpenFst runs.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

EPSILON = 0
"""The label of an arc that reads, or says, nothing."""

_MAGIC = 2125659606
_ADD_ON_MAGIC = 446681434
_ARC_TYPE = "standard"
_EXPANDED, _INPUT_SORTED, _OUTPUT_SORTED = 1 << 0, 1 << 28, 1 << 30
"""Properties that OpenFst may rely on. It finds out the others by itself when it asks for them."""
_STATE = np.dtype(
    [("final", "<f4"), ("first", "<u4"), ("arcs", "<u4"), ("no_input", "<u4"), ("no_output", "<u4")]
)
_ARC = np.dtype([("input", "<i4"), ("output", "<i4"), ("cost", "<f4"), ("target", "<i4")])

Interval = tuple[int, int]
"""Labels from the first up to, not with, the second."""


class Arc(NamedTuple):
    """What is read, what is said, a cost in nats (less is likelier) and where it leads."""

    reads: int
    says: int
    cost: float
    target: int


class Transducer:
    """States numbered from 0, the start; grown arc by arc."""

    def __init__(self) -> None:
        self.arcs: list[list[Arc]] = []
        self.finals: dict[int, float] = {}

    def state(self) -> int:
        """A new state."""
        self.arcs.append([])
        return len(self.arcs) - 1

    def arc(
        self, source: int, target: int, reads: int = EPSILON, says: int = EPSILON, cost: float = 0.0
    ) -> None:
        self.arcs[source].append(Arc(reads, says, cost, target))

    def relabelled(self, said: dict[int, int]) -> Transducer:
        """A copy that says `said[label]` for each label but EPSILON."""
        copy = Transducer()
        copy.finals = dict(self.finals)
        copy.arcs = [
            [arc._replace(says=said[arc.says]) if arc.says else arc for arc in arcs]
            for arcs in self.arcs
        ]
        return copy


def const_file(graph: Transducer) -> bytes:
    """A `const` file, arcs sorted by what they read: a language model."""
    return _const(graph, lambda arc: arc.reads, _EXPANDED | _INPUT_SORTED)


def lookahead_file(
    graph: Transducer, reachable: Sequence[Sequence[Interval]], final_label: int
) -> bytes:
    """An `olabel_lookahead` file. `reachable` are, for each state, the labels that can be said next
    from it, `final_label` among them where the graph can end before any other is said.
    """
    parts = [
        _header("olabel_lookahead", 1, _EXPANDED | _OUTPUT_SORTED, -1, 0, 0),
        struct.pack("<i", _ADD_ON_MAGIC),
        _const(graph, lambda arc: arc.says, _EXPANDED | _OUTPUT_SORTED),
        # Look-ahead data there is; none for inputs; for outputs: of outputs, without the old labels
        struct.pack("<?????iq", True, False, True, False, False, final_label, len(reachable)),
    ]
    for intervals in reachable:
        flat = [end for interval in intervals for end in interval]
        count = sum(flat[1::2]) - sum(flat[::2])
        parts.append(struct.pack(f"<q{len(flat)}ii", len(intervals), *flat, count))
    return b"".join(parts)


def _const(graph: Transducer, order: Callable[[Arc], int], properties: int) -> bytes:
    states = np.zeros(len(graph.arcs), _STATE)
    states["final"] = [graph.finals.get(state, np.inf) for state in range(len(graph.arcs))]
    states["arcs"] = [len(arcs) for arcs in graph.arcs]
    states["first"] = np.cumsum(states["arcs"]) - states["arcs"]
    states["no_input"] = [sum(arc.reads == EPSILON for arc in arcs) for arcs in graph.arcs]
    states["no_output"] = [sum(arc.says == EPSILON for arc in arcs) for arcs in graph.arcs]
    arcs = np.array([arc for arcs in graph.arcs for arc in sorted(arcs, key=order)], _ARC)
    header = _header("const", 2, properties, 0, len(states), len(arcs))
    return header + states.tobytes() + arcs.tobytes()


def _header(kind: str, version: int, properties: int, start: int, states: int, arcs: int) -> bytes:
    names = b"".join(struct.pack("<i", len(name)) + name.encode() for name in (kind, _ARC_TYPE))
    numbers = struct.pack("<iiQqqq", version, 0, properties, start, states, arcs)
    return struct.pack("<i", _MAGIC) + names + numbers
