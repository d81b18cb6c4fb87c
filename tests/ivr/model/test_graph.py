import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ivr.ears import BadModel, check_sums
from ivr.model import building, language, lexicon
from ivr.model.folder import write_sums
from ivr.model.graph import UNKNOWN_SYLLABLE, heard_words
from ivr.model.lexicon import UNKNOWN, Lexicon, Reading
from ivr.model.lookahead import look_ahead
from ivr.model.phones import PHONES
from ivr.model.transducer import EPSILON, Transducer, const_file, lookahead_file

SMALL = lexicon.Lexicon(
    dict.fromkeys(("四", "十", "是", "是的", "事情"), ""),
    (
        Reading("四", ("s", "ii")),
        Reading("十", ("sh", "iii")),
        Reading("是", ("sh", "iii")),
        Reading("是的", ("sh", "iii", "d", "e")),
        Reading("事情", ("sh", "iii", "q", "ing")),
    ),
)
LABELS = {word: number for number, word in enumerate([*SMALL.words, UNKNOWN], start=1)}


def heard(graph: Transducer, phones: str) -> dict[str, float]:
    """The cheapest way to each row of words that these phones, a frame each, can be."""
    frames = [2 * (PHONES.index(phone) + 1) for phone in phones.split()]
    names = {label: word for word, label in LABELS.items()}
    best: dict[str, float] = {}
    waiting = [(0, 0, "", 0.0)]
    while waiting:
        state, frame, said, cost = waiting.pop()
        if frame == len(frames) and state in graph.finals:
            best[said.strip()] = min(cost, best.get(said.strip(), cost))
        for arc in graph.arcs[state]:
            reads = frame < len(frames) and arc.reads in {frames[frame], frames[frame] - 1}
            if arc.reads == EPSILON or reads:
                word = f" {names[arc.says]}" if arc.says else ""
                waiting.append((arc.target, frame + reads, said + word, cost + arc.cost))
    return best


def known(graph: Transducer, phones: str) -> dict[str, float]:
    return {said: cost for said, cost in heard(graph, phones).items() if UNKNOWN not in said}


def test_words_of_one_sound_and_words_within_words_are_told_apart() -> None:
    graph = heard_words(SMALL, LABELS, accents=False)
    assert known(graph, "sh iii") == {"十": 0, "是": 0}
    assert known(graph, "sh iii d e") == {"是的": 0}
    assert known(graph, "sh iii s ii") == {"十 四": 0, "是 四": 0}
    assert known(graph, "d e") == {}


def test_silence_and_held_phones_change_nothing() -> None:
    graph = heard_words(SMALL, LABELS, accents=False)
    assert known(graph, "SIL sh sh SIL iii iii iii SIL SIL") == {"十": 0, "是": 0}


def test_an_accent_costs() -> None:
    graph = heard_words(SMALL, LABELS)
    assert known(graph, "s ii")["十"] == 4.0
    assert known(graph, "s ii")["四"] == 0
    assert known(graph, "sh iii q in") == {"事情": 2.5}


def test_anything_else_is_unknown_by_the_syllable() -> None:
    graph = heard_words(SMALL, LABELS, accents=False)
    assert heard(graph, "s iii") == {}
    assert heard(graph, "sh iii")[UNKNOWN] == UNKNOWN_SYLLABLE
    assert heard(graph, "s ii sh iii s ii")[UNKNOWN] == pytest.approx(3 * UNKNOWN_SYLLABLE)


def next_said(graph: Transducer, state: int) -> Iterator[int]:
    """By brute force: what can be said next, 0 where the graph can end before."""
    seen, waiting = set(), [state]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        if here in graph.finals:
            yield 0
        for arc in graph.arcs[here]:
            if arc.says:
                yield arc.says
            else:
                waiting.append(arc.target)


def test_lookahead_knows_what_can_be_said_next() -> None:
    words = lexicon.made({"是的": "", "事情": "", "十分": "", "血压": "", "豆腐": "dish"})
    few = [one for one in words.readings if len(one.word) > 1 or one.word in "是四十豆湖"]
    small = Lexicon(words.kinds, tuple(few))
    labels = {word: number for number, word in enumerate([*words.words, UNKNOWN], start=1)}
    graph = heard_words(small, labels)
    ahead = look_ahead(graph)
    assert sorted([*ahead.labels.values(), ahead.final_label]) == list(
        range(1, len(ahead.labels) + 2)
    )
    for state in range(len(graph.arcs)):
        true = {ahead.labels.get(label, ahead.final_label) for label in next_said(graph, state)}
        spread = [n for begin, end in ahead.reachable[state] for n in range(begin, end)]
        assert sorted(true) == spread


