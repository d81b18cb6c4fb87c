"""Adapts the model to people: `python -m ivr.model.tuning FOLDER --model MODEL --out NEW_MODEL`.

FOLDER holds recordings with transcripts and noted consent (ivr.model.recorded). The network of
MODEL, which must be of our making, goes on learning from them and, so that it forgets nothing,
from made speech where there is some; it stops when a part of the recordings that it only listens
to is heard no better. NEW_MODEL is MODEL with the tuned network and `report.md`, what it heard
before and after of recordings kept apart. MODEL stays as it is. Where the tuned one is worse
NEW_MODEL is not written, and the report stands beside it.

Ends with 0 for a new model, 2 where nothing could be learnt, 3 where the tuned one is worse.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from datetime import date
from pathlib import Path

import torch

from ivr.ears import SUMS, BadModel, look_at
from ivr.model import compared, greedy
from ivr.model.adapting import Plan, tuned
from ivr.model.exporter import folded, write_model
from ivr.model.folder import in_place_of
from ivr.model.importer import imported
from ivr.model.lessons import NothingToHear
from ivr.model.network import Network
from ivr.model.recorded import NoRecordings, parted, read

LEAST = 10
"""Recordings; fewer teach nothing and prove nothing."""
MADE_EACH = 20
"""Held-out utterances of each made voice, to see what is forgotten."""


class Worse(Exception):
    """The tuned network is worse than it was."""


def run(folder: Path, out: Path, plan: Plan) -> str:
    """Tunes, compares and writes the new model; what it came to, in one sentence.

    Raises Worse, NoRecordings, BadModel, OSError.
    """
    model = plan.model
    look_at(model)
    if out.resolve() == model.resolve():
        raise BadModel(f"{out} is the model itself: --out must be another folder")
    network, priors = imported(model)
    recordings, refused = read(folder, date.today())  # noqa: DTZ011  # the city's own day
    for line in refused:
        print(f"refused: {line}")
    if len(recordings) < LEAST:
        raise NoRecordings(f"{len(recordings)} usable recordings in {folder}, {LEAST} are needed")
    parts = parted(recordings)
    minutes = sum(one.seconds for one in recordings) / 60
    print(
        f"{len(recordings)} recordings, {minutes:.1f} minutes; {len(parts.learnt)} to learn from, "
        f"{len(parts.stopped_by)} that tell when to stop, {len(parts.held)} kept apart",
        flush=True,
    )
    asked = compared.asked(parts.held, plan.seed)
    print("listening to what is kept apart", flush=True)
    before = compared.figures(model, network, asked, _made(network, plan))
    began = time.monotonic()
    network = tuned(plan, parts)
    speakers = len({one.speaker for one in recordings})
    how = compared.Learning((time.monotonic() - began) / 60, minutes, speakers, refused)
    print("listening again", flush=True)
    beside = out.with_name(f"{out.name}-report.md")
    with in_place_of(out) as half:
        shutil.copytree(model, half, dirs_exist_ok=True, ignore=shutil.ignore_patterns(SUMS))
        # A few phrases tell nothing new about how often phones are: the priors stay.
        write_model(folded(network), priors, half)
        after = compared.figures(half, network, asked, _made(network, plan))
        written = compared.report(parts, asked, before, after, how)
        said = compared.verdict(before, after)
        if after.order > before.order:
            beside.write_text(written, encoding="utf-8")
            raise Worse(f"{said} See {beside}.")
        (half / "report.md").write_text(written, encoding="utf-8")
    beside.unlink(missing_ok=True)
    print(written)
    return f"{said} It is in {out}."


def _made(network: Network, plan: Plan) -> dict[str, float]:
    """Phone errors on made voices; none where there are no such."""
    try:
        tests = greedy.tests(plan.shelf, MADE_EACH)
    except NothingToHear:
        return {}
    errors = greedy.phone_errors(network, tests)
    return {f"{engine}, {call}": share for (engine, call), share in errors.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="recordings, transcripts, consent")
    parser.add_argument("--model", type=Path, required=True, help="the folder that is in use")
    parser.add_argument("--out", type=Path, required=True, help="the new folder")
    parser.add_argument("--speech", type=Path, default=Path(".cache/model/speech"))
    parser.add_argument("--minutes", type=float, default=40, help="of learning at most")
    parser.add_argument("--rate", type=float, default=3e-4, help="the highest learning rate")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    # Read by the process that makes the batches, when it loads its libraries.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    plan = Plan(args.model, args.speech, args.minutes, args.rate, args.seed)
    try:
        print(run(args.folder, args.out, plan))
    except Worse as worse:
        print(worse)
        sys.exit(3)
    except (NoRecordings, BadModel, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
