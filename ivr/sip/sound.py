"""A call's sound between us and the stack: what is still to be said, what was heard.

The stack keeps two rings of its own. Ours stands before the one that speaks, so that little
lies where it takes a request to get it back, and behind the one that hears, cut into frames.
Nothing here waits: `Sound.move` is called every 20 ms and does what can be done.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from baresip import AudioInfo
from baresip.errors import AudioNotActive, AudioRestarted

from ivr.voice import RATE

FRAME_S = 0.02
FRAME = int(FRAME_S * RATE) * 2
"""Bytes of 20 ms, what one packet of a telephone carries."""
AHEAD = int(0.4 * RATE) * 2
"""Bytes handed to the stack ahead of time: enough for a busy machine, little to take back."""
UNHEARD = 100
"""Frames kept for whoever listens; of two seconds that nobody fetched the oldest are dropped."""
STUCK_S = 10.0
"""A phone that takes no sound for so long (on hold, say) will not hear what is queued."""


def seconds(count: int) -> float:
    """How long so many bytes of PCM last."""
    return count / (2 * RATE)


class Ring(Protocol):
    """What the stack has for a call's sound: baresip's CallAudio."""

    def info(self) -> AudioInfo: ...
    def read(self, max_bytes: int) -> bytes: ...
    def write(self, pcm: bytes) -> int: ...
    def flush_tx(self) -> None: ...


class Sound:
    """One call's sound in both directions: 16 bit PCM of `voice.RATE`."""

    def __init__(self, ring: Ring, now: Callable[[], float] = time.monotonic) -> None:
        self._ring = ring
        self._now = now
        self._to_say = bytearray()
        self._handed = 0  # bytes in the stack's ring when we last looked
        self._emptying = False
        self._part = b""
        self._progress_at = now()
        self.heard: deque[bytes] = deque(maxlen=UNHEARD)

    def say(self, pcm: bytes) -> None:
        """Queue sound; returns at once."""
        if not self.queued:
            self._progress_at = self._now()
        self._to_say += pcm

    @property
    def queued(self) -> int:
        """Bytes still to be spoken."""
        return len(self._to_say) + (0 if self._emptying else self._handed)

    @property
    def stuck(self) -> bool:
        """Whether something is to be said and for `STUCK_S` none of it could be."""
        return self.queued > 0 and self._now() - self._progress_at > STUCK_S

    def hush(self) -> int:
        """Take back what was not spoken; its bytes. One frame more may still be heard."""
        left = len(self._to_say)
        self._to_say.clear()
        try:
            handed: int = self._ring.info().tx_buffered
            self._ring.flush_tx()
        except (AudioNotActive, AudioRestarted):
            self._handed = 0
            return left
        self._handed, self._emptying = handed, handed > 0
        return left + handed

    def move(self) -> list[bytes]:
        """Hand over what fits, fetch what came; the frames that came."""
        self._hand_over()
        try:
            came = self._part + self._ring.read(FRAME * UNHEARD)
        except (AudioNotActive, AudioRestarted):
            return []  # not there yet, or replaced: the next look finds it
        whole = len(came) // FRAME * FRAME
        self._part = came[whole:]
        frames = [came[at : at + FRAME] for at in range(0, whole, FRAME)]
        self.heard.extend(frames)
        return frames

    def _hand_over(self) -> None:
        if not (self._to_say or self._handed):
            return
        try:
            before, self._handed = self._handed, self._ring.info().tx_buffered
            # The stack empties its ring at its own next beat: what is written before is lost.
            self._emptying = self._emptying and self._handed > 0
            room = AHEAD - self._handed
            if self._to_say and room > 0 and not self._emptying:
                taken = self._ring.write(bytes(self._to_say[:room]))
                del self._to_say[:taken]
                self._handed += taken
                before += taken
            if self._handed < before:
                self._progress_at = self._now()
        except (AudioNotActive, AudioRestarted):
            self._handed, self._emptying = 0, False
