"""A person has spoken some of the prompts: she is heard instead of the machine."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
import structlog

from ivr.voice import RATE, USUAL_SPEED, Voice
from ivr.voice.opening import open_voice
from ivr.voice.recordings import paced, recorded
from ivr.voice.settings import VoiceSettings
from nlu.prompts import fixed_speech, say

GREETING = say("line.greeting").speech


def speak_into(path: Path, seconds: float = 1.5, channels: int = 1, rate: int = 16000) -> None:
    beats = np.arange(int(seconds * rate)) / rate
    tone = (8000 * np.sin(2 * np.pi * 500 * beats)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(tone, channels).tobytes())


def loudest_hz(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.abs(np.fft.rfft(samples)).argmax() * RATE / len(samples))


@pytest.mark.parametrize(("channels", "rate"), [(1, 8000), (1, 44100), (2, 48000)])
def test_her_greeting_is_heard_whole_and_the_rest_is_spoken(
    tmp_path: Path, channels: int, rate: int
) -> None:
    speak_into(tmp_path / "line.greeting.wav", channels=channels, rate=rate)
    voice = open_voice(tmp_path / "kept", VoiceSettings(voice="espeak", recordings=tmp_path))
    assert voice.clauses(GREETING) == [GREETING]
    (pcm,) = voice.stream(GREETING)
    assert loudest_hz(pcm) == pytest.approx(500, abs=5)
    assert len(voice.clauses(say("line.ring_back").speech)) > 1
    assert voice.say("再见。")


def test_slower_is_longer_and_no_deeper(tmp_path: Path) -> None:
    speak_into(tmp_path / "line.greeting.wav")
    voice = Voice(tmp_path / "kept", (), recorded(tmp_path, fixed_speech()))
    usual, slow = voice.say(GREETING), voice.say(GREETING, 0.6)
    pause = 0.45 * 2 * RATE
    longer = (len(slow) - pause * USUAL_SPEED / 0.6) / (len(usual) - pause)
    assert longer == pytest.approx(USUAL_SPEED / 0.6, rel=0.1)
    assert loudest_hz(slow) == pytest.approx(500, abs=15)
    assert paced(b"\1\0", 1) == b"\1\0"


def test_a_file_that_cannot_be_used_is_named_and_the_machine_speaks(tmp_path: Path) -> None:
    speak_into(tmp_path / "no.such.wav")
    speak_into(tmp_path / "line.goodbye.wav", seconds=70, rate=8000)
    (tmp_path / "line.greeting.wav").write_bytes(b"RIFF, but torn")
    (tmp_path / "line.alarm.wav").touch()
    with wave.open(str(tmp_path / "line.ring_back.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(8000))
    speak_into(tmp_path / "order.kept.wav")  # its sound depends on the order
    with structlog.testing.capture_logs() as logs:
        assert recorded(tmp_path, fixed_speech()) == {}
    named = {one["file"] for one in logs if one["event"] == "recording_not_used"}
    assert named == {path.name for path in tmp_path.iterdir()}
