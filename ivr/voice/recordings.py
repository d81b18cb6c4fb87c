"""Prompts that a person has spoken: PROMPT_ID.wav in a folder, for prompts that take no facts."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import structlog

from ivr.voice.engine import Samples
from ivr.voice.sound import RATE, telephone

LONGEST_S = 60.0

log = structlog.get_logger()


class BadRecording(ValueError):
    """A file that cannot be used, and why."""


def recorded(folder: Path, prompts: Mapping[str, str]) -> dict[str, bytes]:
    """Text to PCM for every recording; `prompts` is what is heard of each prompt, by its id.

    A file that cannot be used is logged and left out: a voice speaks that prompt then.
    """
    found: dict[str, bytes] = {}
    for path in sorted(folder.glob("*.wav")):
        try:
            if path.stem not in prompts:
                raise BadRecording(f"no prompt without facts is called {path.stem}")
            found[prompts[path.stem]] = telephone(*_samples(path))
        except (BadRecording, OSError) as error:
            log.warning("recording_not_used", file=path.name, error=str(error))
    return found


def _samples(path: Path) -> tuple[Samples, int]:
    try:
        with wave.open(str(path)) as file:
            channels, width, rate, frames, *_ = file.getparams()
            if width != 2 or frames > LONGEST_S * rate:
                raise BadRecording(f"a wav of 16 bit and at most {LONGEST_S:g} s is needed")
            sound = np.frombuffer(file.readframes(frames), "<i2")
    except (wave.Error, EOFError) as error:
        raise BadRecording(f"no plain wav file ({error})") from error
    heard = sound[: len(sound) // channels * channels].reshape(-1, channels).mean(axis=1)
    if not np.any(heard):
        raise BadRecording("nothing but silence")
    return (heard / 32768).astype(np.float32), rate


def paced(pcm: bytes, pace: float) -> bytes:
    """The same words at another pace (0.5 to 2), the voice as high as before."""
    if pace == 1:
        return pcm
    from av import AudioFrame
    from av.filter import Graph

    graph = Graph()
    beat = Fraction(1, RATE)
    source = graph.add_abuffer(sample_rate=RATE, format="s16", layout="mono", time_base=beat)
    stretch = graph.add("atempo", f"{min(max(pace, 0.5), 2):.3f}")
    sink = graph.add("abuffersink")
    source.link_to(stretch)
    stretch.link_to(sink)
    graph.configure()
    frame = AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2")[None, :], "s16", "mono")
    frame.sample_rate, frame.time_base, frame.pts = RATE, beat, 0
    graph.push(frame)
    graph.push(None)
    heard: list[bytes] = []
    while True:
        try:
            heard.append(graph.pull().to_ndarray().astype("<i2").tobytes())
        except (EOFError, BlockingIOError):
            return b"".join(heard)
