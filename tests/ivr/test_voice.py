"""The voice, as far as a machine can hear it."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import structlog

from ivr.ring_back import NEWS
from ivr.voice import RATE, USUAL_SPEED, Voice, VoiceError
from ivr.voice import speaking as speaking_module
from ivr.voice.engine import Samples
from ivr.voice.kept import UNUSED_S, Kept
from ivr.voice.prompts import speak_all
from ivr.voice.reading import pause_after, read
from ivr.voice.sound import LEVEL_DB, louder, silence, telephone
from nlu.prompts import fixed_speech, say


class Humming:
    """An engine that hums a tone a character, and keeps what it was asked."""

    def __init__(self, name: str = "humming", cannot: str = "") -> None:
        self.name, self._cannot = name, cannot
        self.asked: list[tuple[str, float]] = []

    def speak(self, text: str, speed: float) -> tuple[Samples, int]:
        self.asked.append((text, speed))
        if self._cannot and self._cannot in text:
            raise ValueError(text)
        beats = np.arange(int(1600 * len(text) / speed)) / 16000
        return (0.05 * np.sin(2 * np.pi * 440 * beats)).astype(np.float32), 16000


def heard(pcm: bytes) -> np.ndarray[tuple[int], np.dtype[np.int_]]:
    return np.frombuffer(pcm, "<i2").astype(int)


def seconds(pcm: bytes) -> float:
    return len(pcm) / (2 * RATE)


@pytest.mark.parametrize("prompt", ["line.greeting", *NEWS.values()])
def test_every_sentence_is_spoken_slowly_and_not_too_loud(prompt: str, tmp_path: Path) -> None:
    text = say(prompt).speech
    voice = Voice(tmp_path)
    pcm = voice.say(text)
    pauses_s = sum(map(pause_after, voice.clauses(text)))
    syllables = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
    assert 2.5 < syllables / (seconds(pcm) - pauses_s) < 5.5
    assert np.sqrt((heard(pcm) ** 2).mean()) > 1000
    assert 10000 < np.abs(heard(pcm)).max() < 32767


def test_the_second_time_comes_from_the_folder_byte_for_byte(tmp_path: Path) -> None:
    voice = Voice(tmp_path / "voice")
    first = voice.say("您好")
    (kept,) = (tmp_path / "voice").iterdir()
    assert kept.read_bytes() == first
    assert voice.say("您好") == first
    kept.write_bytes(b"\1\0" * 8)
    assert voice.say("您好") == b"\1\0" * 8, "it is the folder that speaks"
    assert voice.say("再见") != first


@pytest.mark.parametrize("half", [b"", b"\1\0\1"])
def test_what_a_power_cut_left_of_a_sentence_is_made_anew(tmp_path: Path, half: bytes) -> None:
    voice = Voice(tmp_path, [Humming()])
    whole = voice.say("您好")
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(half)
    assert voice.say("您好") == whole


def test_a_folder_that_takes_nothing_does_not_silence_the_line(tmp_path: Path) -> None:
    (tmp_path / "voice").write_text("a file where the folder should be")
    assert Voice(tmp_path / "voice").say("您好")


def test_the_first_clause_is_heard_before_the_others_are_made(tmp_path: Path) -> None:
    engine = Humming()
    stream = Voice(tmp_path, [engine]).stream("订好了。明天中午给您送午餐,一共十二块五,您看行吗?")
    next(stream)
    assert [text for text, _ in engine.asked] == ["订好了。"]
    rest = list(stream)
    assert len(engine.asked) == 1 + len(rest) > 2


def test_clause_by_clause_is_the_whole_with_a_pause_behind_each_mark(tmp_path: Path) -> None:
    voice = Voice(tmp_path, [Humming()])
    text = "订好了。明天中午给您送午餐，一共十二块五，您自付八块，行吗？"
    clauses = voice.clauses(text)
    assert len(clauses) > 2
    assert b"".join(voice.say(clause) for clause in clauses) == voice.say(text)
    for clause in clauses:
        assert voice.say(clause).endswith(silence(pause_after(clause)))


def test_slower_on_request_and_louder_without_tearing(tmp_path: Path) -> None:
    voice = Voice(tmp_path, [Humming()])
    usual, slow = voice.say("您好。"), voice.say("您好。", 0.6)
    assert seconds(slow) / seconds(usual) == pytest.approx(USUAL_SPEED / 0.6, rel=0.1)
    loud = voice.say("您好。", loud=10)
    assert len(loud) == len(usual)
    rms = [np.sqrt((heard(pcm)[:1000] ** 2).mean()) for pcm in (usual, loud)]
    assert rms[1] > 2 * rms[0]
    assert np.abs(heard(loud)).max() < 32767


def test_a_character_that_one_voice_lacks_is_said_by_another(tmp_path: Path) -> None:
    first, second = Humming("first", cannot="䶮"), Humming("second")
    with structlog.testing.capture_logs() as logs:
        assert Voice(tmp_path, [first, second]).say("您好。陈䶮，您好吗？")
    assert [text for text, _ in second.asked] == ["陈䶮，您好吗？"]
    assert logs[0]["event"] == "voice_failed"
    assert "䶮" not in str(logs), "a name is nothing for a log"


def test_with_every_engine_broken_the_caller_of_the_voice_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking_module, "Espeak", lambda: Humming("also broken", cannot="好"))
    with pytest.raises(VoiceError):
        Voice(tmp_path, [Humming(cannot="好")]).say("您好")


@pytest.mark.parametrize("text", ["", "😊", "……", "\n"])
def test_nothing_to_say_is_silence_and_no_error(text: str, tmp_path: Path) -> None:
    voice = Voice(tmp_path)
    assert voice.clauses(text) == []
    assert voice.say(text) == b""


def test_two_calls_that_say_the_same_at_once_hear_the_same(tmp_path: Path) -> None:
    voice = Voice(tmp_path)
    texts = ["您好，这里是银铃。", "再见。"] * 6
    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(voice.say, texts))
    for pcm, text in zip(said, texts, strict=True):  # espeak-ng never says it quite the same
        assert seconds(pcm) == pytest.approx(seconds(voice.say(text)), rel=0.05)
    assert len(list(tmp_path.iterdir())) == 2
    assert {path.suffix for path in tmp_path.iterdir()} == {".pcm"}


@pytest.mark.parametrize("loudness", [0.001, 0.05, 0.9])
def test_quiet_voices_and_loud_ones_reach_the_caller_alike(loudness: float) -> None:
    beats = np.arange(24000) / 24000
    tone = (loudness * np.sin(2 * np.pi * 300 * beats)).astype(np.float32)
    pcm = telephone(np.concatenate([np.zeros(12000, np.float32), tone]), 24000)
    assert seconds(pcm) == pytest.approx(1.02, abs=0.03), "the silence before it is gone"
    rms = np.sqrt((heard(pcm) ** 2).mean()) / 32768
    assert 20 * np.log10(rms) == pytest.approx(LEVEL_DB, abs=1)
    assert telephone(np.zeros(100, np.float32), 24000) == b""
    assert louder(pcm, 0) is pcm


def test_what_nobody_says_any_more_leaves_the_disk(tmp_path: Path) -> None:
    kept, now = Kept(tmp_path), time.time()
    for name, age_s in (("old", UNUSED_S + 60), ("older", UNUSED_S + 90), ("new", 60.0)):
        kept.put(name, b"\0\0" * 500)
        os.utime(kept._path(name), (now - age_s, now - age_s))
    (tmp_path / "torn.part").write_bytes(b"\0")
    os.utime(tmp_path / "torn.part", (now - UNUSED_S - 5,) * 2)
    assert kept.get("old"), "said once more: it stays"
    assert kept.tidy(now) == 2
    assert kept.get("older") is None
    assert kept.get("old")
    os.utime(kept._path("new"), (now - 60, now - 60))
    assert kept.tidy(now, most_bytes=1500) == 1
    assert kept.get("new") is None, "the longest unused goes first"


def test_set_up_speaks_every_prompt_that_takes_no_facts(tmp_path: Path) -> None:
    engine = Humming()
    voice = Voice(tmp_path, [engine])
    prompts = fixed_speech()
    count, length_s = speak_all(voice)
    assert count == len(prompts) > 50
    assert length_s > 100
    assert {"line.greeting", "line.goodbye"} <= set(prompts)
    assert "notice.offer" not in prompts, "its sound depends on the job"
    engine.asked.clear()
    for prompt in NEWS.values():
        assert voice.say(say(prompt).speech)
    assert engine.asked == [], "nothing is made while a caller waits"
    assert read(prompts["line.greeting"]) in "".join(voice.clauses(prompts["line.greeting"]))
