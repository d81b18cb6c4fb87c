"""Speech out: Mandarin text to 8 kHz PCM by espeak-ng, kept on disk by text.

A plain voice that always works; nothing but this module knows which voice it is.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import tempfile
import threading
from functools import cache
from pathlib import Path

import espeakng_loader
import numpy as np
import soxr
import structlog

RATE = 8000
"""Samples a second, 16 bit, mono: what a telephone carries."""
WORDS_A_MINUTE = 150
"""About 3.5 characters a second, slower than espeak-ng's own 175: old people listen."""
LOUDNESS = 0.7
"""Of full scale; espeak-ng peaks at it, and the filter of a resampler overshoots."""

log = structlog.get_logger()

# From espeak-ng's speak_lib.h.
_SYNCHRONOUS, _DO_NOT_EXIT, _UTF8, _PARAMETER_RATE = 0x02, 0x8000, 1, 1
_Take = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class VoiceError(RuntimeError):
    """espeak-ng could not be loaded, or refused the text."""


class Voice:
    """Says a text; the second time from its folder. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def say(self, text: str) -> bytes:
        """The text as PCM. Raises VoiceError."""
        kept = self._folder / f"{_name(text)}.pcm"
        try:
            return kept.read_bytes()
        except OSError:  # not there yet, or not to be read
            pcm = _espeak().say(text)
        try:
            _keep(kept, pcm)
        except OSError as error:  # a full disk costs 15 ms a sentence, not the call
            log.warning("speech_not_kept", error=str(error))
        return pcm


def _name(text: str) -> str:
    how = f"espeak-ng cmn {WORDS_A_MINUTE} {LOUDNESS} {RATE}\n{text}"
    return hashlib.sha256(how.encode()).hexdigest()[:32]


def _keep(path: Path, pcm: bytes) -> None:
    """Write under another name first: a reader must never see half a sentence."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(pcm)
    Path(part).replace(path)


class _Espeak:
    """The library, which has one voice and one callback for the whole process."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DO_NOT_EXIT)
        if self._rate <= 0 or self._library.espeak_SetVoiceByName(b"cmn") != 0:
            raise VoiceError("espeak-ng has no Mandarin voice")
        self._library.espeak_SetParameter(_PARAMETER_RATE, WORDS_A_MINUTE, 0)
        self._said: list[bytes] = []
        self._take = _Take(self._on_samples)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._take)
        self._lock = threading.Lock()

    def _on_samples(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _: object) -> int:
        if samples and count > 0:
            self._said.append(ctypes.string_at(samples, 2 * count))
        return 0

    def say(self, text: str) -> bytes:
        words = text.encode() + b"\0"
        with self._lock:
            self._said.clear()
            refused = self._library.espeak_Synth(
                words, ctypes.c_size_t(len(words)), 0, 0, 0, _UTF8, None, None
            )
            said = b"".join(self._said)
        if refused or not said:
            raise VoiceError(f"espeak-ng said nothing (error {refused})")
        samples = np.frombuffer(said, np.int16).astype(np.float32) * LOUDNESS
        heard = soxr.resample(samples, self._rate, RATE)
        pcm: bytes = heard.clip(-32768, 32767).astype("<i2").tobytes()
        return pcm


@cache
def _espeak() -> _Espeak:
    return _Espeak()
