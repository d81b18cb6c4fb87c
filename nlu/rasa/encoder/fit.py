"""Teaches the encoder's upper layers our own sentences: `make encoder`.

A sentence's vector must tell its intent through one linear layer; half of the sentences are heard
through a bad line, with other mistakes in every round. Only the upper layers learn; the layer
that reads the intent is thrown away, since the classifier (components/classifier.py) learns anew
from the vectors at every training, so that a city's own sentences cost it a minute, not an hour.

    python fit.py [--rounds 3] [--layers 6] [--go-on]

Two cores need about half an hour. The same seed and machine give the same layers.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[2])]

import build  # noqa: E402

from encoder.engine_file import EngineFile  # noqa: E402
from encoder.network import Encoder  # noqa: E402
from encoder.taught import keep_layers, original_model, taught_model  # noqa: E402
from encoder.tokens import Cutter  # noqa: E402
from nlu.corpus.noise import as_heard  # noqa: E402

SEED = 11
BATCH = 64
HEARD = 0.5
"""The share of sentences that go through the noise model in a round."""
SHARPNESS = 16.0
"""Unit vectors times this are what the intent is read from: a softmax needs room."""
RATE, HEAD_RATE = 1.5e-4, 2e-3
WARM_UP, LOWEST = 0.06, 0.02
DROPOUT, SMOOTHING = 0.1, 0.05

Example = tuple[str, str]


class Lesson:
    """The sentences, in batches of about the same length, in another order every round."""

    def __init__(self, examples: list[Example], file: EngineFile, dice: random.Random) -> None:
        self.intents = sorted({intent for intent, _ in examples})
        self._examples = [(self.intents.index(intent), text) for intent, text in examples]
        self._cut: Callable[[str], list[int]] = lru_cache(2**18)(Cutter(file.vocabulary).cut)
        self._pad = file.vocabulary.pad
        self._dice = dice

    def __len__(self) -> int:
        return -(-len(self._examples) // BATCH)

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """(pieces, intents) of one round."""
        dice = self._dice
        heard = [
            (intent, self._cut(as_heard(text, dice) if dice.random() < HEARD else text))
            for intent, text in self._examples
        ]
        dice.shuffle(heard)
        near = BATCH * 40  # sorted by length only among neighbours, or long ones always meet
        for begin in range(0, len(heard), near):
            some = sorted(heard[begin : begin + near], key=lambda one: len(one[1]))
            groups = [some[at : at + BATCH] for at in range(0, len(some), BATCH)]
            dice.shuffle(groups)
            for group in groups:
                yield (
                    self._padded([pieces for _, pieces in group]),
                    torch.tensor([intent for intent, _ in group]),
                )

    def _padded(self, rows: list[list[int]]) -> Tensor:
        longest = max(map(len, rows))
        return torch.tensor([row + [self._pad] * (longest - len(row)) for row in rows])


def fit(examples: list[Example], start: Path, layers: int, rounds: int) -> dict[str, bytes]:
    """The upper layers after `rounds` over the examples, as the engine's file keeps them."""
    torch.manual_seed(SEED)
    file = EngineFile(start)
    network = Encoder(file, layers, DROPOUT).train()
    lesson = Lesson(examples, file, random.Random(SEED))
    head = nn.Linear(file.sizes.hidden, len(lesson.intents))
    free = [one for one in network.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": free, "lr": RATE, "weight_decay": 0.01},
         {"params": head.parameters(), "lr": HEAD_RATE, "weight_decay": 0.0}]
    )  # fmt: skip
    steps = rounds * len(lesson)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (WARM_UP * steps), max(LOWEST, 1 - step / steps))
    )
    begun, step = time.monotonic(), 0
    for number in range(rounds):
        missed = right = seen = 0.0
        for pieces, intents in lesson.batches():
            with torch.autocast("cpu", torch.bfloat16):
                guesses = head(network(pieces) * SHARPNESS).float()
            loss = functional.cross_entropy(guesses, intents, label_smoothing=SMOOTHING)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(free, 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            missed += loss.item() * len(intents)
            right += (guesses.argmax(1) == intents).sum().item()
            seen += len(intents)
            if step % 20 == 0 or step == steps:
                left = (time.monotonic() - begun) / step * (steps - step)
                print(
                    f"round {number + 1}/{rounds}  step {step}/{steps}  loss {missed / seen:.3f}  "
                    f"right {right / seen:.1%}  {left / 60:.0f} min left",
                    flush=True,
                )
    return network.tensors()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--layers", type=int, default=6, help="how many of the upper ones learn")
    parser.add_argument("--go-on", action="store_true", help="from our layers as they are")
    parser.add_argument("--catalogue", type=Path, default=build.CATALOGUE)
    args = parser.parse_args()
    examples = build.written(args.catalogue)
    start = taught_model() if args.go_on else original_model()
    keep_layers(fit(examples, start, args.layers, args.rounds))


if __name__ == "__main__":
    main()
