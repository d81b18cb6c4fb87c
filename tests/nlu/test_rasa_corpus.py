"""The sentences Rasa learns from, and those it is measured on."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from backend.seed.catalogue import load_catalogue
from nlu import rasa_server
from nlu.corpus.lines import DEV, HELDOUT, read_lines
from nlu.rasa_server import CORPUS, RASA_HOME, rasa_python

# DESIGN section 5, word for word.
INTENTS = {
    "order_meal", "order_nursing", "order_home_help", "order_escort", "order_errand",
    "order_companion", "health_consult", "query_order", "cancel_order", "change_order",
    "repeat_order", "query_balance", "query_menu", "query_price", "query_service", "rate_service",
    "complain", "affirm", "deny", "inform", "greet", "thanks", "goodbye", "repeat_prompt",
    "transfer_agent", "chitchat", "out_of_scope", "emergency", "bind_elder", "unbind_elder",
    "job_list", "job_accept", "job_decline", "job_depart", "job_check_in", "job_check_out",
    "job_delay",
}  # fmt: skip
OLDER = CORPUS / "dev" / "intents.tsv"


def in_rasa(code: str) -> str:
    """What `code` prints when Rasa's own Python runs it in Rasa's folder."""
    done = subprocess.run(
        [rasa_python(), "-W", "ignore", "-c", code],
        cwd=RASA_HOME, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()[-1]


@lru_cache(maxsize=1)
def corpus() -> tuple[tuple[str, str], ...]:
    """What is trained on: (intent, sentence), slots filled."""
    printed = in_rasa("import build, json; print(json.dumps(build.corpus()))")
    return tuple((intent, text) for intent, text in json.loads(printed))


@lru_cache(maxsize=1)
def written() -> tuple[tuple[str, str], ...]:
    """The sentences as they stand in the files, slots open."""
    printed = in_rasa("import build, json; print(json.dumps(list(build.read_examples())))")
    return tuple((intent, text) for intent, text in json.loads(printed))


@lru_cache(maxsize=1)
def measured_on() -> tuple[str, ...]:
    """Every sentence that something is measured on."""
    older = [line.split("\t")[1] for line in OLDER.read_text(encoding="utf-8").splitlines()]
    return (*older, *(line.text for line in (*read_lines(DEV), *read_lines(HELDOUT))))


def bare(text: str) -> str:
    """The sentence without spaces and punctuation: "好, 的。" and "好的" are the same to learn."""
    return re.sub(r"[\s,，。.!！?？、~;；:：]", "", text).lower()


def test_at_least_6000_sentences_were_written() -> None:
    assert len(set(written())) >= 6000


def test_every_intent_of_the_design_is_taught_and_no_other() -> None:
    assert {intent for intent, _ in corpus()} == INTENTS
    domain = yaml.safe_load((RASA_HOME / "domain.yml").read_text(encoding="utf-8"))
    assert set(domain["intents"]) == INTENTS


def test_every_intent_has_enough_to_learn_from() -> None:
    counts = Counter(intent for intent, _ in corpus())
    assert {intent: n for intent, n in counts.items() if n < 50} == {}
    assert counts["emergency"] >= 250


def test_no_sentence_teaches_two_intents() -> None:
    taught: dict[str, set[str]] = {}
    for intent, text in corpus():
        taught.setdefault(bare(text) or text, set()).add(intent)
    assert {text: intents for text, intents in taught.items() if len(intents) > 1} == {}


def test_no_sentence_stands_twice() -> None:
    assert [line for line, n in Counter(corpus()).items() if n > 1] == []


def test_every_slot_is_filled() -> None:
    assert [text for _, text in corpus() if "{" in text or "}" in text] == []


def test_no_line_that_is_measured_on_was_trained_on() -> None:
    trained = {bare(text) for _, text in written()}
    assert [text for text in measured_on() if bare(text) in trained] == []


def test_many_sentences_are_also_heard_through_a_bad_line() -> None:
    clean = int(in_rasa("import build; print(len(build.written()))"))
    as_written = {bare(text) for _, text in corpus()[:clean]}
    copies = [text for _, text in corpus()[clean:]]
    assert len(copies) > clean / 5
    assert not any(bare(text) in as_written or re.search("[,。!?0-9]", text) for text in copies)


def test_the_catalogues_words_are_taught_and_kept_whole() -> None:
    words = json.loads(in_rasa("import build, json; print(json.dumps(build.dictionary_words()))"))
    sentences = "\n".join(text for _, text in corpus())
    for item in load_catalogue():
        assert any(word in sentences for word in (item.name, *item.synonyms)), item.code
    assert {"换药", "助浴", "陪诊", "午餐"} <= set(words)


def test_a_code_the_city_adds_reaches_the_corpus(tmp_path: Path) -> None:
    base = yaml.safe_load(rasa_server.CATALOGUE.read_text(encoding="utf-8"))
    base["items"].append({"code": "nursing.moxa", "name": "上门艾灸", "synonyms": ["灸一灸膝盖"]})
    city = tmp_path / "catalogue.yaml"
    city.write_text(yaml.safe_dump(base, allow_unicode=True), encoding="utf-8")

    printed = in_rasa(
        "import build, json, pathlib\n"
        f"path = pathlib.Path({str(city)!r})\n"
        "taught = [pair for pair in build.corpus(path) if '灸' in pair[1]]\n"
        "print(json.dumps([taught, '上门艾灸' in build.dictionary_words(path)]))"
    )
    taught, in_dictionary = json.loads(printed)

    assert "order_nursing" in {intent for intent, _ in taught}
    assert in_dictionary


def test_a_changed_catalogue_asks_for_training(tmp_path: Path) -> None:
    city = tmp_path / "catalogue.yaml"
    city.write_bytes(rasa_server.CATALOGUE.read_bytes())
    same = rasa_server.source_hash(city)
    city.write_text(city.read_text(encoding="utf-8") + "\n# a city's own\n", encoding="utf-8")

    assert same == rasa_server.source_hash()
    assert rasa_server.source_hash(city) != same


@pytest.mark.parametrize(
    "part",
    [
        "rasa/config.yml",
        "rasa/build.py",
        "corpus/train/talk.yml",
        "corpus/slots.yml",
        "rasa/components/pinyin.py",
    ],
)
def test_what_a_model_is_made_from_counts_in_its_hash(part: str) -> None:
    assert RASA_HOME.parent / part in set(rasa_server.source_files())
