"""The voice, as far as a machine can hear it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ivr.line import NEWS
from ivr.voice import RATE, Voice
from nlu.prompts import say


@pytest.mark.parametrize("prompt", ["line.greeting", *NEWS.values()])
def test_every_sentence_is_spoken_slowly_and_not_too_loud(prompt: str, tmp_path: Path) -> None:
    text = say(prompt).speech
    samples = np.frombuffer(Voice(tmp_path).say(text), "<i2").astype(int)
    syllables = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
    assert 2.5 < syllables / (len(samples) / RATE) < 5
    assert np.sqrt((samples**2).mean()) > 1000
    assert 10000 < np.abs(samples).max() < 32767


def test_the_second_time_comes_from_the_folder_byte_for_byte(tmp_path: Path) -> None:
    voice = Voice(tmp_path / "voice")
    first = voice.say("您好")
    (kept,) = (tmp_path / "voice").iterdir()
    assert kept.read_bytes() == first
    assert voice.say("您好") == first
    kept.write_bytes(b"\1\0" * 8)
    assert voice.say("您好") == b"\1\0" * 8, "it is the folder that speaks"
    assert voice.say("再见") != first


def test_a_folder_that_takes_nothing_does_not_silence_the_line(tmp_path: Path) -> None:
    (tmp_path / "voice").write_text("a file where the folder should be")
    assert Voice(tmp_path / "voice").say("您好")
