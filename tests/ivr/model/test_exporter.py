"""What is exported is what Vosk computes: its log-probabilities against plain matrix products."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ivr.model.exporter import (
    Floats,
    Folded,
    Layer,
    NotFinite,
    model_file,
    tempered,
    write_model,
)
from ivr.model.features import BANDS, Pcm, less_moving_mean, mfcc
from ivr.model.importer import read_model
from ivr.model.proof import CLOSE, Asked, swelling_noise

PHONES, WIDTH = 5, 8


def small_network(moving_mean: bool) -> Folded:
    dice = np.random.default_rng(4)

    def layer(inputs: int, outputs: int, offsets: tuple[int, ...]) -> Layer:
        weights = dice.normal(0, 0.3, (outputs, inputs * len(offsets))) / np.sqrt(inputs)
        return Layer(weights, dice.normal(0, 0.3, outputs), offsets)

    layers = [
        layer(BANDS, WIDTH, tuple(range(-3, 4))),
        layer(WIDTH, WIDTH, (-3, 0, 3)),
        layer(WIDTH, WIDTH, (-3, 0, 3)),
        layer(WIDTH, PHONES, (0,)),
    ]
    usual = dice.normal(0, 5, BANDS).astype(np.float32).astype(np.float64)
    return Folded(layers, usual if moving_mean else None)


def log_probabilities(network: Folded, pcm: Pcm) -> Floats:
    frames = mfcc(pcm)
    if network.usual is not None:
        frames = less_moving_mean(frames, network.usual)
    padded = np.pad(frames, ((network.context, network.context), (0, 0)), "edge")
    rows = {at - network.context: row for at, row in enumerate(padded.astype(np.float64))}
    for number, layer in enumerate(network.layers):

        def seen(at: int, layer: Layer = layer, rows: dict = rows) -> Floats:
            return np.concatenate([rows[at + offset] for offset in layer.offsets])

        sums = {
            at: layer.weights @ seen(at) + layer.bias
            for at in rows
            if at + layer.offsets[0] in rows and at + layer.offsets[-1] in rows
        }
        if number < len(network.layers) - 1:
            sums = {at: np.maximum(row, 0) for at, row in sums.items()}
            if number:
                sums = {at: row + rows[at] for at, row in sums.items()}
        rows = sums
    logits = np.stack([rows[at] for at in range(0, len(frames), 3)])
    return logits - np.log(np.exp(logits).sum(1, keepdims=True))


@pytest.mark.parametrize("moving_mean", [False, True])
@pytest.mark.parametrize("seconds", [0.4, 8.0])  # the moving mean's window is 6 s
def test_vosk_computes_the_same_log_probabilities(
    tmp_path: Path, moving_mean: bool, seconds: float
) -> None:
    write_model(small_network(moving_mean), np.zeros(0), tmp_path)
    network, _ = read_model(tmp_path)  # rounded, as Vosk reads it
    pcm = swelling_noise(seconds)
    asked, ours = Asked(network), log_probabilities(network, pcm)
    phones, total = asked.likeliest(pcm)
    assert phones == ours.argmax(1).tolist()
    assert total == pytest.approx(ours.max(1).sum(), abs=CLOSE * len(ours))
    for phone in range(PHONES):
        theirs = asked.of_phone(pcm, phone)
        assert theirs == pytest.approx(ours[:, phone].sum(), abs=CLOSE * len(ours))


def test_what_would_end_the_process_is_never_written() -> None:
    network = small_network(moving_mean=False)
    with pytest.raises(NotFinite):
        model_file(network, np.array([0.5, np.nan, 0.2, 0.2, 0.1]))
    network.layers[1].weights[0, 0] = np.inf
    with pytest.raises(NotFinite):
        model_file(network, np.zeros(0))


def test_priors_keep_their_order_and_never_vanish() -> None:
    shares = tempered(np.array([8.0, 2.0, 0.0]), 0.5)
    assert shares.sum() == pytest.approx(1)
    assert shares[0] > shares[1] > shares[2] > 0
    assert shares[0] / shares[1] == pytest.approx(2)
    assert len(tempered(np.ones(3), 0)) == 0
