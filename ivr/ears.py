"""Speech in: Vosk, one model for all calls and a recogniser for each question.

The line carries 8,000 samples a second; a model that was made for more gets them stretched. What
may be heard can be narrowed to a list of phrases; a phrase's words that the model does not have
are spelled by their characters. Nothing but this module knows Vosk.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from nlu.dialogue.turns import Alternative

SHIPPED = Path(__file__).with_name("model") / "ours"
"""The model of our own making."""
LINE_RATE = 8000
"""Samples a second, 16 bit, mono: what a telephone carries."""
STRAY = "…"
"""Stands in what was heard for speech that is no word of the model, or none of the phrases listened
for: "…八…" is no answer to a question about hours, "八" is."""
_STRAYS = re.compile(f"{STRAY}+")
_UNKNOWN = "[unk]"
_FIGURES = frozenset("零一二三四五六七八九幺")
_LONGEST_WORD = 8
_PATIENCE_S = 120
"""For the trial of a big model; ours takes a fraction of a second."""
# Vosk knows two ways to lay a model out: in folders, and all files side by side.
_ACOUSTIC = ("am/final.mdl", "final.mdl")
_FEATURES = ("conf/mfcc.conf", "mfcc.conf")
_WHOLE_GRAPHS = ("graph/HCLG.fst", "HCLG.fst")
_SPLIT_GRAPHS = (("graph/HCLr.fst", "graph/Gr.fst"), ("HCLr.fst", "Gr.fst"))
_WORDS = ("graph/words.txt", "words.txt")
_KALDI_RATE = 16000
"""What Kaldi takes where mfcc.conf names no rate."""
SUMS = "SHA256SUMS"
# Loading alone does not tell: weights that are no numbers end the process at the first sound.
_TRIAL = """\
import random, sys, vosk
vosk.SetLogLevel(-2)
rate = int(sys.argv[2])
heard = vosk.KaldiRecognizer(vosk.Model(sys.argv[1]), rate)
heard.AcceptWaveform(random.Random(0).randbytes(2 * rate))
heard.FinalResult()
"""


class BadModel(ValueError):
    """A folder that cannot be listened with; the message says why, in one sentence."""


@dataclass(frozen=True)
class ModelFolder:
    """A folder that looks like a Vosk model."""

    path: Path
    rate: int
    """Samples a second that it was made for."""
    takes_phrases: bool
    """Whether a recogniser can be narrowed to a list of phrases."""


def look_at(path: Path) -> ModelFolder:
    """What stands in a model's folder. Raises BadModel for what is missing."""
    if not path.is_dir():
        raise BadModel(f"{path} is no folder")
    acoustic = _first(path, _ACOUSTIC)
    if acoustic is None:
        raise BadModel(f"{path} is no Vosk model: it has no am/final.mdl")
    if acoustic.stat().st_size == 0:
        raise BadModel(f"{acoustic} is empty")
    features = _first(path, _FEATURES)
    if features is None:
        raise BadModel(f"{path} has no conf/mfcc.conf")
    split = any(all((path / name).is_file() for name in names) for names in _SPLIT_GRAPHS)
    if not split and _first(path, _WHOLE_GRAPHS) is None:
        raise BadModel(f"{path} has no graph: neither graph/HCLr.fst and graph/Gr.fst nor HCLG.fst")
    if _first(path, _WORDS) is None:
        raise BadModel(f"{path} has no graph/words.txt")
    return ModelFolder(path, _rate_of(features), split)


def check_sums(path: Path) -> None:
    """Compares the folder with its own SHA256SUMS, where it has one. Raises BadModel."""
    sums = path / SUMS
    if not sums.is_file():
        return
    for line in sums.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        file = path / name
        if not file.is_file():
            raise BadModel(f"{path} lacks {name}")
        if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise BadModel(f"{file} is damaged: its checksum is not the one in {SUMS}")


def _first(path: Path, names: Iterable[str]) -> Path | None:
    return next((path / name for name in names if (path / name).is_file()), None)


def _rate_of(features: Path) -> int:
    """Raises BadModel where the rate is no telephone's nor above."""
    rate = _KALDI_RATE
    for line in features.read_text(encoding="utf-8", errors="replace").splitlines():
        option, _, value = line.split("#")[0].strip().partition("=")
        if option == "--sample-frequency":
            try:
                rate = int(float(value))
            except ValueError:
                raise BadModel(f"{features}: {value!r} is no rate") from None
    if not LINE_RATE <= rate <= 48000:
        raise BadModel(f"{features}: {rate} samples a second; a call has {LINE_RATE}")
    return rate


