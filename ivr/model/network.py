"""The network: frames in, the probability of each phone every third frame out.

A time-delay network: a layer over 7 frames that steps by 3, then residual layers that each look
one step (3 frames) to both sides, then a phone's share of each. Nothing in it is unknown to
Kaldi's nnet3, which is what Vosk runs it on (ivr.model.exporter).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ivr.model.features import BANDS, Frames, less_moving_mean
from ivr.model.phones import PHONES

STRIDE = 3
"""Frames from output to output: 30 ms."""
FIRST_KERNEL, KERNEL = 7, 3


class OtherPhones(ValueError):
    """The checkpoint was trained for other phones, or in another order."""


@dataclass(frozen=True)
class Shape:
    """How wide and deep; whether frames come less their moving mean, so that neither level nor
    microphone matter."""

    width: int = 256
    layers: int = 8
    moving_mean: bool = True

    @property
    def context(self) -> int:
        """Frames that an output needs on either side of its own; 10 ms each, so what it waits."""
        return FIRST_KERNEL // 2 + STRIDE * (KERNEL // 2) * self.layers


class Network(nn.Module):  # type: ignore[misc]  # no PyTorch where mypy runs
    """Layer i: `convolutions[i]`, `norms[i]`, ReLU; added to what it came from, but for the first.

    `usual` is the mean of all frames, `mean` and `scale` bring what the layers see to about 0 ± 1.
    """

    usual: Tensor
    mean: Tensor
    scale: Tensor

    def __init__(self, shape: Shape, dropout: float = 0.1) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.convolutions = nn.ModuleList(
            [nn.Conv1d(BANDS, width, FIRST_KERNEL, STRIDE, bias=False)]
            + [nn.Conv1d(width, width, KERNEL, bias=False) for _ in range(shape.layers)]
        )
        self.norms = nn.ModuleList([nn.BatchNorm1d(width) for _ in self.convolutions])
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Conv1d(width, len(PHONES), 1)
        for name, value in (("usual", 0.0), ("mean", 0.0), ("scale", 1.0)):
            self.register_buffer(name, torch.full((BANDS,), value))

    def forward(self, frames: Tensor) -> Tensor:
        """(batch, frames with their context, BANDS) of `prepared` to (batch, outputs, phones) of
        log-probabilities."""
        heard = ((frames - self.mean) * self.scale).transpose(1, 2)
        heard = torch.relu(self.norms[0](self.convolutions[0](heard)))
        for convolution, norm in zip(self.convolutions[1:], self.norms[1:], strict=True):
            heard = heard[:, :, 1:-1] + self.dropout(torch.relu(norm(convolution(heard))))
        return torch.log_softmax(self.last(heard).transpose(1, 2).float(), -1)

    def prepared(self, cepstra: Frames) -> Frames:
        """A recording's cepstra as `forward` takes them."""
        if self.shape.moving_mean:
            cepstra = less_moving_mean(cepstra, self.usual.numpy())
        return with_context(cepstra, self.shape.context)

    def heard(self, cepstra: Frames) -> Frames:
        """(outputs, phones): log-probabilities for one recording, as Vosk computes them."""
        with torch.inference_mode():
            found: Frames = self(torch.from_numpy(self.prepared(cepstra))[None])[0].numpy()
        return found


def outputs(frames: int) -> int:
    """How many outputs so many frames give."""
    return -(-frames // STRIDE)


def with_context(frames: Frames, context: int) -> Frames:
    """The first and last frame repeated, as Kaldi does, so that outputs are at 0, 3, 6 …"""
    last = STRIDE * (outputs(len(frames)) - 1)
    return frames[np.clip(np.arange(-context, last + context + 1), 0, len(frames) - 1)]


def kept(network: Network, priors: Tensor) -> dict[str, Any]:
    """What a file of a trained network holds; `priors` is each phone's share of all outputs."""
    return {
        "phones": list(PHONES),
        "shape": asdict(network.shape),
        "weights": network.state_dict(),
        "priors": priors,
    }


def load(path: Path) -> tuple[Network, Tensor]:
    """The trained network, ready to listen, and its priors. Raises OtherPhones, OSError."""
    found = torch.load(path, weights_only=True)
    if found["phones"] != list(PHONES):
        raise OtherPhones(f"{path.name} was trained for other phones")
    network = Network(Shape(**found["shape"]))
    network.load_state_dict(found["weights"])
    return network.eval(), found["priors"]
