"""What callers say: recorded sentences of voices that no model of ours was trained on."""

from __future__ import annotations

import csv
import wave
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).with_name("sentences")
"""NAME.wav, 16 bit, 8,000 samples a second; sentences.tsv tells who says what."""


@lru_cache
def sentences() -> dict[str, str]:
    """The recordings' names, and the words in each."""
    with (FOLDER / "sentences.tsv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["text"] for row in csv.DictReader(file, delimiter="\t")}


def sound_of(name: str) -> bytes:
    """PCM of a recorded sentence."""
    with wave.open(str(FOLDER / f"{name}.wav")) as file:
        return file.readframes(file.getnframes())


def named(text: str) -> str:
    """The recording in which these words are said. Raises KeyError."""
    return {said: name for name, said in sentences().items()}[text]
