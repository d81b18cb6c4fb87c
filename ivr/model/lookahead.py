"""What a graph can say next, state by state, so that a decoder weighs words before they end.

Labels are numbered anew in the order of a walk through the graph: then the words behind one state
of a lexicon's tree lie side by side, and a set of thousands is written as one or two intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr.model.transducer import EPSILON, Interval, Transducer


@dataclass(frozen=True)
class Lookahead:
    """`labels` says each old label's new one; `reachable` speaks of the new ones."""

    labels: dict[int, int]
    final_label: int
    reachable: list[list[Interval]]


def look_ahead(graph: Transducer) -> Lookahead:
    """New labels, from 1 on, and what is reachable from each state before anything is said."""
    silent = [[arc.target for arc in arcs if arc.says == EPSILON] for arcs in graph.arcs]
    labels: dict[int, int] = {}
    final_label = 0
    for state in _walk(silent):
        for arc in graph.arcs[state]:
            if arc.says != EPSILON and arc.says not in labels:
                labels[arc.says] = len(labels) + bool(final_label) + 1
        if state in graph.finals and not final_label:
            final_label = len(labels) + 1
    reachable: list[list[Interval]] = [[] for _ in graph.arcs]
    for group in _groups(silent):
        members = set(group)
        union: set[Interval] = set()
        for state in group:
            ends = [labels[arc.says] for arc in graph.arcs[state] if arc.says != EPSILON]
            ends += [final_label] if state in graph.finals else []
            union.update((label, label + 1) for label in ends)
            for target in silent[state]:
                if target not in members:
                    union.update(reachable[target])
        merged = _merged(union)
        for state in group:
            reachable[state] = merged
    return Lookahead(labels, final_label, reachable)


def _walk(nexts: list[list[int]]) -> Iterator[int]:
    """Every state once, from the start depth first, then those left over."""
    seen: set[int] = set()
    for first in range(len(nexts)):
        waiting = [first]
        while waiting:
            state = waiting.pop()
            if state not in seen:
                seen.add(state)
                yield state
                waiting.extend(reversed(nexts[state]))


def _groups(nexts: list[list[int]]) -> Iterator[list[int]]:
    """States that can reach each other, group by group, each after those it leads to (Tarjan)."""
    found: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_states: list[int] = []
    grouped: set[int] = set()
    for first in range(len(nexts)):
        if first in found:
            continue
        path = [(first, iter(nexts[first]))]
        found[first] = lowest[first] = len(found)
        open_states.append(first)
        while path:
            state, rest = path[-1]
            target = next(rest, None)
            if target is None:
                path.pop()
                if path:
                    before = path[-1][0]
                    lowest[before] = min(lowest[before], lowest[state])
                if lowest[state] == found[state]:
                    group = [open_states.pop()]
                    while group[-1] != state:
                        group.append(open_states.pop())
                    grouped.update(group)
                    yield group
            elif target not in found:
                found[target] = lowest[target] = len(found)
                open_states.append(target)
                path.append((target, iter(nexts[target])))
            elif target not in grouped:
                lowest[state] = min(lowest[state], found[target])


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same labels in as few intervals as can be, in order."""
    merged: list[Interval] = []
    for begin, end in sorted(intervals):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged
