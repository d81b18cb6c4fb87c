"""Trains the intent model: builds the data from the catalogue, then Rasa, into one archive.

.venv/bin/python train.py --out models/nlu.tar.gz
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import lean

lean.leave_out()

import build  # noqa: E402

HERE = Path(__file__).resolve().parent


def train(out: Path, catalogue: Path, learned: Path | None = None) -> Path:
    """Trains and puts the model archive at `out` (replaced in one step). Raises on any failure.

    `learned`: a city's own sentences beside the corpus, see `build.read_examples`.
    """
    os.chdir(HERE)  # Rasa finds `components` and `.cache` from here
    # Rasa's own training cache pickles every featurised message: slower than training.
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    examples = build.write(catalogue, learned=learned)
    from rasa.model_training import train_nlu

    started = time.monotonic()
    out.parent.mkdir(parents=True, exist_ok=True)
    made = train_nlu(
        config="config.yml",
        nlu_data=str(build.BUILD / "nlu"),
        domain="domain.yml",
        output=str(out.parent / "parts"),
        fixed_model_name=f"{out.name.removesuffix('.tar.gz')}-{os.getpid()}",
    )
    if made is None:
        raise SystemExit("Rasa trained no model; its messages above say why")
    Path(made).replace(out)
    print(f"{examples} examples, {time.monotonic() - started:.1f} s -> {out}")
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "models" / "nlu.tar.gz")
    parser.add_argument("--catalogue", type=Path, default=build.CATALOGUE)
    parser.add_argument("--learned", type=Path, default=None)
    args = parser.parse_args()
    learned = args.learned.resolve() if args.learned is not None else None
    train(args.out.resolve(), args.catalogue.resolve(), learned)


if __name__ == "__main__":
    main()
