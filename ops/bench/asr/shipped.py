"""The recordings that are kept with the code: tests/ivr/recordings, wav files and their list.

transcripts.tsv    file, kind, engine, speaker, text; the text of what is no words is empty
"""

from __future__ import annotations

import wave
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ivr.model.shelf import Samples

FOLDER = Path(__file__).resolve().parents[3] / "tests" / "ivr" / "recordings"
LIST = "transcripts.tsv"
RATE = 8000
ODD = "odd"
"""The kind of what is no words; its speaker tells what it is."""


@dataclass(frozen=True)
class Recording:
    """A line of the list."""

    file: str
    kind: str
    engine: str
    speaker: str
    text: str


def recordings(folder: Path = FOLDER) -> list[Recording]:
    """What is kept. Raises OSError."""
    lines = (folder / LIST).read_text(encoding="utf-8").splitlines()[1:]
    return [Recording(*line.split("\t")) for line in lines]


def samples_of(folder: Path, one: Recording) -> Samples:
    """Within ±1, RATE a second. Raises OSError, wave.Error; ValueError for another rate."""
    return read_wave(folder / one.file, RATE)


def read_wave(path: Path, rate: int | None = None) -> Samples:
    """A mono wav file of 16 bit, within ±1. Raises OSError, wave.Error; ValueError for any other
    form, or another rate than asked for."""
    with wave.open(str(path)) as file:
        if file.getnchannels() != 1 or file.getsampwidth() != 2:
            raise ValueError(f"{path.name} is not mono of 16 bit")
        if rate is not None and file.getframerate() != rate:
            raise ValueError(f"{path.name} has {file.getframerate()} samples a second, not {rate}")
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return pcm.astype(np.float32) / np.float32(32768)


def name_of(number: int, one: Recording) -> str:
    """A file's name: 07-time-kokoro.wav."""
    return f"{number:02d}-{one.kind.replace('_', '-')}-{one.engine or one.speaker}.wav"


def write(folder: Path, name: str, one: Recording, samples: Samples) -> Recording:
    """Writes the file; the recording with its name."""
    folder.mkdir(parents=True, exist_ok=True)
    pcm = np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2")
    with wave.open(str(folder / name), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.tobytes())
    return replace(one, file=name)


def write_list(folder: Path, made: Iterable[Recording]) -> None:
    """The list of all recordings."""
    rows = [[field.name for field in fields(Recording)], *(astuple(one) for one in made)]
    (folder / LIST).write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
