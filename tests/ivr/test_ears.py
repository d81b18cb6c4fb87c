"""The ears: what they take for a model, and what they make of a call's sound."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ivr.ears import (
    LINE_RATE,
    SHIPPED,
    STRAY,
    SUMS,
    BadModel,
    Ears,
    Hearing,
    ModelFolder,
    check_sums,
    look_at,
)
from ivr.model.folder import write_sums
from ivr.model.telephone import PACKET, Pcm
from nlu.dialogue.turns import Alternative
from ops.bench.asr.hearing import hear
from ops.bench.asr.spoken import CLEAN, Material

LAID_OUT = {
    "am/final.mdl": "weights",
    "conf/mfcc.conf": "--sample-frequency=8000\n",
    "graph/HCLr.fst": "a",
    "graph/Gr.fst": "b",
    "graph/words.txt": "<eps> 0\n",
}


def folder_of(place: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(content, encoding="utf-8")
    return place


def without(*names: str) -> dict[str, str]:
    return {name: content for name, content in LAID_OUT.items() if name not in names}


def said(recorded: Material, text: str) -> Pcm:
    """A recording of these words, as a quiet line carries it."""
    spoken = (*recorded.sentences, *recorded.deciding)
    return CLEAN.of(next(one for one in spoken if one.text == text))


def test_a_model_laid_out_in_folders_takes_lists_of_phrases(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, LAID_OUT)
    assert look_at(folder) == ModelFolder(folder, 8000, takes_phrases=True)


def test_a_model_laid_out_side_by_side_with_a_whole_graph_takes_none(tmp_path: Path) -> None:
    names = ("final.mdl", "HCLG.fst", "words.txt")
    folder = folder_of(tmp_path, {**dict.fromkeys(names, "a"), "mfcc.conf": "--num-ceps=40\n"})
    assert look_at(folder) == ModelFolder(folder, 16000, takes_phrases=False), "Kaldi's own rate"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (without("am/final.mdl"), r"no Vosk model: it has no am/final\.mdl"),
        (LAID_OUT | {"am/final.mdl": ""}, r"am/final\.mdl is empty"),
        (without("conf/mfcc.conf"), r"has no conf/mfcc\.conf"),
        (without("graph/Gr.fst"), "has no graph"),
        (without("graph/HCLr.fst"), "has no graph"),
        (without("graph/words.txt"), r"has no graph/words\.txt"),
    ],
)
def test_what_is_missing_of_a_model_is_named(
    files: dict[str, str], says: str, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path, files)
    with pytest.raises(BadModel, match=says):
        look_at(folder)
    with pytest.raises(BadModel, match=says):
        Ears(folder)


def test_a_folder_that_is_not_there_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match="is no folder"):
        look_at(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(BadModel, match="is no folder"):
        look_at(tmp_path / "file")


@pytest.mark.parametrize(
    ("conf", "rate"),
    [
        ("--sample-frequency=16000.0  # samples\n", 16000),
        ("# --sample-frequency=44100\n--sample-frequency=8000\n", 8000),
        ("--use-energy=false\n", 16000),
    ],
)
def test_the_rate_is_read_as_kaldi_reads_it(conf: str, rate: int, tmp_path: Path) -> None:
    assert look_at(folder_of(tmp_path, LAID_OUT | {"conf/mfcc.conf": conf})).rate == rate


@pytest.mark.parametrize(
    ("rate", "says"),
    [
        ("4000", "4000 samples a second; a call has 8000"),
        ("96000", "96000 samples a second"),
        ("fast", "'fast' is no rate"),
        ("", "'' is no rate"),
    ],
)
def test_a_rate_that_no_call_can_be_stretched_to_is_refused(
    rate: str, says: str, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path, LAID_OUT | {"conf/mfcc.conf": f"--sample-frequency={rate}\n"})
    with pytest.raises(BadModel, match=says):
        look_at(folder)


def test_a_folder_with_its_checksums_is_compared_with_them(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, LAID_OUT)
    check_sums(folder)  # a foreign model has none
    write_sums(folder)
    check_sums(folder)
    (folder / "graph" / "words.txt").write_text("<eps> 1\n")
    with pytest.raises(BadModel, match=r"words\.txt is damaged"):
        check_sums(folder)
    (folder / "graph" / "words.txt").unlink()
    with pytest.raises(BadModel, match=r"lacks graph/words\.txt"):
        check_sums(folder)


def cut_short(weights: bytes) -> bytes:
    return weights[: len(weights) // 2]


def foreign(weights: bytes) -> bytes:
    return np.random.default_rng(1).bytes(len(weights))


def no_numbers(weights: bytes) -> bytes:
    """Every matrix reaches from its least number to NaN; the file is read without complaint."""
    first, *matrices = weights.split(b"CM2 ")
    nan = np.float32(np.nan).tobytes()
    return b"CM2 ".join([first, *(one[:4] + nan + one[8:] for one in matrices)])


@pytest.mark.parametrize("damage", [cut_short, foreign, no_numbers])
def test_a_damaged_model_is_refused_and_ends_no_process_of_ours(
    damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    weights = copy_of_ours(tmp_path) / "am" / "final.mdl"
    weights.write_bytes(damage(weights.read_bytes()))
    with pytest.raises(BadModel, match="damaged or foreign"):
        Ears(tmp_path / "model")


@pytest.mark.parametrize("name", ["graph/HCLr.fst", "graph/Gr.fst"])
def test_a_damaged_graph_is_refused(name: str, tmp_path: Path) -> None:
    graph = copy_of_ours(tmp_path) / name
    graph.write_bytes(cut_short(graph.read_bytes()))
    with pytest.raises(BadModel, match="damaged or foreign"):
        Ears(tmp_path / "model")


def copy_of_ours(place: Path) -> Path:
    """Without checksums, as a foreign model comes."""
    folder = place / "model"
    shutil.copytree(SHIPPED, folder)
    (folder / SUMS).unlink()
    return folder


def test_phrases_are_spelled_by_the_longest_words_there_are(ears: Ears) -> None:
    assert ears.knows("血压") and ears.knows("豆")
    assert not ears.knows("豆血压") and not ears.knows("bus")
    assert ears.spelled("量血压") == ["量血压"]
    assert ears.spelled("豆血压 豆") == ["豆", "血压", "豆"]
    assert ears.spelled("坐bus去") is None
    assert ears.spelled("") == []


def test_an_answer_is_heard_freely_and_in_a_list(ears: Ears, recorded: Material) -> None:
    pcm = said(recorded, "中午十二点")
    assert hear(ears, pcm).text == "中午十二点"
    assert hear(ears, pcm, ["上午十点", "中午十二点", "中午"]).text == "中午十二点"


def test_words_are_there_while_somebody_still_speaks(ears: Ears, recorded: Material) -> None:
    hearing = ears.listen()
    for start in range(0, len(pcm := said(recorded, "中午十二点")), PACKET):
        hearing.take(pcm[start : start + PACKET].tobytes())
        if hearing.so_far():
            break
    assert "中午十二点".startswith(hearing.so_far()[:1])
    assert start < len(pcm) * 0.9


def test_beside_the_phrases_only_a_mark_is_heard(ears: Ears, recorded: Material) -> None:
    first = ears.listen(["十二点"])
    first.take(said(recorded, "中午十二点").tobytes())
    assert first.last()[0].text == f"{STRAY}十二点"
    for one in hear(ears, said(recorded, "今天有什么菜"), ["菜", "今天"]).hearings:
        assert set(one.text) <= {*"菜今天", STRAY}
        assert STRAY * 2 not in one.text
        assert one.text != STRAY


def test_a_phrase_that_cannot_be_spelled_keeps_no_other_from_being_heard(
    ears: Ears, recorded: Material
) -> None:
    pcm = said(recorded, "白切鸡")
    assert hear(ears, pcm, ["ABC", "白切鸡"]).text == "白切鸡"
    assert hear(ears, pcm, ["ABC"]).text == ""
    assert hear(ears, pcm, []).text == ""


def test_where_figures_are_listed_any_may_follow_any(
    ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[list[str]] = []
    real = ears._vosk.KaldiRecognizer

    def taken_down(model: object, rate: int, phrases: str) -> object:
        listed.append(json.loads(phrases))
        return real(model, rate, phrases)

    monkeypatch.setattr(ears._vosk, "KaldiRecognizer", taken_down)
    figures = "零一二三四五六七八九幺"
    ears.listen([*figures, "救命"])
    ears.listen(["一", "二", "救命"])
    of_code, of_count = listed
    assert of_code[:12] == [*figures, "救命"]
    rows = [one.split() for one in of_code if " " in one]
    follow = {pair for row in rows for pair in zip(row, row[1:], strict=False)}
    assert follow == {(one, two) for one in figures for two in figures}
    assert of_count == ["一", "二", "救命", "[unk]"]


def test_a_model_that_takes_no_phrases_hears_everything(
    ears: Ears, recorded: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "folder", replace(ears.folder, takes_phrases=False))
    assert hear(ears, said(recorded, "白切鸡"), ["午餐"]).text == "白切鸡"


def test_the_hearings_of_an_utterance_share_its_trust(ears: Ears, recorded: Material) -> None:
    several = 0
    for spoken in recorded.sentences:
        hearing = ears.listen(alternatives=4)
        hearing.take(CLEAN.of(spoken).tobytes())
        found = hearing.last()
        trust = [one.confidence for one in found]
        assert sum(trust) == pytest.approx(1)
        assert trust == sorted(trust, reverse=True)
        assert len({one.text for one in found}) == len(found) <= 4
        several += len(found) > 1
    assert several


class Answers:
    """A recogniser that answers what it is told to, and keeps the sound that it gets."""

    def __init__(self, *alternatives: tuple[str, float]) -> None:
        self.got = b""
        found = [{"text": text, "confidence": likely} for text, likely in alternatives]
        self._answer = json.dumps({"alternatives": found})

    def AcceptWaveform(self, pcm: bytes) -> bool:  # noqa: N802 - Vosk's name
        self.got += pcm
        return False

    def FinalResult(self) -> str:  # noqa: N802 - Vosk's name
        return self._answer


def test_likelihoods_become_shares_and_equal_words_count_once() -> None:
    answers = Answers(("我 要", 200.0), ("[unk] [unk]", 199.0), ("我要", 190.0), ("要", 200.0))
    found = Hearing(answers, LINE_RATE).last()
    assert found == [Alternative("我要", 0.5), Alternative("要", 0.5)]


def test_a_model_of_another_rate_gets_the_calls_sound_stretched() -> None:
    answers = Answers()
    hearing = Hearing(answers, 16000)
    seconds = np.arange(LINE_RATE) / LINE_RATE
    tone = (8000 * np.sin(2 * np.pi * 1000 * seconds)).astype("<i2")
    for start in range(0, len(tone), PACKET):
        hearing.take(tone[start : start + PACKET].tobytes())
    got = np.frombuffer(answers.got, "<i2")[2000:]
    assert 0.8 * 2 * len(tone) < len(got) + 2000 <= 2 * len(tone)
    loudest = np.abs(np.fft.rfft(got)).argmax() * 16000 / len(got)
    assert loudest == pytest.approx(1000, abs=2)


def test_stretched_sound_is_heard(recorded: Material, tmp_path: Path) -> None:
    conf = copy_of_ours(tmp_path) / "conf" / "mfcc.conf"
    conf.write_text(conf.read_text().replace("=8000", "=16000"))
    stretched = Ears(tmp_path / "model")
    assert stretched.folder.rate == 16000
    phrases = ["白切鸡", "午餐", "中午十二点", "打扫卫生"]
    heard = [hear(stretched, said(recorded, one), phrases).text for one in phrases]
    assert heard == phrases


def silence(seconds: int) -> Pcm:
    return np.zeros(seconds * LINE_RATE, np.int16)


def hiss(seconds: int, loud: float) -> Pcm:
    dice = np.random.default_rng(0)
    return (dice.normal(size=seconds * LINE_RATE) * loud).clip(-32768, 32767).astype(np.int16)


@pytest.mark.parametrize(
    "pcm", [silence(10), hiss(60, 1000), hiss(10, 30)], ids=["silence", "a minute", "a quiet line"]
)
def test_nobody_speaking_says_nothing(pcm: Pcm, ears: Ears) -> None:
    # At the most a sound of thinking, which nobody is answered for.
    assert {one.text for one in hear(ears, pcm).hearings} <= {"呃"}
    assert hear(ears, pcm, ["是", "不是", "救命"]).hearings == ()


def test_no_sound_at_all_is_nothing_said(ears: Ears) -> None:
    hearing = ears.listen()
    assert not hearing.take(b"")
    assert (hearing.so_far(), hearing.said(), hearing.last()) == ("", [], [])


def test_a_shout_that_is_cut_off_at_full_scale_ends_nothing(ears: Ears, recorded: Material) -> None:
    shouted = said(recorded, "救命").astype(np.int32) * 100
    hear(ears, shouted.clip(-32768, 32767).astype(np.int16))
    square = np.tile(np.repeat([-32768, 32767], 8), LINE_RATE // 4).astype(np.int16)
    hear(ears, square)
    assert hear(ears, said(recorded, "救命")).text.startswith("救命")
