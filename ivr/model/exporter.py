"""A trained network as Kaldi's `final.mdl`, which Vosk loads, and the proof that both agree.

    python -m ivr.model.exporter NETWORK.pt FOLDER [--prior 0.35]   am/ and conf/mfcc.conf
    python -m ivr.model.exporter --check NETWORK.pt                 Vosk against PyTorch

Batch norms and the scaling of features are folded into the layers' weights. A phone has one state
and two transitions: 2p - 1 stays, 2p goes on, where p counts PHONES from 1 and SIL, the first, is
the blank of CTC. CTC's outputs say what may be skipped too readily, so decoding divides them by
the phones' shares to a power, which nnet3 files carry as priors.
"""

from __future__ import annotations

import argparse
import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ivr.model.features import BANDS, MFCC_CONF, PRIOR_FRAMES

if TYPE_CHECKING:
    from ivr.model.network import Network

Floats = NDArray[np.float64]

USUAL_PRIOR = 0.35
"""The power of the priors: without it words are dropped, with much of it they are made up."""
RAREST = 1e-4
"""No share is taken for less: what was never heard would be found everywhere."""
STEPS = 65_535
"""From a matrix's least number to its greatest. Weights are kept so, in half the space."""


class NotFinite(ValueError):
    """A weight or prior is no number: Vosk would end the whole process at it."""


@dataclass(frozen=True)
class Layer:
    """`weights` (outputs, offsets × inputs), `bias` (outputs); `offsets` are in frames."""

    weights: Floats
    bias: Floats
    offsets: tuple[int, ...]


@dataclass(frozen=True)
class Folded:
    """The network as plain layers: the first; residual ones; the last, without ReLU. `usual` is
    the mean of all frames for a network that hears them less their moving mean, else None."""

    layers: list[Layer]
    usual: Floats | None

    @property
    def phones(self) -> int:
        return len(self.layers[-1].bias)

    @property
    def context(self) -> int:
        return sum(layer.offsets[-1] for layer in self.layers)


def folded(network: Network) -> Folded:
    """Of a network in PyTorch that has been trained."""
    from ivr.model.network import FIRST_KERNEL, STRIDE

    layers = []
    for number, (convolution, norm) in enumerate(
        zip(network.convolutions, network.norms, strict=True)
    ):
        gain = _numbers(norm.weight) / np.sqrt(_numbers(norm.running_var) + norm.eps)
        weights: Floats = _numbers(convolution.weight) * gain[:, None, None]
        bias = _numbers(norm.bias) - gain * _numbers(norm.running_mean)
        if number == 0:
            weights = weights * _numbers(network.scale)[None, :, None]
            bias = bias - weights.sum(2) @ _numbers(network.mean)
            reach, step = FIRST_KERNEL // 2, 1
        else:
            reach, step = 1, STRIDE
        side_by_side = weights.transpose(0, 2, 1).reshape(len(bias), -1)
        layers.append(Layer(side_by_side, bias, tuple(step * k for k in range(-reach, reach + 1))))
    layers.append(Layer(_numbers(network.last.weight)[:, :, 0], _numbers(network.last.bias), (0,)))
    return Folded(layers, _numbers(network.usual) if network.shape.moving_mean else None)


def tempered(priors: Floats, power: float) -> Floats:
    """Shares of phones to divide outputs by, summing to 1; none at all for a power of 0."""
    if power == 0:
        return np.zeros(0)
    shares: Floats = np.maximum(priors / priors.sum(), RAREST) ** power
    shares /= shares.sum()
    return shares


def write_model(network: Folded, priors: Floats, folder: Path) -> None:
    """am/final.mdl, am/global_cmvn.stats where the network wants it, conf/mfcc.conf in `folder`.

    Raises NotFinite.
    """
    for name in ("am", "conf"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "am" / "final.mdl").write_bytes(model_file(network, priors))
    stats = folder / "am" / "global_cmvn.stats"
    stats.unlink(missing_ok=True)
    if network.usual is not None:
        stats.write_bytes(stats_file(network.usual))
    (folder / "conf" / "mfcc.conf").write_text(MFCC_CONF)


def model_file(network: Folded, priors: Floats) -> bytes:
    """The bytes of final.mdl. Raises NotFinite."""
    for numbers in [priors, *(part for one in network.layers for part in (one.weights, one.bias))]:
        if not np.isfinite(numbers).all():
            raise NotFinite("the network holds numbers that are none")
    file = _Kaldi()
    _write_transitions(file, network.phones)
    _write_network(file, network)
    file.token("<LeftContext>").whole(network.context).token("<RightContext>").whole(
        network.context
    )
    return file.token("<Priors>").vector(priors).bytes()


