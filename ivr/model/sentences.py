"""What is spoken for training: `python -m ivr.model.sentences --out FOLDER/sentences.jsonl`.

A line is {"text", "kind", "part"}. `part` hangs on the text alone: about three in a hundred are
`held`, never spoken for training whatever else is in the list. So lists made from other
catalogues or corpora never disagree.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from ivr.model.phones import PAUSE
from ivr.model.spoken import LONGEST, pieces, speakable

HELD_OF_1000 = 30
CORPUS, REVIEWS, NEWS, TALK, WORDS = 20_000, 9_000, 7_000, 2_500, 9_000
EACH_SYLLABLE = 12
"""How many of each kind at most, and words for each syllable of Mandarin. The sayings of the line,
some 20,000, come on top."""


@dataclass(frozen=True)
class Sentence:
    """`text` of Han characters and ，; `kind` says where it is from; `part` is train or held."""

    text: str
    kind: str
    part: str


def part_of(text: str) -> str:
    """train or held, the same on every machine; pauses do not count."""
    return "held" if _hash(text.replace(PAUSE, "")) % 1000 < HELD_OF_1000 else "train"


def listed(sources: Iterable[tuple[str, str]]) -> list[Sentence]:
    """(kind, text) pairs without repeats and without what cannot be spoken, stably shuffled."""
    kinds: dict[str, str] = {}
    for kind, text in sources:
        if 1 <= len(text) <= LONGEST and text not in kinds and speakable(text):
            kinds[text] = kind
    return [
        Sentence(text, kind, part_of(text))
        for text, kind in sorted(kinds.items(), key=lambda item: _hash("order " + item[0]))
    ]


def sources() -> Iterator[tuple[str, str]]:
    """(kind, text) of everything that packages and this repository carry."""
    from ivr.model.prose import news, rare_words, reviews, rich, talk, words
    from ivr.model.sayings import sayings
    from nlu.rasa.build import written

    yield from sayings(Random(1))
    corpus = (piece for _, text in written() for piece in pieces(text))
    prose = {
        "corpus": rich(corpus, Random(2), CORPUS),
        "review": rich(reviews(), Random(3), REVIEWS),
        "news": rich(news(), Random(4), NEWS),
        "talk": rich(talk(), Random(5), TALK),
        "words": words(Random(6), WORDS),
        "rare": rare_words(Random(7), EACH_SYLLABLE),
    }
    for kind, texts in prose.items():
        yield from ((kind, text) for text in texts)


def read(path: Path) -> list[Sentence]:
    """The list as written. Raises OSError, ValueError."""
    with path.open(encoding="utf-8") as lines:
        return [Sentence(**json.loads(line)) for line in lines]


def write(path: Path, sentences: Iterable[Sentence]) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with half.open("w", encoding="utf-8") as file:
        for sentence in sentences:
            file.write(json.dumps(asdict(sentence), ensure_ascii=False) + "\n")
    half.replace(path)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(".cache/model/sentences.jsonl"))
    args = parser.parse_args()
    sentences = listed(sources())
    write(args.out, sentences)
    held = sum(sentence.part == "held" for sentence in sentences)
    print(f"{len(sentences)} sentences, {held} of them held out, in {args.out}")


if __name__ == "__main__":
    main()