def test_files_are_laid_out_as_openfst_reads_them() -> None:
    graph = Transducer()
    start, end = graph.state(), graph.state()
    graph.arc(start, end, reads=7, says=2, cost=1.5)
    graph.arc(start, start, reads=3, says=0)
    graph.finals[end] = 0.25
    plain = const_file(graph)
    assert plain[:4] == bytes.fromhex("d6fdb27e")
    assert struct.unpack("<qqq", plain[41:65]) == (0, 2, 2)
    states = np.frombuffer(plain[65:105], "<f4,<u4,<u4,<u4,<u4").tolist()
    assert states == [(np.inf, 0, 2, 0, 1), (0.25, 2, 0, 0, 0)]
    arcs = np.frombuffer(plain[105:], "<i4,<i4,<f4,<i4").tolist()
    assert arcs == [(3, 0, 0.0, 0), (7, 2, 1.5, 1)]
    ahead = lookahead_file(graph, [[(1, 3)], [(2, 3)]], 2)
    assert ahead[4:28] == struct.pack("<i", 16) + b"olabel_lookahead" + struct.pack("<i", 8)
    flags = bytes([1, 0, 1, 0, 0]) + struct.pack("<iq", 2, 2)
    first = struct.pack("<qiii", 1, 1, 3, 2)
    assert ahead.endswith(flags + first + struct.pack("<qiii", 1, 2, 3, 1))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "base"
    for name in ("am/final.mdl", "conf/mfcc.conf"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("as it was")
    (folder / "words").mkdir()
    small = lexicon.made({"我要": "", "白粥": "dish"})
    lexicon.write(folder / "words" / "lexicon.tsv", small)
    language.write(folder / "words" / "counts.gz", language.counted(["我要白粥"], small.words))
    return folder


def test_a_citys_words_make_a_new_folder(base: Path, tmp_path: Path) -> None:
    menu = tmp_path / "menu.txt"
    menu.write_text("# 食堂\n毛血旺\n白粥\n\nABC套餐\n", encoding="utf-8")
    out = tmp_path / "city"
    added = building.add_words(base, out, building.words_in(menu, "dish") | {"三元里": "place"})
    assert added == building.Added(
        new=["毛血旺", "三元里"],
        known=["白粥"],
        doubtful=["毛血旺"],
        unreadable=["ABC套餐"],
    )
    assert (out / "am" / "final.mdl").read_text() == "as it was"
    table = [line.split() for line in (out / "graph" / "words.txt").read_text().splitlines()]
    names = [name for name, _ in table]
    assert {"毛血旺", "三元里", "白粥", "我要", "旺", UNKNOWN} <= set(names)
    assert len({number for _, number in table}) == len(table)
    again = building.add_words(out, out, {"毛血旺": "dish", "红烧肉": "dish"})
    assert (again.known, again.new) == (["毛血旺"], ["红烧肉"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["city", "menu.txt"]


def test_a_citys_model_has_checksums_of_its_own(base: Path, tmp_path: Path) -> None:
    shipped = tmp_path / "shipped"
    shutil.copytree(base, shipped)
    write_sums(shipped)
    city = tmp_path / "city"
    building.add_words(shipped, city, {"毛血旺": "dish"})
    check_sums(city)
    building.add_words(city, city, {"红烧肉": "dish"})
    check_sums(city)
    check_sums(shipped)
    graph = city / "graph" / "Gr.fst"
    graph.write_bytes(graph.read_bytes()[:-1] + b"?")
    with pytest.raises(BadModel, match=r"Gr\.fst is damaged"):
        check_sums(city)


def test_what_fails_halfway_leaves_the_city_its_model(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = tmp_path / "city"
    building.add_words(base, city, {"毛血旺": "dish"})
    before = {path: path.read_bytes() for path in city.rglob("*") if path.is_file()}

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(language, "write", full)
    with pytest.raises(OSError, match="No space"):
        building.add_words(city, city, {"红烧肉": "dish"})
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_what_is_no_model_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(building.NotAModel, match="am/final.mdl"):
        building.add_words(tmp_path, tmp_path / "out", {"粥": ""})
    (broken := tmp_path / "broken").mkdir()
    for path in ("am/final.mdl", "conf/mfcc.conf", "words/lexicon.tsv", "words/counts.gz"):
        (broken / path).parent.mkdir(exist_ok=True)
        (broken / path).write_text("粥")
    with pytest.raises(building.NotAModel, match="cannot be read"):
        building.add_words(broken, tmp_path / "out", {"粥": ""})
    assert not (tmp_path / "out").exists()
