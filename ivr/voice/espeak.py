"""espeak-ng: plain, quick, and there wherever we are installed; what speaks if nothing else can."""

from __future__ import annotations

import ctypes
import threading
from functools import cache

import espeakng_loader
import numpy as np

from ivr.voice.engine import Samples, VoiceError

WORDS_A_MINUTE = 175
"""espeak-ng's own pace, some four characters a second."""
# What the library takes; slower and quicker it does not become.
_SLOWEST, _QUICKEST = 80, 450

# From espeak-ng's speak_lib.h.
_SYNCHRONOUS, _DO_NOT_EXIT, _UTF8, _PARAMETER_RATE = 0x02, 0x8000, 1, 1
_Take = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Espeak:
    """See Engine. The library is loaded with the first clause."""

    def __init__(self, variant: str = "") -> None:
        """`variant`: one of espeak-ng's ways to change the voice, e.g. f3; empty: the plain one."""
        self._voice = f"cmn+{variant}" if variant else "cmn"
        self.name = f"espeak-ng 1.52 {self._voice}"

    def speak(self, text: str, speed: float) -> tuple[Samples, int]:
        """See Engine. Raises VoiceError."""
        return _library().speak(text, round(WORDS_A_MINUTE * speed), self._voice)


class _Library:
    """It has one voice and one callback for the whole process."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DO_NOT_EXIT)
        if self._rate <= 0:
            raise VoiceError("espeak-ng does not start")
        self._voice = ""
        self._said: list[bytes] = []
        self._take = _Take(self._on_samples)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._take)
        self._lock = threading.Lock()

    def _on_samples(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _: object) -> int:
        if samples and count > 0:
            self._said.append(ctypes.string_at(samples, 2 * count))
        return 0

    def speak(self, text: str, words_a_minute: int, voice: str) -> tuple[Samples, int]:
        words = text.encode() + b"\0"
        pace = min(max(words_a_minute, _SLOWEST), _QUICKEST)
        with self._lock:
            self._take_voice(voice)
            self._said.clear()
            self._library.espeak_SetParameter(_PARAMETER_RATE, pace, 0)
            refused = self._library.espeak_Synth(
                words, ctypes.c_size_t(len(words)), 0, 0, 0, _UTF8, None, None
            )
            said = b"".join(self._said)
        if refused or not said:
            raise VoiceError(f"espeak-ng said nothing (error {refused})")
        samples = np.frombuffer(said, np.int16) / np.float32(32768)
        return samples.astype(np.float32), self._rate

    def _take_voice(self, voice: str) -> None:
        if voice != self._voice and self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise VoiceError(f"espeak-ng has no voice {voice}")
        self._voice = voice


@cache
def _library() -> _Library:
    return _Library()
