"""Makes what Rasa trains on, in `.cache/build/`: the sentences of `nlu/corpus/train` with their
slots filled, half of them also as a recogniser would hear them, and jieba's user dictionary.
Service words come from the catalogue, so a city that adds a code gets it understood by training
again and nothing else.

    .venv/bin/python build.py [--catalogue PATH] [--learned PATH]
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from itertools import cycle
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1]))

from nlu.corpus.noise import noised  # noqa: E402

CORPUS = HERE.parent / "corpus"
CATALOGUE = HERE.parents[1] / "backend" / "seed" / "catalogue.yaml"
BUILD = HERE / ".cache" / "build"

# A sentence with a service slot stands this many times, each time with the next service's word;
# one with slots of people and times only, fewer.
SERVICE_COPIES = 6
OTHER_COPIES = 3
# The share of sentences that also stand as a recogniser would hear them, and the dice for it: not
# those of the held-out copies.
HEARD_SHARE = 0.5
HEARD_SEED = 20

_SLOT = re.compile(r"\{(\w+)\}")
_SIGNS = re.compile(r"\W+")
_HAN = re.compile(r"^[\u4e00-\u9fff]{2,8}$")

Example = tuple[str, str]


def service_words(catalogue: Path = CATALOGUE) -> dict[str, list[str]]:
    """Names and synonyms by kind of service: `{"nursing": ["上门打针", "打针", …], …}`."""
    words: dict[str, list[str]] = {}
    for item in yaml.safe_load(catalogue.read_text(encoding="utf-8"))["items"]:
        kind = item["code"].split(".")[0]
        words.setdefault(kind, []).extend([item["name"], *item.get("synonyms", [])])
    return {kind: list(dict.fromkeys(found)) for kind, found in words.items()}


def read_examples(
    folder: Path = CORPUS / "train", learned: Path | None = None
) -> Iterator[Example]:
    """(intent, sentence as written, slots and all), in the order of the files.

    `learned`: what `yinling learn import` made of a city's own misunderstandings, if it exists.
    """
    own = [learned] if learned is not None and learned.exists() else []
    for path in [*sorted(folder.glob("*.yml")), *own]:
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                if line.strip():
                    yield block["intent"], line.strip().removeprefix("- ").strip()


def fill(
    examples: Iterable[Example], slots: dict[str, list[str]], kinds: set[str]
) -> list[Example]:
    """Every sentence with its slots filled, each filling in turn, the same on every run."""
    dice = random.Random(20)
    turns = {}
    for name, values in slots.items():
        shuffled = list(values)
        dice.shuffle(shuffled)
        turns[name] = cycle(shuffled)
    filled: dict[Example, None] = {}
    for intent, sentence in examples:
        names = set(_SLOT.findall(sentence))
        copies = 1 if not names else SERVICE_COPIES if names & kinds else OTHER_COPIES
        for _ in range(copies):
            text = _SLOT.sub(lambda match: next(turns[match.group(1)]), sentence)
            filled[(intent, text)] = None
    return list(filled)


def written(catalogue: Path = CATALOGUE, learned: Path | None = None) -> list[Example]:
    """All (intent, sentence) pairs as they were written, slots filled, without repeats."""
    services = service_words(catalogue)
    others = yaml.safe_load((CORPUS / "slots.yml").read_text(encoding="utf-8"))
    return fill(read_examples(learned=learned), {**others, **services}, set(services))


def heard(examples: list[Example], share: float = HEARD_SHARE) -> list[Example]:
    """A part of the sentences as a recogniser might hear them. What then reads like a sentence of
    another intent is left out."""
    taught = {_bare(text) for _, text in examples}
    chosen = random.Random(HEARD_SEED).sample(examples, int(len(examples) * share))
    copies: list[Example] = []
    for (intent, _), text in zip(
        chosen, noised((text for _, text in chosen), HEARD_SEED), strict=True
    ):
        if _bare(text) not in taught:
            taught.add(_bare(text))
            copies.append((intent, text))
    return copies


def corpus(catalogue: Path = CATALOGUE, learned: Path | None = None) -> list[Example]:
    """All (intent, sentence) pairs that Rasa is trained on."""
    examples = written(catalogue, learned)
    return examples + heard(examples)


def _bare(text: str) -> str:
    return _SIGNS.sub("", text).lower()


def dictionary_words(catalogue: Path = CATALOGUE) -> list[str]:
    """Words jieba must not cut apart: services, people, days, places, and words.txt."""
    words: dict[str, None] = {}
    others = yaml.safe_load((CORPUS / "slots.yml").read_text(encoding="utf-8"))
    extra = (HERE / "words.txt").read_text(encoding="utf-8").split()
    for group in (*service_words(catalogue).values(), *others.values(), extra):
        words.update(dict.fromkeys(word for word in group if _HAN.match(word)))
    return list(words)


def write(catalogue: Path = CATALOGUE, build: Path = BUILD, learned: Path | None = None) -> int:
    """Writes `nlu/nlu.yml` and `dictionary/words.txt` under `build`; returns how many examples."""
    shutil.rmtree(build, ignore_errors=True)
    (build / "nlu").mkdir(parents=True)
    (build / "dictionary").mkdir()
    by_intent: dict[str, list[str]] = {}
    examples = corpus(catalogue, learned)
    for intent, text in examples:
        by_intent.setdefault(intent, []).append(text)
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in by_intent.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
    (build / "nlu" / "nlu.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = dictionary_words(catalogue)
    (build / "dictionary" / "words.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    return len(examples)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE)
    parser.add_argument("--learned", type=Path, default=None)
    args = parser.parse_args()
    print(f"{write(args.catalogue, learned=args.learned)} examples")


if __name__ == "__main__":
    main()
