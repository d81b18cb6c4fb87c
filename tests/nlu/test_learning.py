"""Labels out and in: a file for those who label, checked line by line when it comes back."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.db.models import Misunderstanding
from backend.domain.learning import WhyKept
from nlu import rasa_server
from nlu.corpus.lines import faults, line_of
from nlu.learning import BadLabels, exported_line, read_labels, write_learned
from nlu.understand import make_gazetteer
from tests.nlu.saying import NOW
from tests.nlu.test_rasa_corpus import in_rasa

GAZETTEER = make_gazetteer()


def row(text: str, intent: str = "out_of_scope", **other: Any) -> Misunderstanding:
    """A kept sentence."""
    facts: dict[str, Any] = {
        "id": 7, "channel": "wechat", "confidence": 0.234, "expected": "", "alternatives": [],
        "why": WhyKept.MISSED, "said_at": NOW + timedelta(days=90), **other,
    }  # fmt: skip
    return Misunderstanding(text=text, intent=intent, **facts)


def written(folder: Path, *lines: Any) -> Path:
    """A file of labels."""
    path = folder / "labels.jsonl"
    texts = [
        line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines
    ]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def label(key: int = 7, state: str = "done", **fields: Any) -> dict[str, Any]:
    """A line as it comes back."""
    said = {"text": "我妈想吃饭", "intent": "order_meal", "services": [["meal.lunch", 1]], **fields}
    return {**said, "kept": {"id": key, "state": state}}


# ------------------------------------------------------------------ out


def test_a_line_is_a_line_of_the_corpus_with_todays_best_guess() -> None:
    """As if said at the corpus' own moment, whenever it really was."""
    line = exported_line(row("明天中午给{name}订两份午餐,要软一点", "order_meal"), GAZETTEER)
    assert line.pop("kept") == {
        "id": 7, "state": "open", "why": "missed", "confidence": 0.23, "alternatives": [],
    }  # fmt: skip
    guess = line_of(line)
    assert faults(guess) == []
    assert (guess.intent, guess.services) == ("order_meal", (("meal.lunch", 2),))
    assert (guess.date, guess.part, guess.diet) == (date(2026, 3, 5), "noon", ("soft",))
    assert guess.person == "{name}"


def test_slots_stay_slots_in_the_labels() -> None:
    line = exported_line(row("把订单号{code}改到后天,送到{street}", "change_order"), GAZETTEER)
    assert line["text"] == "把订单号{code}改到后天,送到{street}"
    assert line["order_ref"] == "订单号{code}"
    assert line["date"] == "2026-03-06"
    assert exported_line(row("{who}要洗澡", "order_home_help"), GAZETTEER)["person"] == "{who}"


def test_a_masked_day_is_no_date() -> None:
    assert "date" not in exported_line(row("{day}去医院", "order_escort"), GAZETTEER)


def test_what_helps_to_label_goes_along() -> None:
    kept = row("就那个日子", expected="order:date", channel="voice", alternatives=["就那个厘子"])
    line = exported_line(kept, GAZETTEER)
    assert (line["channel"], line["style"]) == ("voice", "recogniser")
    assert line["kept"]["expected"] == "order:date"
    assert line["kept"]["alternatives"] == ["就那个厘子"]


# ------------------------------------------------------------------ in


def test_only_what_somebody_looked_at_is_taken(tmp_path: Path) -> None:
    found = read_labels(
        written(tmp_path, label(1), label(2, "open"), "", label(3, "discard"), label(4, "open"))
    )
    assert found.labels == {
        1: {
            "text": "我妈想吃饭", "intent": "order_meal", "style": "family", "channel": "wechat",
            "services": [["meal.lunch", 1]],
        }
    }  # fmt: skip
    assert (found.discarded, found.untouched) == ([3], 2)


