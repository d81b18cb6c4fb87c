"""Which words follow which: a trigram model with backoff, counted from all that is written.

    python -m ivr.model.language --sentences .cache/model/sentences.jsonl --out FOLDER

writes FOLDER/words, the lexicon and the counts that a graph is built from, again and again, as
cities add their words. No sentence can be read back from it.

The list of sentences is what engines had the time to say; the language is counted from far more:
every sentence of the corpus, the sayings of the line drawn again and again, all of the packages'
prose. A text that is held out is left out here too.
"""

from __future__ import annotations

import argparse
import gzip
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from math import log
from pathlib import Path
from random import Random

from ivr.model import lexicon
from ivr.model.backoff import END, ORDER, START, Counts, History, Model
from ivr.model.phones import PAUSE
from ivr.model.sentences import Sentence, part_of, read
from ivr.model.smoothing import smoothed, together

SHARES = {"sayings": 0.28, "corpus": 0.55, "prose": 0.14, "words": 0.03}
"""Of the bodies of texts, found where development speech was heard best: prose helps little with
what callers say, and without it nothing else is heard at all."""
DRAWS = 8
"""Times that the frames of the sayings are filled anew."""
LEAST_IN_PROSE = 2
"""Times that words must have stood together in prose."""
COUNTED = 1e6
"""Words that the written counts are of; those of the line's own are about as many."""
MET_OFTEN = 4
"""Times a general word must stand in the sentences to be one of the lexicon."""

ADOPTED = 60_000
"""N-grams at most that a kind of new words brings, so that a city's 2,000 streets do not swell the
model."""
ALONE = 4.0
"""What a new word is counted at least, wherever it stands."""

_STRANGE = 25.0
"""Nats for a character that no word begins with, when a sentence is cut."""
_SINGLE = frozenset({"words", "rare"})
"""Kinds of sentences that are words of a dictionary: any is met as often as any other."""


class Cutter:
    """Cuts text into words: the likeliest row of them, by how often each was met."""

    def __init__(self, met: Mapping[str, float]) -> None:
        total = log(sum(met.values()) + len(met))
        self._costs = {word: total - log(times + 1) for word, times in met.items()}
        self._longest = max(map(len, met), default=1)

    def cut(self, text: str) -> list[str]:
        """The words; a character that is no word stands alone."""
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(text) + 1):
            alone = self._costs.get(text[end - 1], _STRANGE)
            choices = [(best[end - 1][0] + alone, end - 1)]
            for start in range(max(0, end - self._longest), end - 1):
                cost = self._costs.get(text[start:end])
                if cost is not None:
                    choices.append((best[start][0] + cost, start))
            best.append(min(choices))
        words = []
        end = len(text)
        while end:
            start = best[end][1]
            words.append(text[start:end])
            end = start
        return words[::-1]


def vocabulary(sentences: Iterable[Sentence]) -> dict[str, str]:
    """The words of the line and the general ones that the sentences use, with their kinds."""
    domain = lexicon.domain_words()
    met: dict[str, float] = dict.fromkeys(lexicon.characters(), 1.0)
    met |= lexicon.general_words()
    # A word of the line is found whole even where its parts are commoner.
    likely = max(met.values()) / 100
    met |= {word: max(met.get(word, 0.0), likely) for word in domain if len(word) > 1}
    cutter = Cutter(met)
    times: Counter[str] = Counter()
    for sentence in sentences:
        if sentence.kind not in _SINGLE:
            for phrase in sentence.text.split(PAUSE):
                times.update(cutter.cut(phrase))
    general = {
        word: ""
        for word, count in times.items()
        if count >= MET_OFTEN and lexicon.readable(word) and not {*word} <= lexicon.FIGURES
    }
    return general | domain


def bodies(sentences: Iterable[Sentence]) -> dict[str, list[str]]:
    """The texts of each of SHARES that are not held out; of the sentences, the single words.

    Raises FileNotFoundError where the recipe's packages are not installed.
    """
    from ivr.model.prose import news, reviews, talk
    from ivr.model.sayings import sayings
    from ivr.model.spoken import pieces
    from nlu.rasa.build import written

    drawn = (text for draw in range(DRAWS) for _, text in sayings(Random(1 + draw)))
    found = {
        "sayings": drawn,
        "corpus": (piece for _, text in written() for piece in pieces(text)),
        "prose": (text for source in (reviews, news, talk) for text in source()),
        "words": (one.text for one in sentences if one.kind in _SINGLE),
    }
    return {
        name: [text for text in dict.fromkeys(texts) if part_of(text) == "train"]
        for name, texts in found.items()
    }


