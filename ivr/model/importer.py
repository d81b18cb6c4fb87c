"""A model's folder of our making as a network again, to go on learning from.

A folder holds all that the network computes, but not how its layers were made of convolutions and
batch norms. They are made anew so that a step of learning moves each as far as it would have in
training: rows of length 1 in the convolutions, what they were longer in the norms' variances, and
the first layer's cepstra at a scale of their own.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ivr.ears import BadModel
from ivr.model.exporter import STEPS, Floats, Folded, Layer, folded, model_file, stats_file
from ivr.model.features import BANDS, MFCC_CONF, PRIOR_FRAMES
from ivr.model.phones import PHONES

if TYPE_CHECKING:
    from ivr.model.network import Network

SHORTEST, LONGEST = 1e-6, 100.0
"""Lengths of rows that a batch norm can take upon it; the rest stays in the row."""
_WEIGHTS, _BIAS, _PRIORS = b"<LinearParams> CM2 ", b"<BiasParams> FV ", b"<Priors> FV "
_INPUT = re.compile(rb"component=affine\d+ input=(?:Append\()?(.*)")
_SEEN = re.compile(rb"Offset\(\w+, (-?\d+)\)|\w+")


def imported(folder: Path) -> tuple[Network, Floats]:
    """The network of a model's folder, ready to listen, and the priors as its file holds them.

    Raises BadModel, OSError.
    """
    network, priors = read_model(folder)
    return unfolded(network), priors


def read_model(folder: Path) -> tuple[Folded, Floats]:
    """The layers and the priors, as `exporter.write_model` took them but for the rounding.

    Raises BadModel for what it has not written, OSError.
    """
    file, stats = folder / "am" / "final.mdl", folder / "am" / "global_cmvn.stats"
    try:
        usual = _usual(stats.read_bytes()) if stats.exists() else None
    except (struct.error, ValueError) as error:
        raise BadModel(f"{stats} is damaged or not of our making") from error
    if not file.is_file():
        raise BadModel(f"{folder} has no am/final.mdl")
    data = file.read_bytes()
    try:
        network, priors = Folded(_layers(data), usual), _vector(data, data.rindex(_PRIORS), _PRIORS)
        # Nothing of the file may have been passed over: written again it must be the same.
        if model_file(network, priors) != data:
            raise ValueError
    except (struct.error, ValueError, IndexError) as error:
        raise BadModel(f"{file} is damaged or not of our making") from error
    if (folder / "conf" / "mfcc.conf").read_text(encoding="utf-8", errors="replace") != MFCC_CONF:
        raise BadModel(f"{folder} listens to other features than ours: see its conf/mfcc.conf")
    table = folder / "graph" / "phones.txt"
    # A pair of name and number a line; the first is for none.
    if table.exists() and table.read_text("utf-8", "replace").split()[2::2] != list(PHONES):
        raise BadModel(f"{folder} was made for other phones")
    return network, priors


def unfolded(network: Folded) -> Network:
    """A network, ready to listen, that computes the same. Raises BadModel for other layers."""
    from ivr.model.network import Network, Shape

    width, depth = len(network.layers[0].bias), len(network.layers) - 2
    made = Network(Shape(width, depth, network.usual is not None))
    made.eval()
    if _kinds(folded(made)) != _kinds(network):
        raise BadModel("the model has other layers than ours")
    if network.usual is not None:
        _fill(made.usual, network.usual)
    first, last = network.layers[0], network.layers[-1]
    scale = np.sqrt(np.square(first.weights).reshape(-1, BANDS).sum(0) * BANDS / width)
    scale[scale == 0] = 1
    _fill(made.scale, scale)
    heard = zip(network.layers[:-1], made.convolutions, made.norms, strict=True)
    for layer, convolution, norm in heard:
        weights = layer.weights
        if layer is first:
            weights = weights / np.tile(scale, len(layer.offsets))
        lengths = np.clip(np.linalg.norm(weights, axis=1), SHORTEST, LONGEST)
        rows = (weights / lengths[:, None]).reshape(width, len(layer.offsets), -1)
        _fill(convolution.weight, rows.transpose(0, 2, 1))
        _fill(norm.running_var, 1 / lengths**2 - norm.eps)
        _fill(norm.bias, layer.bias)
    _fill(made.last.weight, last.weights[:, :, None])
    _fill(made.last.bias, last.bias)
    return made


def _layers(data: bytes) -> list[Layer]:
    """Raises struct.error, ValueError, IndexError."""
    found: list[Layer] = []
    at = 0
    inputs = [
        tuple(int(seen or 0) for seen in _SEEN.findall(source)) for source in _INPUT.findall(data)
    ]
    while (at := data.find(_WEIGHTS, at)) >= 0:
        at += len(_WEIGHTS)
        least, span, rows, columns = struct.unpack_from("<ffii", data, at)
        at += struct.calcsize("<ffii")
        steps = np.frombuffer(data, "<u2", rows * columns, at).reshape(rows, columns)
        at += steps.nbytes
        weights = least + steps.astype(np.float64) * span / STEPS
        found.append(Layer(weights, _vector(data, at, _BIAS), inputs[len(found)]))
    if len(found) < 2:
        raise ValueError("no layers of ours")
    return found


def _vector(data: bytes, at: int, token: bytes) -> Floats:
    """Raises struct.error, ValueError."""
    if data[at : at + len(token)] != token:
        raise ValueError("something else stands there")
    at += len(token)
    (count,) = struct.unpack_from("<xi", data, at)
    found: Floats = np.frombuffer(data, "<f4", count, at + 5).astype(np.float64)
    return found


def _usual(data: bytes) -> Floats:
    """The mean that a global_cmvn.stats of ours holds. Raises ValueError."""
    sums = np.frombuffer(data, "<f8", BANDS, len(b"\0BDM ") + 2 * 5)
    usual = (sums / PRIOR_FRAMES).astype(np.float32).astype(np.float64)
    if stats_file(usual) != data:
        raise ValueError("written again it is another")
    return usual


def _kinds(network: Folded) -> list[tuple[tuple[int, ...], int, tuple[int, ...]]]:
    return [(one.weights.shape, len(one.bias), one.offsets) for one in network.layers]


def _fill(tensor: Any, numbers: Floats) -> None:
    import torch

    with torch.no_grad():
        tensor.copy_(torch.from_numpy(numbers))
