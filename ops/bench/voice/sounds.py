"""The sounds of a round: what is said, through a telephone, and what is heard around it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from ivr.model.noises import noise
from ivr.model.telephone import USUAL_LEVEL, Line, Samples, through_handset
from ops.bench.asr.shipped import RATE, read_wave
from ops.bench.asr.spoken import NOISES
from ops.bench.voice.rtp import Pcm
from ops.bench.voice.voices import ENGINES, SPEECH, Said, to_say

BED_S = 12
"""Noise around a caller comes round again after so many seconds."""
BABBLE_OF = 4
"""Voices."""


class NothingToSay(ValueError):
    """The callers' speech is not there; the message says how it is made."""


@dataclass(frozen=True)
class Around:
    """What callers have around them: nothing, or noise `snr` decibels below their speech."""

    name: str
    snr: float | None = None

    def bed_of(self, number: int) -> str:
        """The kind of noise around the caller with wish `number`, the same in every run."""
        return "" if self.snr is None else NOISES[number % len(NOISES)]


CLEAN, NOISY = Around("clean"), Around("10 dB", 10.0)


class Sounds:
    """A folder of NAME.npy, made when first asked for."""

    def __init__(self, folder: Path, speech: Path = SPEECH) -> None:
        self.folder, self._speech = folder, speech
        folder.mkdir(parents=True, exist_ok=True)

    def said(self, one: Said) -> str:
        """The name of a text's sound. Raises NothingToSay."""
        name = f"{one.engine}-{one.file.removesuffix('.wav')}"
        if not self._file(name).is_file():
            self._keep(name, Line().carry(self._spoken(one), np.random.default_rng(1)))
        return name

    def bed(self, kind: str, around: Around, engine: str) -> str:
        """The name of a noise's sound; empty for none."""
        if not kind or around.snr is None:
            return ""
        name = f"bed-{kind}-{around.snr:g}-{engine}"
        if not self._file(name).is_file():
            dice = np.random.default_rng(crc32(name.encode()))
            made = noise(kind, BED_S * RATE, dice, self._others(engine))
            level = 10 ** ((USUAL_LEVEL - around.snr) / 20)
            heard = through_handset(made, "landline") * np.float32(level * 32768)
            self._keep(name, np.clip(heard, -32768, 32767).astype(np.int16))
        return name

    def _others(self, engine: str) -> list[Samples]:
        return [self._spoken(one) for one in to_say(engine)[:: len(to_say(engine)) // BABBLE_OF]]

    def _spoken(self, one: Said) -> Samples:
        path = self._speech / one.engine / one.file
        try:
            return read_wave(path, RATE)
        except OSError as missing:
            raise NothingToSay(f"{path} is missing: `make voice-callers` speaks it") from missing

    def _keep(self, name: str, pcm: Pcm) -> None:
        np.save(self._file(name), pcm)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.npy"


def missing(engines: Iterable[str], speech: Path = SPEECH) -> list[str]:
    """The engines not all of whose texts were spoken."""
    return [
        engine
        for engine in engines
        if not all((speech / engine / one.file).is_file() for one in to_say(engine))
    ]


def main() -> None:
    """`python -m ops.bench.voice.sounds`: exit 0 when everything has been spoken."""
    sys.exit(1 if missing(ENGINES) else 0)


if __name__ == "__main__":
    main()
