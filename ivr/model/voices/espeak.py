"""espeak-ng: formants of no person, but hundreds of them, as fast as the disk.

It reads pinyin with tones, so that its own reading of characters, often another, never counts.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import espeakng_loader
import numpy as np

from ivr.model.phones import syllables_of
from ivr.model.voices import Manner, Unspeakable

if TYPE_CHECKING:
    from ivr.model.voices import Samples

LANGUAGE = "cmn-latn-pinyin"
SPEAKERS = (
    "Alex", "Alicia", "Andrea", "Andy", "Annie", "Denis", "Diogo", "Gene", "Henrique", "Hugo",
    "Jacky", "Lee", "Marco", "Mario", "Michael", "Mike", "Nguyen", "Reed", "adam", "anika",
    "antonio", "aunty", "belinda", "benjamin", "boris", "caleb", "david", "ed", "f1", "f2", "f3",
    "f4", "grandma", "grandpa", "gustave", "ian", "iven", "john", "klatt", "klatt2", "klatt3",
    "linda", "m1", "m2", "m3", "m4", "m5", "m7", "max", "michel", "norbert", "pablo", "paul",
    "quincy", "robert", "sandro", "shelby", "steph", "travis", "victor",
)  # fmt: skip
"""Its variants that sound like people. `rob` is left out: with a wide range of pitch he writes past
the end of some table and takes the process with him."""
HELD = ("f5", "m6", "m8", "klatt4", "zac", "pedro", "edward", "miguel")
"""Never in training."""
USUAL_SPEED, USUAL_PITCH, USUAL_RANGE = 165, 50, 50
LOUD = 32768.0

# From espeak-ng's speak_lib.h.
_SYNCHRONOUS, _DO_NOT_EXIT, _UTF8 = 0x02, 0x8000, 1
_SPEED, _PITCH, _RANGE, _GAP = 1, 3, 4, 7
_Take = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Espeak:
    """See Voice. The library has one voice for the whole process."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(str(espeakng_loader.get_library_path()))
        data = str(espeakng_loader.get_data_path()).encode()
        self.rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DO_NOT_EXIT)
        self._said: list[bytes] = []
        self._take = _Take(self._on_samples)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._take)
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p

    def manner(self, dice: Random, held: bool) -> Manner:
        """A variant of the voice; speed, pitch and its range, and a gap between syllables."""
        if held:
            return Manner(dice.choice(HELD))
        style = {
            "speed": dice.uniform(0.6, 1.35),
            "pitch": dice.uniform(0.3, 1.7),
            "range": dice.uniform(0.6, 1.6),
            "gap": float(dice.choice((0, 0, 0, 0, 1, 2))),
        }
        return Manner(
            dice.choice(SPEAKERS), {name: round(value, 3) for name, value in style.items()}
        )

    def say(self, text: str, manner: Manner, dice: Random) -> Samples:
        """See Voice."""
        if self._library.espeak_SetVoiceByName(f"{LANGUAGE}+{manner.speaker}".encode()) != 0:
            raise Unspeakable(f"no voice {manner.speaker}")
        style = manner.style
        self._set(_SPEED, USUAL_SPEED * style.get("speed", 1.0))
        self._set(_PITCH, USUAL_PITCH * style.get("pitch", 1.0))
        self._set(_RANGE, USUAL_RANGE * style.get("range", 1.0))
        self._set(_GAP, style.get("gap", 0.0))
        pinyin = ", ".join(" ".join(phrase) for phrase in syllables_of(text))
        words = pinyin.encode() + b"\0"
        self._refuse_english(words)
        self._said.clear()
        self._library.espeak_Synth(words, ctypes.c_size_t(len(words)), 0, 0, 0, _UTF8, None, None)
        samples = np.frombuffer(b"".join(self._said), np.int16).astype(np.float32)
        if not len(samples):
            raise Unspeakable(f"espeak-ng said nothing for {text}")
        return samples / LOUD

    def _set(self, parameter: int, value: float) -> None:
        self._library.espeak_SetParameter(parameter, round(value), 0)

    def _refuse_english(self, words: bytes) -> None:
        """A syllable that its table lacks (兄, 穷, 窘) is read as an English word, marked so."""
        text = ctypes.c_char_p(words)
        rest = ctypes.c_void_p(ctypes.cast(text, ctypes.c_void_p).value)
        while rest.value:
            phonemes = self._library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, 0)
            if b"(en)" in (phonemes or b""):
                raise Unspeakable(words.decode().rstrip("\0"))

    def _on_samples(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _: object) -> int:
        if samples and count > 0:
            self._said.append(ctypes.string_at(samples, 2 * count))
        return 0


def load(folder: Path) -> Espeak:
    """The folder is not needed."""
    return Espeak()
