"""Vosk's own log-probabilities of an exported network, to hold against PyTorch's.

Vosk hands out words only. In a graph of one state whose every arc reads one phone and says one
word, the words are the phones frame by frame, and the confidence of an n-best result is the sum
of their log-probabilities: of the likeliest phone of each frame, or, in a graph of one arc, of one
phone over all frames.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ivr.model.exporter import Folded, folded, write_model
from ivr.model.features import mfcc
from ivr.model.graph import PHONES_CONF
from ivr.model.importer import imported
from ivr.model.transducer import Transducer, const_file

if TYPE_CHECKING:
    from ivr.model.network import Network

Pcm = NDArray[np.int16]
CLOSE = 1e-4
"""How far a log-probability may be off, as a share of itself (of 1 for those near 0)."""
ROUNDED = 0.02
"""How far the 16 bits of a weight may move a log-probability, on average."""


class Unequal(AssertionError):
    """Vosk and PyTorch computed different things."""


class Asked:
    """An exported model that Vosk is asked of, phone by phone."""

    def __init__(self, network: Folded) -> None:
        self._network = network

    def likeliest(self, pcm: Pcm) -> tuple[list[int], float]:
        """The phone of each output, counted from 0, and the sum of their log-probabilities."""
        return self._ask(pcm, range(self._network.phones))

    def of_phone(self, pcm: Pcm, phone: int) -> float:
        """The sum of its log-probabilities over all outputs."""
        return self._ask(pcm, [phone])[1]

    def _ask(self, pcm: Pcm, phones: Sequence[int]) -> tuple[list[int], float]:
        import vosk

        vosk.SetLogLevel(-1)
        with TemporaryDirectory() as name:
            folder = Path(name)
            write_model(self._network, np.zeros(0), folder)
            (folder / "conf" / "model.conf").write_text(PHONES_CONF)
            (folder / "graph").mkdir()
            (folder / "graph" / "HCLG.fst").write_bytes(const_file(_one_state(phones)))
            words = ["<eps>", *(f"p{phone}" for phone in range(self._network.phones))]
            table = "".join(f"{word} {number}\n" for number, word in enumerate(words))
            (folder / "graph" / "words.txt").write_text(table)
            ear = vosk.KaldiRecognizer(vosk.Model(str(folder)), 8000)
        ear.SetMaxAlternatives(1)
        ear.AcceptWaveform(pcm.tobytes())
        best = json.loads(ear.FinalResult())["alternatives"][0]
        return [int(word[1:]) for word in best["text"].split()], best["confidence"]


def prove(network: Network) -> str:
    """How equal Vosk and PyTorch are with the numbers that the file holds, and how far rounding
    took those from the network's own, on noise that swells and falls silent. Raises Unequal."""
    pcm = swelling_noise(4.0)
    with TemporaryDirectory() as name:
        write_model(folded(network), np.zeros(0), Path(name))
        written, _ = imported(Path(name))
    asked, cepstra = Asked(folded(network)), mfcc(pcm)
    ours = written.heard(cepstra).astype(np.float64)
    phones, total = asked.likeliest(pcm)
    differ = float(np.mean(ours.argmax(1) != np.array(phones))) if phones else 1.0
    off = [_apart(ours.max(1), total)]
    off += [_apart(ours[:, one], asked.of_phone(pcm, one)) for one in range(ours.shape[1])]
    worst = max(off)
    rounded = float(np.abs(ours - network.heard(cepstra)).mean())
    said = (
        f"{len(ours)} outputs: likeliest phone differs in {differ:.2%}, log-probabilities of "
        f"{len(off) - 1} phones differ by {worst:.6f} of themselves at most; rounding of the "
        f"weights moved them by {rounded:.4f} on average"
    )
    if differ > 0.01 or worst > CLOSE or rounded > ROUNDED:
        raise Unequal(said)
    return said


def _apart(ours: NDArray[np.float64], theirs: float) -> float:
    """How far sums of log-probabilities differ: a share of their size, or nats a frame where they
    are near 0. What is all but impossible has some -150 a frame, of which single precision keeps
    fewer decimals."""
    total = float(ours.sum())
    return abs(total - theirs) / max(abs(total), len(ours))


def swelling_noise(seconds: float) -> Pcm:
    """The same every time; digital silence at its begin."""
    count = int(8000 * seconds)
    loudness = np.maximum(np.sin(np.linspace(-0.6, 9, count)), 0) * 6000
    made: Pcm = (np.random.default_rng(1).standard_normal(count) * loudness).astype(np.int16)
    return made


def _one_state(phones: Sequence[int]) -> Transducer:
    graph = Transducer()
    state = graph.state()
    for phone in phones:
        graph.arc(state, state, 2 * (phone + 1), phone + 1)
    graph.finals[state] = 0.0
    return graph
