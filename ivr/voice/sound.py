"""Sound made fit for a telephone: silence cut off, one loudness, 8 kHz. Plain functions."""

from __future__ import annotations

import numpy as np
import soxr

from ivr.voice.engine import Samples

RATE = 8000
"""Samples a second, 16 bit, mono: what a telephone carries."""
LEVEL_DB = -19.0
"""Of what is speech, below full scale. Networks are planned for some -26 to -18; we take the loud
end, for ears of eighty."""
FLOOR = 0.02
"""Of the loudest sample: what is below it before and behind the words is silence."""
EDGE_S = 0.02
"""Left of that silence, so that no consonant is cut."""
WINDOW_S = 0.02
KNEE = 0.6
"""Peaks above it are bent, not cut: what is cut rattles."""
CEILING = 0.97


def telephone(samples: Samples, rate: int) -> bytes:
    """A clause as PCM of RATE: no silence around it, at LEVEL_DB. Silence gives nothing."""
    bare = trimmed(samples, rate)
    if not len(bare):
        return b""
    heard = soxr.resample(bare, rate, RATE) if rate != RATE else bare
    return _pcm(levelled(heard))


def trimmed(samples: Samples, rate: int) -> Samples:
    """Without the silence before and behind, and with soft ends."""
    loud = np.abs(samples)
    peak = loud.max(initial=0.0)
    if peak == 0:
        return samples[:0]
    spoken = np.flatnonzero(loud > FLOOR * peak)
    edge = int(EDGE_S * rate)
    kept = samples[max(spoken[0] - edge, 0) : spoken[-1] + 1 + edge].astype(np.float32)
    ramp = np.linspace(0, 1, min(edge // 2, len(kept) // 2), dtype=np.float32)
    if len(ramp):
        kept[: len(ramp)] *= ramp
        kept[-len(ramp) :] *= ramp[::-1]
    return kept


def levelled(samples: Samples) -> Samples:
    """At RATE: speech, pauses not counted, at LEVEL_DB."""
    window = int(WINDOW_S * RATE)
    whole = np.pad(samples, (0, -len(samples) % window)).reshape(-1, window)
    power = (whole**2).mean(axis=1)
    active = power[power > power.max() / 1000]  # 30 dB below the loudest moment is a pause
    gain = np.float32(10 ** (LEVEL_DB / 20) / np.sqrt(active.mean()))
    return _bent((samples * gain).astype(np.float32))


def louder(pcm: bytes, decibels: float) -> bytes:
    """The same, louder; peaks are bent, so that it is loud and not torn."""
    if decibels == 0:
        return pcm
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
    return _pcm(_bent((samples * 10 ** (decibels / 20)).astype(np.float32)))


def silence(seconds: float) -> bytes:
    """That much of nothing."""
    return bytes(2 * round(seconds * RATE))


def _bent(samples: Samples) -> Samples:
    over = np.maximum(np.abs(samples) - KNEE, 0)
    room = CEILING - KNEE
    bent: Samples = np.where(
        over > 0, np.sign(samples) * (KNEE + room * np.tanh(over / room)), samples
    ).astype(np.float32)
    return bent


def _pcm(samples: Samples) -> bytes:
    pcm: bytes = (samples * 32767).round().astype("<i2").tobytes()
    return pcm
