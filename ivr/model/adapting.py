"""A network goes on learning from recordings of people, beside the made voices that taught it.

It hears both in turn, so that it forgets nothing, at a low rate, and stops when a part of the
recordings that it only listens to is heard no better.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, IterableDataset

from ivr.model.features import mfcc
from ivr.model.importer import imported
from ivr.model.lessons import NUMBER, USUAL_MIX, Batch, Lessons, Recordings
from ivr.model.network import Network
from ivr.model.phones import phones_of
from ivr.model.recorded import Parts, Recording
from ivr.model.shelf import Shelf, Utterance
from ivr.model.training import LONGEST_STEP, rate_at

PEOPLE = "people"
"""The recordings' name among the engines."""
PEOPLES_SHARE = 0.5
"""How often the recordings are heard, the made voices in the other half."""
FRAMES = 6_000
"""A batch."""
LOOK_EVERY, PATIENCE = 40, 6
"""Steps from look to look at what says when to stop, and looks that bring nothing new."""
MEAN_OF = 0.98
"""How much of the mean weights stays at each step."""


@dataclass(frozen=True)
class Plan:
    """What a tuning is to do."""

    model: Path
    """The folder of the model to go on from."""
    shelf: Path
    """Of made speech; it may hold none."""
    minutes: float
    """At most."""
    rate: float
    """The highest learning rate."""
    seed: int


class _Stream(IterableDataset):  # type: ignore[misc]  # no PyTorch where mypy runs
    """Batches without end, made in a process of its own."""

    def __init__(self, shelf: Path, mix: Mapping[str, float], network: Network, seed: int) -> None:
        self._shelf, self._mix, self._network, self._seed = shelf, mix, network, seed

    def __iter__(self) -> Iterator[Batch]:
        recordings = Recordings(self._shelf, "train")
        dice = np.random.default_rng(self._seed)
        context = self._network.shape.context
        lessons = Lessons(recordings, self._mix, self._network.prepared, context, dice)
        return lessons.batches(FRAMES)


def tuned(plan: Plan, parts: Parts) -> Network:
    """The network that heard what says when to stop best. Raises OSError, BadModel."""
    network, _ = imported(plan.model)
    mean = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(MEAN_OF))
    stops = [(_frames(network, one), _phones(one)) for one in parts.stopped_by]
    best, least = _copied(network), _loss(network, stops)
    print(f"before: loss a phone {least:.3f} where it only listens", flush=True)
    optimiser = torch.optim.AdamW(network.parameters(), plan.rate, weight_decay=0.01)
    criterion = nn.CTCLoss(reduction="sum", zero_infinity=True)
    with TemporaryDirectory() as folder:
        mix = _on_one_shelf(Path(folder), plan.shelf, parts.learnt)
        batches: Any = DataLoader(
            _Stream(Path(folder), mix, imported(plan.model)[0], plan.seed),
            batch_size=None,
            num_workers=1,
            prefetch_factor=8,
            multiprocessing_context="spawn",
        )
        begun, waited, said, total = time.monotonic(), 0, 0, 0.0
        for step, batch in enumerate(batches, start=1):
            share = (time.monotonic() - begun) / (plan.minutes * 60)
            if share >= 1:
                break
            network.train()
            # The norms' means and variances stay: a batch of few people would shift them, and
            # those of a model's folder are no statistics. Their weights and biases learn.
            network.norms.eval()
            for group in optimiser.param_groups:
                group["lr"] = plan.rate * rate_at(share)
            loss = _batch_loss(network, criterion, batch)
            optimiser.zero_grad()
            (loss / max(sum(batch.phones), 1)).backward()
            nn.utils.clip_grad_norm_(network.parameters(), LONGEST_STEP)
            optimiser.step()
            mean.update_parameters(network)
            total, said = total + float(loss.detach()), said + sum(batch.phones)
            if step % LOOK_EVERY:
                continue
            now = _loss(mean.module.eval(), stops)
            print(
                f"{share * plan.minutes:5.1f} of {plan.minutes:g} min at most  step {step}  "
                f"loss a phone {total / max(said, 1):.3f}, where it only listens {now:.3f}",
                flush=True,
            )
            said, total, waited = 0, 0.0, waited + 1
            if now < least:
                least, waited = now, 0
                best = _copied(mean.module)
            if waited >= PATIENCE:
                print("it hears no better any more")
                break
    network.load_state_dict(best)
    network.eval()
    return network


def _copied(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def _on_one_shelf(folder: Path, made: Path, learnt: Sequence[Recording]) -> dict[str, float]:
    """Puts the recordings beside the made voices; how often each is to be heard."""
    shelf = Shelf(folder, PEOPLE, "0of1")
    for one in learnt:
        phones = phones_of(one.text)
        shelf.put(Utterance(one.text, PEOPLE, "train", one.speaker, {}, phones), one.samples)
    shelf.close()
    mix = {PEOPLE: PEOPLES_SHARE}
    there = {name: often for name, often in USUAL_MIX.items() if (made / name).is_dir()}
    for name, often in there.items():
        (folder / name).symlink_to((made / name).resolve())
        mix[name] = (1 - PEOPLES_SHARE) * often / sum(there.values())
    return mix


def _batch_loss(network: Network, criterion: nn.CTCLoss, batch: Batch) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        heard = network(torch.from_numpy(batch.frames))
    return criterion(
        heard.transpose(0, 1),
        torch.tensor(batch.targets),
        torch.tensor(batch.outputs),
        torch.tensor(batch.phones),
    )


def _loss(network: nn.Module, stops: Sequence[tuple[Tensor, Tensor]]) -> float:
    """Of a phone, in nats, on clean calls."""
    total = phones = 0.0
    with torch.inference_mode():
        for frames, said in stops:
            heard = network(frames[None])[0]
            total += float(nn.functional.ctc_loss(
                heard, said, torch.tensor(len(heard)), torch.tensor(len(said)), reduction="sum"
            ))  # fmt: skip
            phones += len(said)
    return total / phones


def _frames(network: Network, one: Recording) -> Tensor:
    return torch.from_numpy(network.prepared(mfcc(one.heard())))


def _phones(one: Recording) -> Tensor:
    return torch.tensor([NUMBER[phone] for phone in phones_of(one.text)])
