from pathlib import Path

import pytest

from ivr.model import language
from ivr.model.backoff import END, REST, START, Counts, Model
from ivr.model.smoothing import smoothed, together

WORDS = frozenset({"我", "要", "我要", "粥", "白粥", "面", "不"})
SAID = ("我要白粥", "我要面", "不要面", "我不要")
HISTORIES = [(), (START,), ("我要",), (START, "我要"), ("不", "要"), ("粥", "粥")]


def counts(*texts: str) -> Counts:
    return language.counted(texts, WORDS)


def sums(model: Model) -> list[float]:
    return [sum(model.probability(one, word) for word in {*WORDS, END}) for one in HISTORIES]


def test_text_is_cut_into_whole_words() -> None:
    cutter = language.Cutter(dict.fromkeys(WORDS, 1.0))
    assert cutter.cut("我要白粥") == ["我要", "白粥"]
    assert cutter.cut("我不要饭") == ["我", "不", "要", "饭"]
    assert cutter.cut("") == []


def test_what_is_no_word_is_not_counted_and_pauses_do_not_count() -> None:
    found = counts("我要，白粥", "我要饭面")
    assert found[()] == {"我要": 2, "白粥": 1, "面": 1, END: 2}
    assert found[START, "我要"] == {"白粥": 1}
    assert found["面",] == {END: 1}


@pytest.mark.parametrize("pruned", [False, True])
def test_probabilities_sum_to_one(pruned: bool) -> None:
    of_texts, smooth = Model(counts(*SAID), WORDS), smoothed(counts(*SAID), WORDS)
    joined = together([smooth, smoothed(counts("面面粥"), WORDS)], [0.7, 0.3])
    for model in (of_texts, smooth, joined):
        if pruned:
            model.prune(0.03)
        assert sums(model) == pytest.approx([1.0] * len(HISTORIES))


def test_what_was_never_said_behind_a_word_is_likelier_where_it_was_said_elsewhere() -> None:
    model = smoothed(counts(*SAID), WORDS)
    assert model.probability(("不", "要"), "面") > model.probability(("不", "要"), "白粥")
    assert model.probability(("不", "要"), "白粥") > model.probability(("不", "要"), "粥") > 0


def test_the_texts_that_know_what_was_just_said_weigh_more() -> None:
    callers = smoothed(counts("不要面", "不要面", "不要白粥"), WORDS)
    readers = smoothed(counts("我要白粥", "我要白粥", "我要面"), WORDS)
    both = together([callers, readers], [0.5, 0.5])
    as_callers = callers.probability((START, "不"), "要")
    assert both.probability((START, "不"), "要") == pytest.approx(as_callers, rel=0.1)


def test_rare_company_can_be_left_to_single_words() -> None:
    model = smoothed(counts("不要面", "不要面", "不要白粥"), WORDS, least=2)
    assert "面" in model.nexts["不", "要"]
    assert "白粥" not in model.nexts["不", "要"]
    assert sums(model) == pytest.approx([1.0] * len(HISTORIES))


def test_pruning_drops_what_adds_little() -> None:
    model = smoothed(counts(*SAID), WORDS)
    before = sum(map(len, model.nexts.values()))
    model.prune(0.03)
    assert sum(map(len, model.nexts.values())) < before
    assert model.nexts[()].keys() >= WORDS


def test_a_model_is_the_same_from_its_counts() -> None:
    model = smoothed(counts(*SAID), WORDS)
    model.prune(0.03)
    again = Model(model.counts(1000.0), WORDS)
    for history in HISTORIES:
        for word in {*WORDS, END}:
            same = pytest.approx(model.probability(history, word), rel=1e-6)
            assert again.probability(history, word) == same
    assert [again.met(one) for one in model.nexts] == pytest.approx(
        [model.met(one) for one in model.nexts]
    )


def test_shrinking_stops_at_single_words() -> None:
    model = Model(counts("我要白粥", "我要面", "不要面"), WORDS)
    model.shrink(most_bytes=1)
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
    assert found[START, "我要"]["烧鹅"] == pytest.approx(1.0)
    assert found["烧鹅",][END] == pytest.approx(1.5)
    assert found[()]["三元路"] == language.ALONE
    assert "烧鹅" not in known[()]


def test_behind_a_new_dish_as_much_is_left_to_others_as_behind_known_ones() -> None:
    known: Counts = {(): {"白粥": 10.0, END: 10.0}, ("白粥",): {END: 6.0, REST: 4.0}}
    found = language.adopted(known, {"白粥": "dish"}, {"烧鹅": "dish"})
    assert found["烧鹅",] == {END: 6.0, REST: 4.0}


def test_counts_are_read_as_written(tmp_path: Path) -> None:
    known = smoothed(counts("我要白粥", "我要面"), WORDS).counts(1000.0)
    language.write(tmp_path / "counts.gz", known)
    read = language.read_counts(tmp_path / "counts.gz")
    assert read.keys() == known.keys()
    for history, nexts in known.items():
        assert read[history] == pytest.approx(nexts, rel=1e-4)
