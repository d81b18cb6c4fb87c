"""A browser's microphone, brought to what a telephone carries."""

import numpy as np
import pytest

from nlu.errors import UnreadableSound
from ops.trying.sounds import LONGEST_S, Microphone, narrowed
from tests.ivr.loopback import seconds_of

RATE = 48_000


def sung(hertz: int, seconds: float) -> bytes:
    at = np.arange(int(RATE * seconds)) / RATE
    return bytes((8000 * np.sin(2 * np.pi * hertz * at)).astype("<i2").tobytes())


def test_a_recording_keeps_its_length_and_its_tone() -> None:
    pcm = narrowed(sung(600, 1.5), RATE).tobytes()
    assert len(pcm) == 2 * 8000 * 1.5
    assert seconds_of(600, pcm) == pytest.approx(1.5, abs=0.1)


def test_what_a_telephone_does_not_carry_is_gone() -> None:
    assert seconds_of(1000, narrowed(sung(7000, 1.0), RATE).tobytes()) == 0


def test_pieces_of_an_open_microphone_make_one_sound() -> None:
    whole, microphone = sung(600, 2.0), Microphone(RATE)
    step = 2 * RATE // 10
    pcm = b"".join(microphone.piece(whole[at : at + step]) for at in range(0, len(whole), step))
    # No seam: at each a click would be another frame of another tone.
    assert seconds_of(600, pcm) > 1.8


@pytest.mark.parametrize(
    ("sound", "rate"),
    [(b"", RATE), (b"\0", RATE), (b"\0\0", 0), (b"\0\0", 10**9), (b"\0\0", -8000)],
)
def test_what_is_no_sound_is_refused(sound: bytes, rate: int) -> None:
    with pytest.raises(UnreadableSound):
        narrowed(sound, rate)


def test_a_minute_is_enough() -> None:
    with pytest.raises(UnreadableSound):
        narrowed(bytes(2 * int(8000 * (LONGEST_S + 2))), 8000)
