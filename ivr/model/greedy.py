"""How well a network hears without any words to help: phone errors on what was never trained on.

python -m ivr.model.greedy NETWORK.pt [--speech FOLDER] [--each 200] [--people FOLDER]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ivr.model.features import Frames, mfcc
from ivr.model.lessons import NUMBER, Recordings
from ivr.model.people import clips
from ivr.model.phones import PHONES, SILENCE, phones_of
from ivr.model.telephone import Line, placed

if TYPE_CHECKING:
    from ivr.model.network import Network

CALLS = {
    "clean": Line(),
    "10 dB": Line(handset="mobile", room=0.2, noise="babble", snr=10),
}


@dataclass(frozen=True)
class Test:
    engine: str
    call: str
    cepstra: Frames
    phones: list[int]


def tests(folder: Path, each: int) -> list[Test]:
    """`each` held utterances of every engine through every call, always the same ones.

    Raises ivr.model.lessons.NothingToHear.
    """
    recordings = Recordings(folder, "held")
    made = []
    for engine, spoken in recordings.engines.items():
        heard = [recordings.samples(one) for one in spoken[:each]]
        for call, line in CALLS.items():
            for number, (one, samples) in enumerate(zip(spoken, heard, strict=False)):
                others = [heard[(number + step) % len(heard)] for step in (1, 2, 3)]
                pcm = line.carry(samples, np.random.default_rng(number), others)
                phones = [NUMBER[phone] for phone in one.phones]
                made.append(Test(engine, call, mfcc(pcm), phones))
    return made


def tests_of_people(folder: Path) -> list[Test]:
    """A folder of real people's recordings (ivr.model.people), in a clean call. Raises NoPeople."""
    dice = np.random.default_rng(0)
    made = []
    for clip in clips(folder):
        phones = [NUMBER[phone] for phone in phones_of(clip.text)]
        pcm = CALLS["clean"].carry(placed(clip.samples, 0.3, 0.3), dice)
        made.append(Test("people", "clean", mfcc(pcm), phones))
    return made


def phone_errors(network: Network, asked: Sequence[Test]) -> dict[tuple[str, str], float]:
    """By engine and call, the share of phones that were missed, changed or made up."""
    wrong: dict[tuple[str, str], int] = {}
    said: dict[tuple[str, str], int] = {}
    for test in asked:
        which = test.engine, test.call
        heard = collapsed(network.heard(test.cepstra))
        wrong[which] = wrong.get(which, 0) + distance(test.phones, heard)
        said[which] = said.get(which, 0) + len(test.phones)
    return {which: wrong[which] / said[which] for which in wrong}


def collapsed(log_probabilities: Frames) -> list[int]:
    """The likeliest phone of each output, repeats taken for one, silence left out."""
    best = log_probabilities.argmax(1)
    new = np.append(True, best[1:] != best[:-1])
    return [int(phone) for phone in best[new] if PHONES[phone] != SILENCE]


def distance(said: Sequence[int], heard: Sequence[int]) -> int:
    """How many phones must be put in, taken out or changed (Levenshtein)."""
    row = np.arange(len(heard) + 1)
    other = np.asarray(heard)
    for phone in said:
        changed = np.minimum(row[:-1] + (other != phone), row[1:] + 1)
        # What is put in runs on from the left: a running minimum, each step dearer by one.
        row = np.append(row[0] + 1, changed) - np.arange(len(row))
        row = np.minimum.accumulate(row) + np.arange(len(row))
    return int(row[-1])


def table(errors: dict[tuple[str, str], float]) -> str:
    """One line."""
    return "  ".join(f"{engine} {call} {share:.1%}" for (engine, call), share in errors.items())


def main() -> None:
    from ivr.model.network import load

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path)
    parser.add_argument("--speech", type=Path, default=Path(".cache/model/speech"))
    parser.add_argument("--each", type=int, default=200)
    parser.add_argument("--people", type=Path, help="a folder of ivr.model.people")
    args = parser.parse_args()
    network, _ = load(args.network)
    asked = tests(args.speech, args.each)
    asked += tests_of_people(args.people) if args.people else []
    errors = phone_errors(network, asked)
    for (engine, call), share in errors.items():
        print(f"{engine:8} {call:8} {share:6.1%}")


if __name__ == "__main__":
    main()
