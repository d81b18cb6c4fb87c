"""From texts to probabilities: what follows what, where most of it was never met.

Each body of texts is counted by itself and smoothed as Kneser and Ney do: an n-gram gives away as
much as those that were met once and twice say is due (a discount for each order), and what is
given away goes to words by how many different others they stood behind, not by how often. Then
the bodies are laid together. How much each of them weighs hangs on what was just said: behind
three figures it is the codes that speak, behind 血压 the callers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from ivr.model.backoff import END, ORDER, START, Counts, History, Model

FEW = 0.7
"""The discount where too few n-grams were met once or twice to tell."""


def smoothed(counts: Counts, words: Collection[str], least: float = 1.0) -> Model:
    """Of plain counts; an n-gram met less often than `least` has no place of its own."""
    heard = _by_histories(counts)
    discounts = _discounts(heard)
    model = Model({(): _singles(heard[()], words, discounts[0])}, words)
    for history in sorted(heard, key=lambda one: (len(one), one)):
        if history:
            _learn(model, history, heard[history], discounts[len(history)])
    total = sum(counts[()].values())
    model.often |= {history: sum(counts[history].values()) / total for history in heard}
    for history in sorted(filter(None, model.nexts), key=len, reverse=True):
        met = counts[history]
        model.keep(history, {word for word, times in met.items() if times >= least})
    model.balance()
    return model


def together(models: Sequence[Model], shares: Sequence[float]) -> Model:
    """One model of several, each with its share, of the same words."""
    joined = Model({(): {}}, ())
    histories = {history for one in models for history in one.nexts}
    for history in sorted(histories, key=lambda one: (len(one), one)):
        likely = [share * one.met(history) for share, one in zip(shares, models, strict=True)]
        joined.often[history] = sum(likely)
        likely = [one / joined.often[history] for one in likely]
        words = dict.fromkeys(word for one in models for word in one.nexts.get(history, ()))
        joined.nexts[history] = {
            word: sum(
                part * one.probability(history, word)
                for part, one in zip(likely, models, strict=True)
            )
            for word in words
        }
        if history:
            joined.balance(history)
    return joined


def _by_histories(counts: Counts) -> Counts:
    """Below the longest n-grams, how many different words each stood behind; at a sentence's begin
    nothing stands before, so there how often."""
    behind: dict[History, Counter[str]] = defaultdict(Counter)
    for history, nexts in counts.items():
        if history:
            behind[history[1:]].update(nexts.keys())
    return {
        history: nexts if len(history) == ORDER - 1 or START in history else dict(behind[history])
        for history, nexts in counts.items()
        if len(history) == ORDER - 1 or START in history or history in behind
    }


def _discounts(counts: Counts) -> list[float]:
    met = [Counter[float]() for _ in range(ORDER)]
    for history, nexts in counts.items():
        met[len(history)].update(nexts.values())
    return [one[1] / (one[1] + 2 * one[2]) if one[1] and one[2] else FEW for one in met]


def _singles(
    nexts: Mapping[str, float], words: Collection[str], discount: float
) -> dict[str, float]:
    """Every word has a share, those never met the same one."""
    total = sum(nexts.values())
    all_words = dict.fromkeys([*words, END])
    left = discount * len(nexts) / total / len(all_words)
    return {word: max(nexts.get(word, 0.0) - discount, 0.0) / total + left for word in all_words}


def _learn(model: Model, history: History, nexts: Mapping[str, float], discount: float) -> None:
    total = sum(nexts.values())
    left = sum(min(times, discount) for times in nexts.values()) / total
    model.nexts[history] = {
        word: max(times - discount, 0.0) / total + left * model.probability(history[1:], word)
        for word, times in nexts.items()
    }
    model.backoff[history] = left
