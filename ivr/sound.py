"""Recorded sound of any usual kind, brought to what a telephone carries. Nothing else knows PyAV.

What it is, is told by its first bytes and never guessed by the decoder's own probing: some of the
kinds that FFmpeg knows are lists of other files, which it would go and open.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import av
import numpy as np

from ivr.level import Pcm
from nlu.errors import UnreadableSound

RATE = 8000
"""Samples a second of what is given back, 16 bit, one channel."""
LONGEST_S = 60.0
"""WeChat's own limit for a voice message; more is hardly something to be understood at once."""
LARGEST = 2 * 1024 * 1024
"""Bytes: a minute of uncompressed 16 kHz."""
_GRACE_S = 1.0
"""Encoders fill up their last frame; a minute to the dot may be a bit more."""
_WIDE_RATE = 16_000
_LONGEST_BLOCK = 127
"""Bytes of one Speex block: a frame at the highest quality has 106."""


@dataclass(frozen=True)
class _Kind:
    """A kind of recording: how it begins, and FFmpeg's name for it."""

    begins: Callable[[bytes], bool]
    format: str


def _magic(*words: bytes) -> Callable[[bytes], bool]:
    return lambda sound: sound.startswith(words)


def _is_wav(sound: bytes) -> bool:
    return sound[:4] == b"RIFF" and sound[8:12] == b"WAVE"


def _is_mp3(sound: bytes) -> bool:
    """An ID3 tag, or MPEG's eleven bits and layer III at once."""
    if sound[:3] == b"ID3":
        return True
    return len(sound) > 1 and sound[0] == 0xFF and sound[1] & 0xE6 == 0xE2


_KINDS = (
    # RFC 4867 section 5.1: narrow and wide band, one channel each.
    _Kind(_magic(b"#!AMR\n", b"#!AMR-WB\n"), "amr"),
    _Kind(_is_wav, "wav"),
    _Kind(_magic(b"OggS"), "ogg"),
    _Kind(_is_mp3, "mp3"),
)


def decoded(sound: bytes, longest_s: float = LONGEST_S) -> Pcm:
    """The sound as samples of RATE: AMR, AMR-WB, wav, mp3, Ogg (Opus, Speex, Vorbis), and Speex as
    WeChat gives it (`audio/x-speex-with-header-byte`, 16 kHz).

    Raises UnreadableSound: empty, more than LARGEST bytes, longer than `longest_s`, damaged, or of
    another kind.
    """
    if not sound:
        raise UnreadableSound("there is no sound in it")
    if len(sound) > LARGEST:
        raise UnreadableSound(f"{len(sound)} bytes; at most {LARGEST} are listened to")
    heard: list[Pcm] = []
    count = 0
    most = int((longest_s + _GRACE_S) * RATE)
    try:
        for piece in _resampled(_frames(sound)):
            heard.append(piece)
            count += len(piece)
            if count > most:  # a few bytes may hold hours
                raise UnreadableSound(f"it is longer than {longest_s:.0f} seconds")
    except (av.FFmpegError, ValueError) as error:
        if not count:
            raise UnreadableSound(f"it is damaged ({type(error).__name__})") from error
    if not count:
        raise UnreadableSound("there is no sound in it")
    return np.concatenate(heard)


def _frames(sound: bytes) -> Iterator[av.AudioFrame]:
    kind = next((one.format for one in _KINDS if one.begins(sound)), None)
    if kind is not None:
        with av.open(io.BytesIO(sound), "r", format=kind) as opened:
            if not opened.streams.audio:
                raise UnreadableSound("there is no sound in it")
            yield from opened.decode(opened.streams.audio[0])
        return
    blocks = _speex_blocks(sound)
    if blocks is None:
        raise UnreadableSound("it is none of AMR, Speex, wav, mp3 and Ogg")
    speex = av.CodecContext.create("speex", "r")
    assert isinstance(speex, av.AudioCodecContext)
    speex.sample_rate, speex.layout = _WIDE_RATE, "mono"
    for block in blocks:
        yield from speex.decode(av.Packet(block))


def _resampled(frames: Iterator[av.AudioFrame]) -> Iterator[Pcm]:
    to_line = av.AudioResampler("s16", "mono", RATE)
    for frame in frames:
        yield from (one.to_ndarray()[0] for one in to_line.resample(frame))
    yield from (one.to_ndarray()[0] for one in to_line.resample(None))


def _speex_blocks(sound: bytes) -> list[bytes] | None:
    """The frames of RFC 5574 behind a byte each that gives their length, and nothing else: the
    kind has no mark to begin with. None: it is not that."""
    blocks, at = [], 0
    while at < len(sound):
        size = sound[at]
        if not 0 < size <= _LONGEST_BLOCK or at + 1 + size > len(sound):
            return None
        blocks.append(sound[at + 1 : at + 1 + size])
        at += 1 + size
    return blocks
