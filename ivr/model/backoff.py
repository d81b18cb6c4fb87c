"""A model of which word follows which, made from counts, pruned, and written as an acceptor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import log

from ivr.model.transducer import Transducer

ORDER = 3
START, END = "<s>", "</s>"

DISCOUNT = 0.7
FLOOR = 0.02
"""What a character that no sentence holds is counted, so that it can be heard at all."""
LEAST_GAIN = 1e-5
"""Probability × nats by which an n-gram must better what stands without it."""
MOST_BYTES = 3_000_000
"""Of the written model: a call's recogniser holds as much again of it."""
_ARC_BYTES, _STATE_BYTES = 16, 36

History = tuple[str, ...]
Counts = dict[History, dict[str, float]]
"""How often each word (or END) stood behind each history of up to ORDER - 1 words."""


class Model:
    """Probabilities by absolute discounting, each order leaning on the one below it."""

    def __init__(self, counts: Counts, words: Iterable[str], discount: float = DISCOUNT) -> None:
        base = dict(counts.get((), {}))
        for word in words:
            base.setdefault(word, FLOOR)
        total = sum(base.values())
        self.nexts: dict[History, dict[str, float]] = {
            (): {word: times / total for word, times in base.items()}
        }
        self.backoff: dict[History, float] = {}
        for history in sorted(counts, key=lambda one: (len(one), one)):
            if history:
                self._learn(history, counts[history], discount)

    def _learn(self, history: History, nexts: dict[str, float], discount: float) -> None:
        total = sum(nexts.values())
        left = sum(min(times, discount) for times in nexts.values()) / total
        self.nexts[history] = {
            word: max(times - discount, 0.0) / total + left * self.probability(history[1:], word)
            for word, times in nexts.items()
        }
        self.backoff[history] = left

    def probability(self, history: History, word: str) -> float:
        """Of a word of the vocabulary, or END, behind a history."""
        share = 1.0
        while history:
            found = self.nexts.get(history, {}).get(word)
            if found is not None:
                return share * found
            share *= self.backoff.get(history, 1.0)
            history = history[1:]
        return share * self.nexts[()].get(word, 0.0)

    def shrink(self, most_bytes: int = MOST_BYTES, least_gain: float = LEAST_GAIN) -> None:
        """Prune, ever harder, until the model is written in so many bytes."""
        self.prune(least_gain)
        while self._bytes() > most_bytes and len(self.nexts) > 1:
            least_gain *= 2
            self.prune(least_gain)

    def _bytes(self) -> int:
        return _STATE_BYTES * len(self.nexts) + _ARC_BYTES * sum(map(len, self.nexts.values()))

    def prune(self, least_gain: float) -> None:
        """Drop what adds little to the model without it, longest histories first."""
        for history in sorted(self.nexts, key=len, reverse=True):
            if history:
                self._prune(history, least_gain)
        for history in sorted(self.backoff, key=len):
            self._balance(history)

    def _prune(self, history: History, least_gain: float) -> None:
        met = self._met(history)
        kept = {}
        for word, share in self.nexts[history].items():
            without = self.backoff[history] * self.probability(history[1:], word)
            leads_on = (*history, word) in self.nexts
            if leads_on or met * share * log(share / without) >= least_gain:
                kept[word] = share
        if kept:
            self.nexts[history] = kept
        else:
            del self.nexts[history], self.backoff[history]

    def _balance(self, history: History) -> None:
        """Give what the kept words leave to the shorter history's others."""
        kept = self.nexts[history]
        left = 1.0 - sum(kept.values())
        below = 1.0 - sum(self.probability(history[1:], word) for word in kept)
        self.backoff[history] = max(left, 1e-6) / max(below, 1e-6)

    def _met(self, history: History) -> float:
        """The probability of a history."""
        met = 1.0
        for place, word in enumerate(history):
            if word != START:
                met *= self.probability(history[:place], word)
        return met

    def grammar(self, labels: Mapping[str, int]) -> Transducer:
        """An acceptor: a state a history, backing off over an arc that reads nothing.

        Raises KeyError for a word without label.
        """
        graph = Transducer()
        first = (START,) if (START,) in self.nexts else ()
        order = [first, *(history for history in self.nexts if history != first)]
        states = {history: graph.state() for history in order}
        for history, state in states.items():
            for word, share in self.nexts[history].items():
                if word == END:
                    graph.finals[state] = -log(share)
                    continue
                target = (*history, word)[-(ORDER - 1) :]
                while target not in states:
                    target = target[1:]
                label = labels[word]
                graph.arc(state, states[target], label, label, -log(share))
            if history:
                below = history[1:]
                while below not in states:
                    below = below[1:]
                graph.arc(state, states[below], cost=-log(self.backoff[history]))
        return graph
