"""What callers say: recorded sentences of voices that no model of ours was trained on."""

from __future__ import annotations

import csv
import wave
from functools import lru_cache
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).with_name("sentences")
"""NAME.wav, 16 bit, 8,000 samples a second; sentences.tsv tells who says what."""


RECORDINGS = Path(__file__).parents[1] / "recordings"
VOICE = 500
"""A sample that is somebody's voice."""


@lru_cache
def sentences() -> dict[str, str]:
    """The recordings' names, and the words in each."""
    with (FOLDER / "sentences.tsv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["text"] for row in csv.DictReader(file, delimiter="\t")}


def sound_of(name: str) -> bytes:
    """PCM of a recorded sentence."""
    with wave.open(str(FOLDER / f"{name}.wav")) as file:
        return file.readframes(file.getnframes())


def recorded(name: str) -> bytes:
    """PCM of a recording that the ears are tried with (tests/ivr/recordings), without the silence
    around it."""
    (path,) = RECORDINGS.glob(f"{name}-*.wav")
    with wave.open(str(path)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    (voiced,) = np.nonzero(np.abs(pcm) > VOICE)
    return pcm[voiced[0] : voiced[-1] + 1].tobytes()


def named(text: str) -> str:
    """The recording in which these words are said. Raises KeyError."""
    return {said: name for name, said in sentences().items()}[text]
