"""What a model hears of speech that the bench does not measure with: to choose settings by.

    python -m ops.bench.asr.develop MODEL...

Of the recipe's held-out sentences those that the bench leaves, clean and at 10 dB. Beside
characters, syllables: what sounds alike is told apart by the language model alone, and a syllable
that is wrong was misheard.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ivr.ears import Ears
from ivr.model.phones import Unreadable, syllables_of
from ops.bench.asr.hearing import hear
from ops.bench.asr.run import EACH, SEED
from ops.bench.asr.scoring import errors
from ops.bench.asr.spoken import APART, CONDITIONS, KEPT_OUT, Condition, Spoken, left_over
from ops.bench.goals import percent

MOST = 100
"""Sentences an engine."""


def table(model: Path, sentences: Sequence[Spoken], conditions: Sequence[Condition]) -> list[str]:
    """A line each for held-out speakers and the engine kept out, callers' and general sentences, in
    each condition. Raises BadModel."""
    ears = Ears(model)
    groups = {
        "held-out speakers": [one for one in sentences if one.engine not in APART],
        KEPT_OUT: [one for one in sentences if one.engine == KEPT_OUT],
    }
    lines = []
    for condition in conditions:
        for name, group in groups.items():
            for kind, general in (("callers", False), ("general", True)):
                found = [
                    (one.text, hear(ears, condition.of(one, _babble(one, sentences))).text)
                    for one in group
                    if one.general is general
                ]
                wrong = errors(found).share
                misheard = errors((syllables(said), syllables(heard)) for said, heard in found)
                lines.append(
                    f"{condition.name:6} {name:18} {kind}: {percent(wrong)} of characters, "
                    f"{percent(misheard.share)} of syllables"
                )
    return lines


def syllables(text: str) -> list[str]:
    """Without tones; none where there is nothing to read."""
    try:
        return [one.rstrip("12345") for phrase in syllables_of(text) for one in phrase]
    except Unreadable:
        return []


def _babble(spoken: Spoken, all_of_them: Sequence[Spoken]) -> list[Spoken]:
    return [one for one in all_of_them if one.text != spoken.text][:4]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, nargs="+")
    args = parser.parse_args()
    sentences = left_over(EACH, SEED, MOST)
    print(f"{len(sentences)} sentences")
    for model in args.model:
        print(f"\n{model}", *table(model, sentences, (CONDITIONS[0], CONDITIONS[2])), sep="\n")


if __name__ == "__main__":
    main()
