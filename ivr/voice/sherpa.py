"""Voices of sherpa-onnx: for a city that brings a model of its own."""

from __future__ import annotations

import threading
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ivr.voice.engine import Samples, VoiceError

_VOCODERS = ("voc", "hifigan")
"""How files of networks begin that turn mel bands into sound."""


class Sherpa:
    """See Engine. The folder holds a VITS, Matcha or Kokoro model as its makers pack them."""

    def __init__(self, folder: Path) -> None:
        """Raises VoiceError."""
        try:
            library: Any = import_module("sherpa_onnx")
        except ImportError:
            raise VoiceError(
                "a sherpa-onnx voice is asked for, but the package is not installed: "
                "run `uv pip install sherpa-onnx`"
            ) from None
        self.name = f"sherpa-onnx {folder.name}"
        config = library.OfflineTtsConfig(model=_model(library, folder), max_num_sentences=1)
        if not config.validate():
            raise VoiceError(f"{folder} holds no voice that sherpa-onnx takes; its log says why")
        self._voice = library.OfflineTts(config)
        self._lock = threading.Lock()  # nobody promises that it may be shared

    def speak(self, text: str, speed: float) -> tuple[Samples, int]:
        """See Engine. Raises VoiceError."""
        with self._lock:
            audio = self._voice.generate(text, sid=0, speed=speed)
        samples = np.asarray(audio.samples, dtype=np.float32)
        if not len(samples):
            raise VoiceError("sherpa-onnx said nothing")
        return samples, int(audio.sample_rate)


def _model(library: Any, folder: Path) -> Any:
    """The settings of the kind of model that the files make. Raises VoiceError."""
    networks = sorted(folder.glob("*.onnx"))
    vocoders = [path for path in networks if path.name.startswith(_VOCODERS)]
    spoken = [path for path in networks if path not in vocoders]
    if not spoken or not (folder / "tokens.txt").is_file():
        raise VoiceError(f"{folder} holds no voice: a model.onnx and its tokens.txt are needed")
    words = {
        "tokens": str(folder / "tokens.txt"),
        "lexicon": ",".join(map(str, sorted(folder.glob("lexicon*.txt")))),
        "data_dir": str(folder / "espeak-ng-data") if (folder / "espeak-ng-data").is_dir() else "",
    }
    network = str(spoken[0])
    if (folder / "voices.bin").is_file():
        voices = str(folder / "voices.bin")
        kokoro = library.OfflineTtsKokoroModelConfig(model=network, voices=voices, **words)
        return library.OfflineTtsModelConfig(kokoro=kokoro, num_threads=1)
    if vocoders:
        sound = str(vocoders[0])
        matcha = library.OfflineTtsMatchaModelConfig(acoustic_model=network, vocoder=sound, **words)
        return library.OfflineTtsModelConfig(matcha=matcha, num_threads=1)
    vits = library.OfflineTtsVitsModelConfig(model=network, **words)
    return library.OfflineTtsModelConfig(vits=vits, num_threads=1)
