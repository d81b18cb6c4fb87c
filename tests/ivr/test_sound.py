"""Recordings of all kinds, and what is refused."""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from ivr.sound import LARGEST, RATE, decoded
from nlu.errors import UnreadableSound
from tests.standin.wechat.amr import amr, silent_speex

Pcm = NDArray[np.int16]


def tone(hertz: int = 440, seconds: float = 1.0, rate: int = RATE) -> Pcm:
    at = np.arange(int(seconds * rate)) / rate
    return (8000 * np.sin(2 * np.pi * hertz * at)).astype("<i2")


def loudest(pcm: Pcm) -> float:
    """The loudest frequency, in hertz."""
    power = np.abs(np.fft.rfft(pcm.astype(float)))
    return float(power.argmax() * RATE / len(pcm))


def wav(pcm: Pcm, rate: int = RATE, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(np.repeat(pcm, channels).tobytes())
    return file.getvalue()


def encoded(pcm: Pcm, kind: str, codec: str, rate: int) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout = "mono"
        sound = av.AudioFrame.from_ndarray(pcm[None, :], format="s16", layout="mono")
        sound.sample_rate = rate
        fit = av.AudioResampler(stream.format, "mono", rate, stream.frame_size or None)
        for whole in (sound, None):
            for frame in fit.resample(whole):
                for packet in stream.encode(frame):
                    container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return file.getvalue()


@pytest.mark.parametrize(
    "recorded",
    [
        lambda: amr(tone()),
        lambda: wav(tone()),
        lambda: wav(tone(rate=16_000), 16_000, channels=2),
        lambda: encoded(tone(rate=16_000), "mp3", "libmp3lame", 16_000),
        lambda: encoded(tone(rate=48_000), "ogg", "libopus", 48_000),
    ],
    ids=["amr", "wav", "wav-16k-stereo", "mp3", "opus"],
)
def test_every_usual_kind_sounds_as_it_was_spoken(recorded: Callable[[], bytes]) -> None:
    pcm = decoded(recorded())
    assert pcm.dtype == np.int16
    assert len(pcm) / RATE == pytest.approx(1.0, abs=0.15)
    assert loudest(pcm) == pytest.approx(440, abs=5)
    assert 4000 < abs(pcm).max() < 12_000


def test_wechat_s_own_speex_is_read_without_a_header() -> None:
    assert len(decoded(silent_speex(2.0))) == 2 * RATE


def test_wide_amr_is_read() -> None:
    no_data = bytes([15 << 3 | 4])  # RFC 4867 table 3: a frame of 20 ms that carries nothing
    assert len(decoded(b"#!AMR-WB\n" + no_data * 50)) == pytest.approx(RATE, abs=40)


def test_what_breaks_off_in_the_middle_is_heard_up_to_there() -> None:
    whole = amr(tone())
    assert len(decoded(whole[: len(whole) // 2])) == pytest.approx(RATE / 2, abs=400)


@pytest.mark.parametrize(
    ("sound", "why"),
    [
        (b"", "no sound"),
        (b"#!AMR\n", "no sound"),
        (b"#!AMR\n" + bytes([0xFF]) * 40, "damaged|no sound"),
        (b"\xff\xd8\xff\xe0 a photo", "none of"),
        (b"\x02#!SILK_V3", "none of"),
        (b"RIFF\0\0\0\0WAVEbroken", "damaged"),
        (bytes(LARGEST + 1), "at most"),
    ],
)
def test_what_cannot_be_listened_to_says_why(sound: bytes, why: str) -> None:
    with pytest.raises(UnreadableSound, match=why):
        decoded(sound)


def test_a_list_of_other_files_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(wav(tone()))
    playlist = f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode()
    for listing in (playlist, f"ffconcat version 1.0\nfile {secret}\n".encode()):
        with pytest.raises(UnreadableSound, match="none of"):
            decoded(listing)


def test_an_hour_in_a_few_bytes_is_refused_before_it_is_unpacked() -> None:
    hour = silent_speex(3600)
    assert len(hour) < LARGEST
    with pytest.raises(UnreadableSound, match="longer than 60"):
        decoded(hour)


def test_a_minute_to_the_dot_is_heard() -> None:
    assert len(decoded(amr(tone(seconds=60.0)))) >= 60 * RATE


def test_a_wav_that_lies_about_its_length_is_heard_as_far_as_it_goes() -> None:
    lying = bytearray(wav(tone(seconds=0.5)))
    struct.pack_into("<I", lying, 40, 0x7FFF_FFFF)
    assert len(decoded(bytes(lying))) == pytest.approx(RATE / 2, abs=200)
