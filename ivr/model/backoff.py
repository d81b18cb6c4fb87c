"""A model of which word follows which: probabilities, pruned, written as an acceptor."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from math import log

from ivr.model.transducer import Transducer

ORDER = 3
START, END = "<s>", "</s>"
REST = "<rest>"
"""In counts: all the words that stood behind a history and are not named there."""

FLOOR = 0.02
"""What a character that no sentence holds is counted, so that it can be heard at all."""
UNSEEN = 0.7
"""What is left for others behind a history whose counts name no REST."""
LEAST_GAIN = 1e-6
"""Probability × nats by which an n-gram must better what stands without it."""
HARDER = 1.05
MOST_BYTES = 2_600_000
"""Of the written model: a call's recogniser holds as much again of it."""
_ARC_BYTES, _STATE_BYTES = 16, 36

History = tuple[str, ...]
Counts = dict[History, dict[str, float]]
"""How often each word (or END, or REST) stood behind each history of up to ORDER - 1 words."""


class Model:
    """Probabilities behind each history; what is not named leans on the history without its first
    word."""

    def __init__(self, counts: Counts, words: Iterable[str]) -> None:
        """Of counts that are smooth already: they are taken at their word, and REST is left to the
        shorter histories."""
        singles = {word: times for word, times in counts.get((), {}).items() if word != REST}
        for word in words:
            singles.setdefault(word, FLOOR)
        total = sum(singles.values())
        self.nexts: dict[History, dict[str, float]] = {
            (): {word: times / total for word, times in singles.items()}
        }
        self.backoff: dict[History, float] = {}
        self.often: dict[History, float] = {(): 1.0}
        """The share of places in the texts that stand behind a history."""
        for history in sorted(filter(None, counts), key=lambda one: (len(one), one)):
            nexts = counts[history]
            behind = sum(nexts.values()) + (0.0 if REST in nexts else UNSEEN)
            self.often[history] = behind / total
            self.nexts[history] = {
                word: times / behind for word, times in nexts.items() if word != REST
            }
            self.balance(history)

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

    def met(self, history: History) -> float:
        """The share of places behind a history, guessed for one that never was."""
        if history in self.often:
            return self.often[history]
        return self.met(history[:-1]) * self.probability(history[:-1], history[-1])

    def counts(self, total: float) -> Counts:
        """How often each would stand where in so many words, as `Model` takes it."""
        expected: Counts = {}
        for history, nexts in self.nexts.items():
            times = total * self.met(history)
            expected[history] = {word: times * share for word, share in nexts.items()}
            if history:
                expected[history][REST] = times * max(1.0 - sum(nexts.values()), 0.0)
        return expected

    def shrink(self, most_bytes: int = MOST_BYTES, least_gain: float = LEAST_GAIN) -> None:
        """Prune, ever harder, until the model is written in so many bytes."""
        while self._bytes() > most_bytes and len(self.nexts) > 1:
            self.prune(least_gain)
            # In long steps while much is too much, and never past what may be kept by far.
            least_gain *= max(HARDER, self._bytes() / most_bytes)

    def _bytes(self) -> int:
        return _STATE_BYTES * len(self.nexts) + _ARC_BYTES * sum(map(len, self.nexts.values()))

    def prune(self, least_gain: float) -> None:
        """Drop what adds little to the model without it, longest histories first."""
        for history in sorted(filter(None, self.nexts), key=len, reverse=True):
            met, backoff = self.met(history), self.backoff[history]
            gains = {
                word: met * share * log(share / (backoff * self.probability(history[1:], word)))
                for word, share in self.nexts[history].items()
            }
            self.keep(history, {word for word, gain in gains.items() if gain >= least_gain})
        self.balance()

    def keep(self, history: History, wanted: Collection[str]) -> None:
        """Of the words behind a history those that are wanted or lead on; balance afterwards."""
        kept = {
            word: share
            for word, share in self.nexts[history].items()
            if word in wanted or (*history, word) in self.nexts
        }
        if kept:
            self.nexts[history] = kept
        else:
            del self.nexts[history], self.backoff[history]

    def balance(self, history: History = ()) -> None:
        """Give what the named words leave to the shorter history's others; behind all histories,
        the short ones first, where none is given."""
        if not history:
            for one in sorted(filter(None, self.nexts), key=len):
                self.balance(one)
            return
        kept = self.nexts[history]
        left = 1.0 - sum(kept.values())
        below = 1.0 - sum(self.probability(history[1:], word) for word in kept)
        self.backoff[history] = max(left, 1e-6) / max(below, 1e-6)

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