@pytest.mark.parametrize(("line", "says"), [
    (label(intent="order_dinner"), "unknown intent order_dinner"),
    (label(services=[["meal.midnight", 1]]), "unknown service"),
    (label(services=[["meal.lunch", 0]]), "a quantity below one"),
    (label(intent="emergency"), "emergency carries no services"),
    (label(part="teatime"), "unknown part of day"),
    (label(person="李奶奶"), "the person is not in the text"),
    (label(date="2026-13-01"), "cannot be read"),
    (label(rating=6), "rating 6"),
    (label(colour="red"), "'colour'"),
    (label(text=""), "no text"),
    (label(text=None), "text is missing"),
    (label(text="打13800138000,我妈想吃饭"), "not masked"),
    (label(text="我妈想吃{dish}"), "not masked"),
    (label(state="finished"), "the state 'finished'"),
    ({"text": "好", "intent": "affirm"}, '"kept"'),
    (label(key="7"), '"kept"'),  # type: ignore[arg-type]
    ("{not json", "no JSON"),
    ("[1, 2]", "one JSON object"),
    ('{"text": "我妈', "no JSON"),
])  # fmt: skip
def test_every_fault_is_named_with_its_line(tmp_path: Path, line: Any, says: str) -> None:
    with pytest.raises(BadLabels) as refused:
        read_labels(written(tmp_path, label(1), line))
    assert len(refused.value.problems) >= 1
    assert refused.value.problems[0].startswith("line 2: ")
    assert says in refused.value.problems[0]


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadLabels) as refused:
        read_labels(written(tmp_path, label(1, rating=9), label(2), "{", label(1)))
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "line 1", "line 3", "line 4",
    ]  # fmt: skip
    assert "stands in line 1 already" in refused.value.problems[2]


def test_a_guess_nobody_looked_at_may_break_the_conventions(tmp_path: Path) -> None:
    assert read_labels(written(tmp_path, label(1, "open", rating=9))).untouched == 1


def test_a_city_labels_with_its_own_codes(tmp_path: Path) -> None:
    path = written(tmp_path, label(services=[["meal.midnight", 1]]))
    assert read_labels(path, {"meal.midnight"}).labels


def test_what_is_exported_and_found_right_comes_back(tmp_path: Path) -> None:
    line = exported_line(row("{who}明天想洗个澡,电话{phone}", "order_home_help"), GAZETTEER)
    line["kept"]["state"] = "done"
    assert read_labels(written(tmp_path, line)).labels[7]["services"] == [["home.bath", 1]]


# ------------------------------------------------------------------ on to training


def said(intent: str, text: str) -> dict[str, Any]:
    return {"intent": intent, "text": text}


def test_labelled_sentences_are_trained_on_with_their_slots_filled(tmp_path: Path) -> None:
    path = write_learned(
        tmp_path,
        [said("order_meal", "给{name}搞点吃的咯"), said("bind_elder", "码是{code}呀咧"),
         said("order_meal", "给{name}搞点吃的咯"), said("inform", "就是{street}那头咯,{phone}")],
    )  # fmt: skip
    assert path == tmp_path / "learned.yml"
    read = yaml.safe_load(path.read_text("utf-8"))
    assert read["nlu"][2] == {"intent": "order_meal", "examples": "- 给{name}搞点吃的咯\n"}
    asked = (
        "import build, json; from pathlib import Path; "
        f"print(json.dumps(build.corpus(learned=Path({str(path)!r}))))"
    )
    taught = [
        (intent, text)
        for intent, text in json.loads(in_rasa(asked))
        if "咯" in text or "呀咧" in text
    ]
    meals = [text for intent, text in taught if intent == "order_meal" and "搞点吃的咯" in text]
    assert len(meals) > 1
    assert not [text for _, text in taught if "{" in text]
    assert [text for intent, text in taught if intent == "bind_elder" and "呀咧" in text]


def test_a_model_is_out_of_date_when_something_was_learnt(tmp_path: Path) -> None:
    missing = tmp_path / "learned.yml"
    before = rasa_server.source_hash(learned=missing)
    assert before == rasa_server.source_hash()
    write_learned(tmp_path, [said("affirm", "好的咯")])
    after = rasa_server.source_hash(learned=missing)
    assert after != before
    write_learned(tmp_path, [said("affirm", "好的咯"), said("affirm", "好的咯")])
    assert rasa_server.source_hash(learned=missing) == after


def test_when_the_last_sentence_is_taken_back_so_is_the_file(tmp_path: Path) -> None:
    write_learned(tmp_path, [said("affirm", "好的咯")])
    assert write_learned(tmp_path, []) is None
    assert list(tmp_path.iterdir()) == []