class Ears:
    """A loaded model; safe to share by threads. Each recogniser belongs to one call."""

    def __init__(self, path: Path) -> None:
        """Loads the model, after a trial in a process of its own, on a second of noise: a damaged
        file may end the process that listens with it. Raises BadModel."""
        self.folder = look_at(path)
        check_sums(path)
        _try(self.folder)
        import vosk

        vosk.SetLogLevel(-2)  # at -1 it warns of every result that its lattice was aligned roughly
        self._model = vosk.Model(str(path))
        self._vosk = vosk
        self._known: dict[str, bool] = {}

    def knows(self, word: str) -> bool:
        """Whether the word is in the model's lexicon."""
        if (known := self._known.get(word)) is None:
            known = self._known[word] = bool(self._model.vosk_model_find_word(word) >= 0)
        return known

    def spelled(self, phrase: str) -> list[str] | None:
        """The phrase in words of the lexicon, longest first, single characters at the worst; None
        if a character is not even there."""
        words, at = [], 0
        phrase = "".join(phrase.split())
        while at < len(phrase):
            size = next(
                (
                    size
                    for size in range(min(_LONGEST_WORD, len(phrase) - at), 0, -1)
                    if self.knows(phrase[at : at + size])
                ),
                0,
            )
            if size == 0:
                return None
            words.append(phrase[at : at + size])
            at += size
        return words

    def listen(self, phrases: Iterable[str] | None = None, alternatives: int = 5) -> Hearing:
        """A recogniser, for all that the model knows or for these phrases alone.

        Phrases that cannot be spelled are left out; a model that takes none hears everything.
        """
        if phrases is None or not self.folder.takes_phrases:
            heard = self._vosk.KaldiRecognizer(self._model, self.folder.rate)
        else:
            words = [" ".join(words) for one in phrases if (words := self.spelled(one))]
            if _FIGURES.issubset(words):
                words += _rows_of_figures()
            # Vosk does not decode \\uXXXX.
            listed = json.dumps([*dict.fromkeys(words), _UNKNOWN], ensure_ascii=False)
            heard = self._vosk.KaldiRecognizer(self._model, self.folder.rate, listed)
        heard.SetMaxAlternatives(alternatives)
        return Hearing(heard, self.folder.rate)


class Hearing:
    """What one recogniser makes of one call's sound. Belongs to one thread at a time."""

    def __init__(self, recogniser: Any, rate: int) -> None:
        self._recogniser = recogniser
        self._stretch = (
            None if rate == LINE_RATE else soxr.ResampleStream(LINE_RATE, rate, 1, dtype="int16")
        )

    def take(self, pcm: bytes) -> bool:
        """Hears so much more (16 bit, 8 kHz); whether the recogniser takes it for the end of
        what is said."""
        if self._stretch is not None:
            pcm = self._stretch.resample_chunk(np.frombuffer(pcm, "<i2")).tobytes()
        return bool(pcm) and bool(self._recogniser.AcceptWaveform(pcm))

    def so_far(self) -> str:
        """The words of what is not yet at its end."""
        return _plain(json.loads(self._recogniser.PartialResult()).get("partial", ""))

    def said(self) -> list[Alternative]:
        """The hearings of what was at its end, likeliest first; none for silence and noise."""
        return list(_alternatives(json.loads(self._recogniser.Result())))

    def last(self) -> list[Alternative]:
        """The hearings of what is left when no more sound comes."""
        return list(_alternatives(json.loads(self._recogniser.FinalResult())))


def _rows_of_figures() -> list[str]:
    """In which every figure follows every figure once. Vosk learns from the phrases what may follow
    what: figures listed alone would have to be said alone, and any row of them is heard too short.
    """
    order = sorted(_FIGURES)
    row = [two for at, one in enumerate(order) for two in (one, *_between(one, order[at + 1 :]))]
    row.append(row[0])
    return [" ".join(row[start : start + 4]) for start in range(0, len(row) - 1, 3)]


def _between(one: str, others: Iterable[str]) -> Iterator[str]:
    """One figure and each other in turn: 一 behind 零, 零 behind 一, 二 behind 零, …"""
    for other in others:
        yield one
        yield other


def _alternatives(result: dict[str, Any]) -> Iterator[Alternative]:
    """Vosk's confidences are log-likelihoods: only what lies between them means something."""
    found: dict[str, float] = {}
    for one in result.get("alternatives", ()):
        text = _plain(one["text"])
        if text and text not in found:
            found[text] = float(one["confidence"])
    if not found:
        return
    best = max(found.values())
    weights = {text: float(np.exp(likely - best)) for text, likely in found.items()}
    total = sum(weights.values())
    for text, weight in sorted(weights.items(), key=lambda one: -one[1]):
        yield Alternative(text, weight / total)


def _plain(words: str) -> str:
    """Without the spaces, and with STRAY for each stretch of something else."""
    marked = "".join(STRAY if word == _UNKNOWN else word for word in words.split())
    return _STRAYS.sub(STRAY, marked) if marked.strip(STRAY) else ""


def _try(folder: ModelFolder) -> None:
    path = folder.path
    try:
        done = subprocess.run(
            [sys.executable, "-c", _TRIAL, str(path), str(folder.rate)],
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BadModel(f"{path} was not loaded within {_PATIENCE_S} seconds") from None
    if done.returncode != 0:
        raise BadModel(f"Vosk cannot read the model in {path}: a file in it is damaged or foreign")
