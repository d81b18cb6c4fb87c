"""Voice packets (RFC 3550) with A-law in them (G.711), and how loud they are. No I/O."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]

RATE = 8000
SAMPLES = 160
"""In a packet of 20 ms."""
PACKET_NS = 20_000_000
A_LAW = 8
"""The payload type (RFC 3551)."""
SOUND_DB = -50.0
"""Decibels below full scale (root mean square of a packet) from which it is sound: speech comes at
-26, a line at rest at -72 and less."""
FULL = 32768.0
SILENT_DB = -99.0
_HEADER = struct.Struct("!BBHII")


def packet(payload: bytes, sequence: int, source: int) -> bytes:
    """A packet of 20 ms, number `sequence` of its stream, from 0 without end."""
    header = _HEADER.pack(0x80, A_LAW, sequence & 0xFFFF, SAMPLES * sequence & 0xFFFFFFFF, source)
    return header + payload


def payload_of(data: bytes) -> bytes | None:
    """The voice in a packet; None for keys, foreign codes and what is no RTP."""
    if len(data) <= _HEADER.size or data[0] >> 6 != 2 or data[1] & 0x7F != A_LAW:
        return None
    start = _HEADER.size + 4 * (data[0] & 15)
    if data[0] & 0x10:  # a header extension: its length in words behind four bytes
        if len(data) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    return data[start:] or None


def encoded(pcm: Pcm) -> bytes:
    """Samples in A-law."""
    return _CODES[pcm.view(np.uint16)].tobytes()


def decoded(payload: bytes) -> Pcm:
    """The samples of a payload."""
    samples: Pcm = _LEVELS[np.frombuffer(payload, np.uint8)]
    return samples


def loudness_db(payload: bytes) -> float:
    """Below full scale; SILENT_DB at the least."""
    power = float(_SQUARES[np.frombuffer(payload, np.uint8)].mean())
    return max(10 * np.log10(power), SILENT_DB) if power else SILENT_DB


def is_sound(payload: bytes) -> bool:
    """Whether somebody at the far end would call it sound."""
    return loudness_db(payload) >= SOUND_DB


def _levels() -> Pcm:
    """What each code stands for, sign in the first bit, even bits turned (ITU-T G.711)."""
    code = np.arange(256) ^ 0x55
    segment, step = code >> 4 & 7, code & 15
    size = np.where(segment, (step * 16 + 264) << np.maximum(segment - 1, 0), step * 16 + 8)
    return np.where(code & 0x80, size, -size).astype(np.int16)


def _codes() -> NDArray[np.uint8]:
    """The code of each of the 65,536 samples."""
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    size = np.where(samples < 0, ~samples, samples)
    segment = np.maximum(np.floor(np.log2(np.maximum(size, 1))).astype(int) - 7, 0)
    step = size >> np.where(segment, segment + 3, 4) & 15
    sign = np.where(samples < 0, 0, 0x80)
    codes: NDArray[np.uint8] = ((sign | segment << 4 | step) ^ 0x55).astype(np.uint8)
    return codes


_LEVELS, _CODES = _levels(), _codes()
_SQUARES = np.square(_LEVELS / FULL)
SILENCE = encoded(np.zeros(SAMPLES, np.int16))