class _Kaldi:
    """Kaldi's binary format, as far as a model needs it."""

    def __init__(self) -> None:
        self._file = io.BytesIO()
        self._file.write(b"\0B")

    def token(self, text: str) -> _Kaldi:
        return self.raw(text.encode() + b" ")

    def raw(self, data: bytes) -> _Kaldi:
        self._file.write(data)
        return self

    def whole(self, number: int) -> _Kaldi:
        return self.raw(struct.pack("<bi", 4, number))

    def real(self, number: float) -> _Kaldi:
        return self.raw(struct.pack("<bf", 4, number))

    def ints(self, numbers: list[int]) -> _Kaldi:
        return self.whole(len(numbers)).raw(np.array(numbers, "<i4").tobytes())

    def vector(self, numbers: Floats) -> _Kaldi:
        return self.token("FV").whole(len(numbers)).raw(numbers.astype("<f4").tobytes())

    def matrix(self, rows: Floats) -> _Kaldi:
        """Of float64."""
        self.token("DM").whole(rows.shape[0]).whole(rows.shape[1])
        return self.raw(rows.astype("<f8").tobytes())

    def compressed(self, rows: Floats) -> _Kaldi:
        """16 bits a number: how many steps of 65,535 it lies between the least and the greatest."""
        least = float(np.float32(rows.min()))
        span = float(np.float32(rows.max() - least))
        steps = np.rint((rows - least) / (span or 1.0) * STEPS).clip(0, STEPS)
        self.token("CM2").raw(struct.pack("<ffii", least, span, *rows.shape))
        return self.raw(steps.astype("<u2").tobytes())

    def bytes(self) -> bytes:
        return self._file.getvalue()


def _write_transitions(file: _Kaldi, phones: int) -> None:
    """One topology for all: state 0 stays or goes on to the end, each at one half."""
    file.token("<TransitionModel>").token("<Topology>")
    file.ints(list(range(1, phones + 1))).ints([-1] + [0] * phones).whole(1)
    file.whole(2).whole(0).whole(2).whole(0).real(0.5).whole(1).real(0.5).whole(-1).whole(0)
    file.token("</Topology>").token("<Triples>").whole(phones)
    for phone in range(phones):
        file.whole(phone + 1).whole(0).whole(phone)
    file.token("</Triples>").token("<LogProbs>")
    file.vector(np.array([0.0] + [np.log(0.5)] * (2 * phones)))
    file.token("</LogProbs>").token("</TransitionModel>")


def _write_network(file: _Kaldi, network: Folded) -> None:
    nodes, components = [f"input-node name=input dim={BANDS}"], _Kaldi()
    count, before = 0, "input"

    def component(name: str, source: str) -> _Kaldi:
        nonlocal count
        count += 1
        nodes.append(f"component-node name={name} component={name} input={source}")
        return components.token("<ComponentName>").token(name)

    for number, layer in enumerate(network.layers):
        seen = [f"Offset({before}, {at})" if at else before for at in layer.offsets]
        source = f"Append({', '.join(seen)})" if len(seen) > 1 else before
        affine, relu, total = (f"{name}{number}" for name in ("affine", "relu", "sum"))
        component(affine, source).token("<FixedAffineComponent>")
        components.token("<LinearParams>").compressed(layer.weights)
        components.token("<BiasParams>").vector(layer.bias).token("</FixedAffineComponent>")
        if number == len(network.layers) - 1:
            before = affine
            continue
        width = len(layer.bias)
        _nonlinear(component(relu, affine), "RectifiedLinearComponent", width)
        if number:
            component(total, f"Sum({relu}, {before})").token("<NoOpComponent>")
            components.token("<Dim>").whole(width).token("<BackpropScale>").real(1.0)
            components.token("</NoOpComponent>")
        before = total if number else relu
    _nonlinear(component("softmax", before), "LogSoftmaxComponent", network.phones)
    nodes.append("output-node name=output input=softmax objective=linear")
    file.token("<Nnet3>").raw(("\n" + "\n".join(nodes) + "\n\n").encode())
    file.token("<NumComponents>").whole(count)
    file.raw(components.bytes().removeprefix(b"\0B")).token("</Nnet3>")


def _nonlinear(file: _Kaldi, kind: str, width: int) -> None:
    """Without the statistics that Kaldi's own training keeps there."""
    none = np.zeros(0)
    file.token(f"<{kind}>").token("<Dim>").whole(width).token("<ValueAvg>").vector(none)
    file.token("<DerivAvg>").vector(none).token("<Count>").real(0.0).token(f"</{kind}>")


def stats_file(usual: Floats) -> bytes:
    """Sums and squares of PRIOR_FRAMES frames that were all `usual`, and their count."""
    sums = np.append(usual * PRIOR_FRAMES, PRIOR_FRAMES)
    squares = np.append(usual**2 * PRIOR_FRAMES, 0)
    return _Kaldi().matrix(np.stack([sums, squares])).bytes()


def _numbers(tensor: object) -> Floats:
    found: Floats = tensor.detach().numpy().astype(np.float64)  # type: ignore[attr-defined]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("network", type=Path)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(".cache/model/vosk"))
    parser.add_argument("--check", action="store_true", help="compare with Vosk, write nothing")
    parser.add_argument("--prior", type=float, default=USUAL_PRIOR)
    args = parser.parse_args()
    from ivr.model.network import load

    network, priors = load(args.network)
    if args.check:
        from ivr.model.proof import prove

        print(prove(network))
        return
    write_model(folded(network), tempered(_numbers(priors), args.prior), args.folder)
    size = (args.folder / "am" / "final.mdl").stat().st_size / 1e6
    print(f"{args.folder}: {size:.1f} MB, context {network.shape.context} frames")


if __name__ == "__main__":
    main()
