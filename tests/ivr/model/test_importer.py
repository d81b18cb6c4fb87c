"""A model's folder is read as it was written, and nothing else is taken for one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ivr.ears import BadModel
from ivr.model.exporter import STEPS, Folded, folded, tempered, write_model
from ivr.model.features import mfcc
from ivr.model.importer import imported, read_model
from ivr.model.phones import PHONES
from ivr.model.proof import swelling_noise
from tests.ivr.model.test_exporter import PHONES as FEW
from tests.ivr.model.test_exporter import log_probabilities, small_network

SHARES = np.arange(1.0, FEW + 1)


def written(folder: Path, moving_mean: bool = True) -> Folded:
    network = small_network(moving_mean)
    write_model(network, tempered(SHARES, 0.35), folder)
    return network


@pytest.mark.parametrize("moving_mean", [False, True])
def test_what_was_written_is_read_but_for_the_rounding(tmp_path: Path, moving_mean: bool) -> None:
    network = written(tmp_path, moving_mean)
    found, priors = read_model(tmp_path)
    for one, read in zip(network.layers, found.layers, strict=True):
        step = (one.weights.max() - one.weights.min()) / STEPS
        assert np.abs(read.weights - one.weights).max() < 0.51 * step
        assert read.bias == pytest.approx(one.bias, rel=1e-6)
        assert read.offsets == one.offsets
    assert priors == pytest.approx(tempered(SHARES, 0.35), rel=1e-6)
    assert (found.usual is not None) == moving_mean
    if network.usual is not None and found.usual is not None:
        assert found.usual.tolist() == network.usual.tolist()
    pcm = swelling_noise(1.0)
    assert log_probabilities(found, pcm) == pytest.approx(log_probabilities(network, pcm), abs=5e-3)


def test_a_matrix_of_one_number_and_no_priors_are_read(tmp_path: Path) -> None:
    network = written(tmp_path)
    network.layers[1].weights[:] = 0.25
    write_model(network, np.zeros(0), tmp_path)
    found, priors = read_model(tmp_path)
    assert (found.layers[1].weights == 0.25).all() and len(priors) == 0


def test_foreign_and_damaged_files_are_refused(tmp_path: Path) -> None:
    written(tmp_path)
    file, stats = tmp_path / "am" / "final.mdl", tmp_path / "am" / "global_cmvn.stats"
    whole, mean = file.read_bytes(), stats.read_bytes()
    half, floats = whole[: len(whole) // 2], whole.replace(b"CM2 ", b"FM ")
    other = whole.replace(b"<Dim>", b"<Dum>", 1)
    for bad in (b"", b"\0B<TransitionModel> ", whole[:-9], half, whole + b"x", floats, other):
        file.write_bytes(bad)
        with pytest.raises(BadModel, match=r"final\.mdl is damaged or not of our making"):
            read_model(tmp_path)
    file.write_bytes(whole)
    for bad in (b"", mean[:-1], mean[:-8] + b"\1" * 8):
        stats.write_bytes(bad)
        with pytest.raises(BadModel, match=r"stats is damaged or not of our making"):
            read_model(tmp_path)


def test_other_features_and_phones_are_refused(tmp_path: Path) -> None:
    written(tmp_path)
    phones = tmp_path / "graph" / "phones.txt"
    phones.parent.mkdir()
    phones.write_text("<eps> 0\n" + "".join(f"{one} 1\n" for one in PHONES))
    read_model(tmp_path)
    phones.write_text("<eps> 0\na 1\n")
    with pytest.raises(BadModel, match="other phones"):
        read_model(tmp_path)
    phones.unlink()
    (tmp_path / "conf" / "mfcc.conf").write_text("--sample-frequency=16000\n")
    with pytest.raises(BadModel, match="other features"):
        read_model(tmp_path)


@pytest.mark.parametrize("moving_mean", [False, True])
def test_a_network_comes_back_that_computes_the_same(tmp_path: Path, moving_mean: bool) -> None:
    torch = pytest.importorskip("torch", reason="only the recipe's environment has PyTorch")
    from ivr.model.network import Network, Shape

    torch.manual_seed(1)
    network = Network(Shape(width=12, layers=3, moving_mean=moving_mean)).eval()
    with torch.no_grad():
        for norm in network.norms:
            for values, low, high in (
                (norm.weight, 0.5, 2), (norm.bias, -1, 1),
                (norm.running_mean, -1, 1), (norm.running_var, 0.1, 9),
            ):  # fmt: skip
                values.uniform_(low, high)
        network.norms[1].weight[0] = 0  # a unit that tells nothing
        network.usual.uniform_(-5, 5)
        network.mean.uniform_(-2, 2)
        network.scale.uniform_(0.01, 0.3)
    write_model(folded(network), np.zeros(0), tmp_path)
    found, _ = imported(tmp_path)
    assert found.shape == network.shape
    cepstra = mfcc(swelling_noise(2.0))
    assert found.heard(cepstra) == pytest.approx(network.heard(cepstra), abs=0.02)
    write_model(folded(found), np.zeros(0), tmp_path)
    again, _ = imported(tmp_path)
    assert again.heard(cepstra) == pytest.approx(found.heard(cepstra), abs=0.01)
    assert not any(norm.training for norm in found.norms)


def test_layers_that_no_network_of_ours_has_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="only the recipe's environment has PyTorch")
    written(tmp_path)  # for fewer phones
    with pytest.raises(BadModel, match="other layers"):
        imported(tmp_path)
