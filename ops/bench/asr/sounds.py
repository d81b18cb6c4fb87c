"""The phones that a model hears with no word and no language to help it.

Vosk hands out words only: here a copy of the model's acoustic part stands in a graph of one state
whose every arc reads one phone and says its name, without the priors that decoding divides by.
Only for models of this repository's making: one state and two transitions a phone.
"""

from __future__ import annotations

import json
import shutil
import struct
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from ivr.ears import BadModel
from ivr.model.graph import PHONES_CONF
from ivr.model.phones import SILENCE
from ivr.model.telephone import Pcm
from ivr.model.transducer import Transducer, const_file

_PRIORS = b"<Priors> FV \x04"
_NO_PRIORS = b"<Priors> FV \x04\x00\x00\x00\x00"
_BETWEEN = "|"
"""Stands for CTC's blank, which parts two phones of one name."""


class Sounds:
    """A model without words. Raises BadModel for a folder that is not of our making."""

    def __init__(self, folder: Path) -> None:
        import vosk

        names = phones_in(folder)
        with TemporaryDirectory() as made:
            bare = Path(made)
            shutil.copytree(folder / "am", bare / "am")
            acoustic = bare / "am" / "final.mdl"
            acoustic.write_bytes(without_priors(acoustic.read_bytes()))
            (bare / "conf").mkdir()
            shutil.copy(folder / "conf" / "mfcc.conf", bare / "conf")
            (bare / "conf" / "model.conf").write_text(PHONES_CONF)
            (bare / "graph").mkdir()
            (bare / "graph" / "HCLG.fst").write_bytes(const_file(_one_state(len(names))))
            words = ["<eps>", *(_BETWEEN if name == SILENCE else name for name in names)]
            table = "".join(f"{word} {number}\n" for number, word in enumerate(words))
            (bare / "graph" / "words.txt").write_text(table)
            vosk.SetLogLevel(-2)
            self._model = vosk.Model(str(bare))
        self._vosk = vosk

    def heard(self, pcm: Pcm) -> list[str]:
        """The likeliest phone of each moment, repeats and silence taken out as CTC means it."""
        ear = self._vosk.KaldiRecognizer(self._model, 8000)
        ear.SetMaxAlternatives(1)
        ear.AcceptWaveform(pcm.tobytes())
        best = json.loads(ear.FinalResult()).get("alternatives") or [{"text": ""}]
        return [phone for phone, _ in groupby(best[0]["text"].split()) if phone != _BETWEEN]


def phones_in(folder: Path) -> list[str]:
    """The model's phones in its own order, by graph/phones.txt. Raises BadModel."""
    table = folder / "graph" / "phones.txt"
    if not table.is_file():
        raise BadModel(f"{folder} has no graph/phones.txt")
    rows = [line.split() for line in table.read_text(encoding="utf-8").splitlines()]
    names = [row[0] for row in rows if row and not row[0].startswith(("<", "#"))]
    if SILENCE not in names:
        raise BadModel(f"{table} is not of our making: it has no {SILENCE}")
    return names


def without_priors(acoustic: bytes) -> bytes:
    """final.mdl that decodes with its own probabilities. Raises BadModel."""
    start = acoustic.rfind(_PRIORS)
    if start < 0:
        raise BadModel("final.mdl ends without priors: it is not of our making")
    at = start + len(_PRIORS)
    (count,) = struct.unpack_from("<i", acoustic, at)
    return acoustic[:start] + _NO_PRIORS + acoustic[at + 4 + 4 * count :]


def _one_state(phones: int) -> Transducer:
    graph = Transducer()
    state = graph.state()
    for phone in range(1, phones + 1):
        # A phone's even transition begins it; both are of the same probability.
        graph.arc(state, state, 2 * phone, phone)
    graph.finals[state] = 0.0
    return graph
