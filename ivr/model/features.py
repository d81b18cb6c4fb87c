"""What the network hears: 40 cepstra (MFCC) a hundredth of a second, as Vosk computes them.

Kaldi's recipe, for a whole recording at once: frame by frame, as kaldi-native-fbank hands them
out, the same numbers take six times as long, and every sentence of a training comes through here.
`python -m ivr.model.exporter --check` proves them against Vosk itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float32]
"""A row a frame, a column a mel band or cepstrum."""
Pcm = NDArray[np.int16]

RATE = 8000
BANDS = 40
SHIFT, LENGTH, SIZE = 80, 200, 256
"""Samples from frame to frame, in a frame, in its Fourier transform."""
LOWEST, HIGHEST = 20.0, 3700.0
"""Hertz."""
MFCC_CONF = f"""--sample-frequency={RATE}
--use-energy=false
--num-mel-bins={BANDS}
--num-ceps={BANDS}
--low-freq={LOWEST:g}
--high-freq={HIGHEST:g}
--dither=0
"""
"""conf/mfcc.conf of a model for Vosk."""

WINDOW_FRAMES, PRIOR_FRAMES = 600, 200
"""Kaldi's: the moving mean is of so many frames back; at a call's begin the mean of all training
stands in for so many."""
QUIET = 50.0
"""A first cepstrum below it, of a noise some 73 dB below full scale, moves no mean."""

_FLOOR = np.float32(np.finfo(np.float32).eps)
_WINDOW = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(LENGTH) / (LENGTH - 1))) ** 0.85
_PREEMPHASIS = np.float32(0.97)


def mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """The scale of pitch as heard."""
    return 1127 * np.log1p(hertz / 700)


def from_mel(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hertz again."""
    return 700 * np.expm1(mels / 1127)


EDGES = np.linspace(mel(np.array(LOWEST)), mel(np.array(HIGHEST)), BANDS + 2)
"""Where the bands begin, are highest and end, in mel: band b at b, b + 1, b + 2."""


def _filters() -> Frames:
    """(bins, bands): triangles over the mel scale."""
    bins = mel(np.arange(SIZE // 2) * RATE / SIZE)[:, None]
    left, centre, right = EDGES[:-2], EDGES[1:-1], EDGES[2:]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    return np.maximum(np.minimum(rising, falling), 0).astype(np.float32)


def _cosines() -> NDArray[np.float64]:
    """(cepstra, bands): the orthonormal cosine transform, and Kaldi's lifter of 22."""
    number, band = np.arange(BANDS)[:, None], np.arange(BANDS)[None, :]
    cosine: NDArray[np.float64] = np.sqrt(2 / BANDS) * np.cos(np.pi / BANDS * (band + 0.5) * number)
    cosine[0] /= np.sqrt(2)
    cosine *= 1 + 11 * np.sin(np.pi * number / 22)
    return cosine


_FILTERS = _filters()
_COSINES = _cosines().astype(np.float32)


def log_mel(samples: Pcm) -> Frames:
    """(frames, BANDS), the logarithm of each band's energy. No frame for less than LENGTH."""
    if len(samples) < LENGTH:
        return np.zeros((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float32), LENGTH)[::SHIFT]
    frames = frames - frames.mean(1, keepdims=True)
    sharp = frames.copy()
    sharp[:, 1:] -= _PREEMPHASIS * frames[:, :-1]
    sharp[:, 0] *= 1 - _PREEMPHASIS
    spectrum = np.fft.rfft(sharp * _WINDOW.astype(np.float32), SIZE)[:, : SIZE // 2]
    energies = (np.square(spectrum.real) + np.square(spectrum.imag)) @ _FILTERS
    return np.log(np.maximum(energies, _FLOOR))


def cepstra(bands: Frames) -> Frames:
    """(frames, BANDS) of log-mel to as many cepstra: nothing is lost."""
    return bands @ _COSINES.T


def mfcc(samples: Pcm) -> Frames:
    """What Vosk computes with MFCC_CONF."""
    return cepstra(log_mel(samples))


def less_moving_mean(frames: Frames, usual: Frames) -> Frames:
    """The frames less the mean of what was heard up to each, as Vosk does where a model brings
    am/global_cmvn.stats: of the last WINDOW_FRAMES, `usual` (a mean of BANDS) standing in for up
    to PRIOR_FRAMES that are missing.

    A frame too quiet for QUIET takes the mean of the last loud one, and with every quiet frame in
    a row more of `usual`, as Vosk's edition of Kaldi does (not Kaldi itself).
    """
    now = np.arange(len(frames))
    loud = np.maximum.accumulate(np.where(frames[:, 0] > QUIET, now, -1))
    summed = np.cumsum(np.vstack([np.zeros(BANDS), frames]), axis=0, dtype=np.float64)
    begun = np.maximum(loud + 1 - WINDOW_FRAMES, 0)
    count = (loud + 1 - begun)[:, None]
    missing = np.minimum((now - loud + 1)[:, None] * PRIOR_FRAMES, WINDOW_FRAMES - count)
    means = (summed[loud + 1] - summed[begun] + missing * usual) / (count + missing)
    moved: Frames = (frames - means).astype(np.float32)
    return moved
