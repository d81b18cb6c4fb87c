"""Speaks lines of FILE and words, from standard input; in the environment of the model's recipe."""

from __future__ import annotations

import sys
import wave
from pathlib import Path
from random import Random

import numpy as np
import soxr

from ivr.model.voices import Manner, load

VOICES = Path(__file__).parents[2] / ".cache" / "model" / "voices"
SPEAKERS = ("jf_tebukuro", "jf_alpha", "jm_kumo")
RATE, PEAK = 8000, 16_000


def main() -> None:
    lines = [line.rstrip("\n").split("\t") for line in sys.stdin if line.strip()]
    voice = load("kokoro", Path(sys.argv[1]) if sys.argv[1:] else VOICES) if lines else None
    for number, (name, text) in enumerate(lines):
        assert voice is not None
        manner = Manner(SPEAKERS[number % len(SPEAKERS)], {"speed": 0.95})
        heard = soxr.resample(voice.say(text, manner, Random(1)), voice.rate, RATE)
        pcm = (heard / np.abs(heard).max() * PEAK).astype("<i2").tobytes()
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path.with_suffix(".part")), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(pcm)
        path.with_suffix(".part").replace(path)
        print(text, flush=True)


if __name__ == "__main__":
    main()