def counted(texts: Iterable[str], words: Collection[str]) -> Counts:
    """Counts of all orders; a pause in a text is passed over."""
    # All alike: the fewest words win, whole words of the line before characters.
    cutter = Cutter(dict.fromkeys(words, 1.0))
    said = {*words, START, END}
    counts: dict[History, Counter[str]] = defaultdict(Counter)
    for text in texts:
        row = [START]
        for phrase in text.split(PAUSE):
            row += cutter.cut(phrase)
        row.append(END)
        for place in range(1, len(row)):
            for before in range(min(ORDER, place + 1)):
                # Only rare characters are no words; what stands beside them is left out with them.
                if row[place - before] not in said or row[place] not in said:
                    break
                counts[tuple(row[place - before : place])][row[place]] += 1
    return {history: dict(nexts) for history, nexts in counts.items()}


def learnt(texts: Mapping[str, Iterable[str]], words: Collection[str]) -> Model:
    """The model of the bodies of SHARES, as small as it is used."""
    models = [
        smoothed(counted(texts[name], words), words, LEAST_IN_PROSE if name == "prose" else 1)
        for name in SHARES
    ]
    model = together(models, list(SHARES.values()))
    model.shrink()
    return model


def adopted(counts: Counts, kinds: Mapping[str, str], words: Mapping[str, str]) -> Counts:
    """The counts as if new words had been said where known words of their kind were.

    `kinds` are those of the known words. A word without a kind, or of one that nobody used, is
    counted by itself alone.
    """
    joined = {history: dict(nexts) for history, nexts in counts.items()}
    for kind in sorted(set(words.values()) - {""}):
        fresh = [word for word, its in words.items() if its == kind]
        known = {word for word, its in kinds.items() if its == kind}
        for (before, after), times in _places(counts, known, ADOPTED // len(fresh)).items():
            for word in fresh:
                row = (*before, word, *after)
                nexts = joined.setdefault(row[:-1], {})
                nexts[row[-1]] = nexts.get(row[-1], 0.0) + times
    alone = joined.setdefault((), {})
    for word in words:
        alone[word] = max(alone.get(word, 0.0), ALONE)
    return joined


def _places(counts: Counts, known: set[str], most: int) -> dict[tuple[History, History], float]:
    """Where a word of a kind stands and how often the mean one does, the commonest places."""
    times: dict[tuple[History, History], float] = defaultdict(float)
    for history, nexts in counts.items():
        for last, count in nexts.items():
            row = (*history, last)
            found = [place for place, word in enumerate(row) if word in known]
            if len(found) == 1:
                times[row[: found[0]], row[found[0] + 1 :]] += count / len(known)
    return dict(sorted(times.items(), key=lambda item: (-item[1], item[0]))[:most])


def write(path: Path, counts: Counts) -> None:
    """A line an n-gram: times, then its words."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=9) as file:
        for history in sorted(counts):
            for word, times in sorted(counts[history].items()):
                file.write(f"{times:.5g} {' '.join((*history, word))}\n")


def read_counts(path: Path) -> Counts:
    """What `write` wrote. Raises OSError, ValueError."""
    counts: Counts = {}
    for times, *history, word in _lines(path):
        counts.setdefault(tuple(history), {})[word] = float(times)
    return counts


def _lines(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield line.split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=Path, default=Path(".cache/model/sentences.jsonl"))
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    sentences = [one for one in read(args.sentences) if one.part == "train"]
    words = lexicon.made(vocabulary(sentences))
    counts = learnt(bodies(sentences), words.words).counts(COUNTED)
    folder = args.out / "words"
    folder.mkdir(parents=True, exist_ok=True)
    lexicon.write(folder / "lexicon.tsv", words)
    write(folder / "counts.gz", counts)
    ngrams = sum(map(len, counts.values()))
    print(f"{len(words.kinds)} words, {len(words.readings)} readings, {ngrams} n-grams in {folder}")


if __name__ == "__main__":
    main()
