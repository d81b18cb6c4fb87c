"""Real people: a folder of recordings that nothing is ever trained or tuned on.

Its README.md tells what is said, a line a recording:

    - clip.wav: 广州市房地产中介协会分析 (where it is from)
"""

from __future__ import annotations

import re
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soxr

if TYPE_CHECKING:
    from ivr.model.shelf import Samples

RATE = 8000
_TOLD = re.compile(r"^- (?P<file>\S+\.wav): (?P<text>[\u4e00-\u9fff，]+)", re.MULTILINE)


class NoPeople(ValueError):
    """The folder holds no recordings with their words; the message says what is missing."""


@dataclass(frozen=True)
class Clip:
    """A recording or a piece of one, 8,000 samples a second, and its words."""

    name: str
    text: str
    samples: Samples = field(compare=False)


def clips(folder: Path) -> list[Clip]:
    """The recordings of a folder. Raises NoPeople, OSError, wave.Error."""
    told = folder / "README.md"
    if not told.is_file():
        raise NoPeople(f"{folder} has no README.md that tells what is said")
    found = [
        Clip(row["file"], row["text"].replace("，", ""), _at_line_rate(folder / row["file"]))
        for row in _TOLD.finditer(told.read_text(encoding="utf-8"))
    ]
    if not found:
        raise NoPeople(f"{told} names no wav file with its words")
    return found


def _at_line_rate(path: Path) -> Samples:
    """16 bit, mono, any rate."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / np.float32(32768)
        heard: Samples = soxr.resample(samples, file.getframerate(), RATE).astype(np.float32)
    return heard
