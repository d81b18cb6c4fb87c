"""From made speech to a model that Vosk loads, step by step, each a command of its own:

    python -m ivr.model.whole --minutes 480 --out FOLDER [more for ivr.model.training]

training (goes on where it stopped), proof that Vosk computes what PyTorch does, export, words and
what follows which, graph, checksums. FOLDER appears whole, or stays as it was. Then Vosk itself
must hear most of TRIED in it. Without `--minutes` the network is taken as it is.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np

from ivr.ears import Ears
from ivr.model import language, lexicon
from ivr.model.compared import hear
from ivr.model.folder import in_place_of
from ivr.model.graph import write_graph
from ivr.model.speech import telephone
from ivr.model.telephone import Line, placed
from ivr.model.voices import load

TRIED = ("好的", "不要", "是的", "明天", "星期五", "打扫卫生", "量血压", "理发", "救命", "午餐")
"""What a voice that nothing was learnt from says in the end, each to be found in a list of all."""
MOST = 0.6
"""The share of them that must be."""


class Deaf(RuntimeError):
    """Vosk does not hear with the model that was made."""


def make(network: Path, sentences: Path, out: Path) -> None:
    """The model folder of a trained network. Raises CalledProcessError, OSError."""
    _step("proof", lambda: _command("exporter", "--check", network))
    with in_place_of(out) as half:
        _step("export", lambda: _command("exporter", network, half))
        _step("words", lambda: _command("language", "--sentences", sentences, "--out", half))
        _step("graph", lambda: _graph(half))


def tried(model: Path) -> str:
    """What came of TRIED. Raises Deaf, BadModel."""
    voice, ears = load("espeak", model), Ears(model)
    right = []
    for text in TRIED:
        dice = Random(text)
        said = telephone(voice.say(text, voice.manner(dice, True), dice), voice.rate)
        pcm = Line().carry(placed(said, 0.3, 0.7), np.random.default_rng(1))
        heard = hear(ears, pcm, TRIED)
        right.append(heard == text)
        print(f"  {text}: freely {hear(ears, pcm) or '-'}, in a list {heard or '-'}")
    found = f"{sum(right)} of {len(right)} words heard by Vosk with {model}"
    if sum(right) < MOST * len(right):
        raise Deaf(found)
    return found


def _graph(folder: Path) -> None:
    words = folder / "words"
    known = lexicon.read(words / "lexicon.tsv")
    write_graph(folder, known, language.read_counts(words / "counts.gz"))


def _step(name: str, work: Callable[[], None]) -> None:
    print(f"== {name}", flush=True)
    began = time.monotonic()
    work()
    print(f"   {time.monotonic() - began:.0f} s", flush=True)


def _command(module: str, *options: object) -> None:
    """Raises CalledProcessError."""
    words = [sys.executable, "-W", "ignore", "-m", f"ivr.model.{module}", *map(str, options)]
    subprocess.run(words, check=True)


def _train(network: Path, minutes: float, speech: Path, more: Sequence[str]) -> None:
    _command("training", "--minutes", minutes, "--out", network, "--speech", speech, *more)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, help="of training, all in all")
    parser.add_argument("--speech", type=Path, default=Path(".cache/model/speech"))
    parser.add_argument("--sentences", type=Path, default=Path(".cache/model/sentences.jsonl"))
    parser.add_argument("--network", type=Path, default=Path(".cache/model/network.pt"))
    parser.add_argument("--out", type=Path, default=Path(".cache/model/vosk"))
    args, more = parser.parse_known_args()
    if more and args.minutes is None:
        parser.error(f"{more[0]} is for training, which needs --minutes")
    try:
        if args.minutes is not None:
            _step("training", lambda: _train(args.network, args.minutes, args.speech, more))
        make(args.network, args.sentences, args.out)
        print(tried(args.out))
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{failed.cmd[4]} failed")  # it has said why
    except Deaf as deaf:
        sys.exit(str(deaf))


if __name__ == "__main__":
    main()
