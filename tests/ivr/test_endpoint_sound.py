"""A call's sound against a stack on paper."""

from __future__ import annotations

from dataclasses import dataclass, field

from baresip import AudioInfo
from baresip.errors import AudioNotActive

from ivr.sip.sound import AHEAD, FRAME, STUCK_S, UNHEARD, Sound


@dataclass
class PaperRing:
    """baresip's two rings; empties the speaking one at its own beat, also after flush_tx."""

    spoken: bytearray = field(default_factory=bytearray)
    waiting: bytearray = field(default_factory=bytearray)
    came: bytes = b""
    active: bool = True
    flushing: bool = False

    def info(self) -> AudioInfo:
        if not self.active:
            raise AudioNotActive
        return AudioInfo(True, True, 8000, 1, 20, 8000, 1, len(self.waiting), 0, 32000, 32000)

    def read(self, max_bytes: int) -> bytes:
        if not self.active:
            raise AudioNotActive
        read, self.came = self.came[:max_bytes], self.came[max_bytes:]
        return read

    def write(self, pcm: bytes) -> int:
        self.waiting += pcm
        return len(pcm)

    def flush_tx(self) -> None:
        self.flushing = True

    def beat(self) -> None:
        if self.flushing:
            self.waiting.clear()
            self.flushing = False
        self.spoken += self.waiting[:FRAME]
        del self.waiting[:FRAME]


def test_what_is_said_after_falling_silent_is_not_thrown_away_with_the_rest() -> None:
    ring = PaperRing()
    sound = Sound(ring)
    sound.say(b"a" * 20_000)
    sound.move()
    assert len(ring.waiting) == AHEAD, "little lies where it is hard to get back"
    assert sound.hush() == 20_000
    sound.say(b"b" * FRAME)
    sound.move()  # the stack has not emptied its ring yet
    ring.beat()
    sound.move()
    ring.beat()
    assert ring.spoken == b"b" * FRAME
    sound.move()
    assert sound.queued == 0


def test_words_wait_for_the_media_and_a_phone_on_hold_is_found_out() -> None:
    now = [0.0]
    ring = PaperRing(active=False)
    sound = Sound(ring, lambda: now[0])
    sound.say(b"a" * FRAME)
    sound.move()
    now[0] = STUCK_S - 1
    assert (sound.queued, sound.stuck) == (FRAME, False)
    ring.active = True
    sound.move()
    ring.beat()
    sound.move()
    assert (bytes(ring.spoken), sound.queued) == (b"a" * FRAME, 0)
    sound.say(b"b" * FRAME)
    sound.move()
    now[0] += STUCK_S + 1  # and the stack takes none of it
    sound.move()
    assert sound.stuck


def test_what_came_is_cut_into_frames_and_of_the_unheard_the_last_are_kept() -> None:
    ring = PaperRing(came=b"a" * 500)
    sound = Sound(ring)
    assert sound.move() == [b"a" * FRAME]
    ring.came = b"b" * (2 * FRAME - 180)
    assert sound.move() == [b"a" * 180 + b"b" * 140, b"b" * FRAME]
    ring.came = b"c" * FRAME * UNHEARD
    sound.move()
    assert set(sound.heard) == {b"c" * FRAME}
    assert len(sound.heard) == UNHEARD
