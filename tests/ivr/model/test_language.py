from pathlib import Path

import pytest

from ivr.model import language
from ivr.model.backoff import END, START, Counts, Model
from ivr.model.sentences import Sentence

WORDS = frozenset({"我", "要", "我要", "粥", "白粥", "面", "不"})


def counts(*texts: str, kind: str = "dish") -> Counts:
    return language.counted([Sentence(text, kind, "train") for text in texts], WORDS)


def test_text_is_cut_into_whole_words() -> None:
    cutter = language.Cutter(dict.fromkeys(WORDS, 1.0))
    assert cutter.cut("我要白粥") == ["我要", "白粥"]
    assert cutter.cut("我不要饭") == ["我", "不", "要", "饭"]
    assert cutter.cut("") == []


def test_what_is_no_word_is_not_counted_and_pauses_do_not_count() -> None:
    found = counts("我要，白粥", "我要饭面", kind="review")
    assert found[()] == {"我要": 2, "白粥": 1, "面": 1, END: 2}
    assert found[START, "我要"] == {"白粥": 1}
    assert found["面",] == {END: 1}


def test_the_lines_own_sentences_count_more() -> None:
    assert counts("面")[START,] == {"面": language.WEIGHT}
    assert counts("面", kind="news")[START,] == {"面": 1}


@pytest.mark.parametrize("pruned", [False, True])
def test_probabilities_sum_to_one(pruned: bool) -> None:
    model = Model(counts("我要白粥", "我要面", "不要面", "我不要"), WORDS)
    if pruned:
        model.prune(0.3)
    for history in [(), (START,), ("我要",), (START, "我要"), ("不", "要"), ("粥", "粥")]:
        total = sum(model.probability(history, word) for word in {*WORDS, END})
        assert total == pytest.approx(1.0)


def test_pruning_drops_what_adds_little() -> None:
    model = Model(counts("我要白粥", "我要面", "不要面", "我不要"), WORDS)
    before = sum(map(len, model.nexts.values()))
    model.prune(0.3)
    assert sum(map(len, model.nexts.values())) < before
    assert model.nexts[()].keys() >= WORDS


def test_shrinking_stops_at_single_words() -> None:
    model = Model(counts("我要白粥", "我要面", "不要面"), WORDS)
    model.shrink(most_bytes=0)
    assert list(model.nexts) == [()]


def test_the_acceptor_costs_what_the_model_says() -> None:
    model = Model(counts("我要白粥", "我要面", "不要面"), WORDS)
    labels = {word: number for number, word in enumerate(sorted(WORDS), start=1)}
    graph = model.grammar(labels)
    (first,) = [arc for arc in graph.arcs[0] if arc.reads == labels["我要"]]
    assert first.cost == pytest.approx(-language.log(model.probability((START,), "我要")))
    (second,) = [arc for arc in graph.arcs[first.target] if arc.reads == labels["面"]]
    assert second.cost == pytest.approx(-language.log(model.probability((START, "我要"), "面")))
    assert second.target in graph.finals


def test_a_new_dish_stands_where_dishes_stood() -> None:
    known = counts("我要白粥", "我要面", "不要面")
    kinds = {"白粥": "dish", "面": "dish", "我要": ""}
    found = language.adopted(known, kinds, {"烧鹅": "dish", "三元路": "place"})
    assert found[START, "我要"]["烧鹅"] == pytest.approx(language.WEIGHT)
    assert found["烧鹅",][END] == pytest.approx(language.WEIGHT * 1.5)
    assert found[()]["三元路"] == language.WEIGHT
    assert "烧鹅" not in known[()]


def test_counts_are_read_as_written(tmp_path: Path) -> None:
    known = language.thinned(counts("我要白粥", "我要面"))
    language.write(tmp_path / "counts.gz", known)
    assert language.read_counts(tmp_path / "counts.gz") == known
