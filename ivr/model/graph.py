"""The decoding graph: the folder `graph` that Vosk composes at run time, free or with a grammar.

HCLr.fst turns what the network hears, frame by frame, into words; Gr.fst says which words follow
which. A phone is heard for a frame or more, with or without silence behind it, as CTC taught the
network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from ivr.model.backoff import Counts, Model
from ivr.model.lexicon import ACCENTS, UNKNOWN, Lexicon, Reading
from ivr.model.lookahead import look_ahead
from ivr.model.phones import PHONES, SILENCE
from ivr.model.transducer import Transducer, const_file, lookahead_file

UNKNOWN_SYLLABLE = 6.0
"""Nats a syllable of UNKNOWN costs, the logarithm of how many there are: less swallows words, more
takes noise for them."""

LOOP = 0
"""The state before and behind every word."""

MODEL_CONF = """\
--min-active=200
--max-active=3000
--beam=13.0
--lattice-beam=6.0
--acoustic-scale=1.0
--frame-subsampling-factor=3
--max-mem=2000000
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""
# One utterance is one result, however long it is silent; only the best path is kept.
PHONES_CONF = """\
--min-active=200
--max-active=3000
--beam=20
--lattice-beam=0.1
--acoustic-scale=1.0
--frame-subsampling-factor=3
--endpoint.silence-phones=1
""" + "".join(
    f"--endpoint.rule{rule}.min-trailing-silence=1000\n" for rule in (1, 2, 3, 4)
) + "--endpoint.rule5.min-utterance-length=1000\n"  # fmt: skip
"""For a graph of phones alone, without words: what the network itself hears."""

_NUMBERS = {phone: number for number, phone in enumerate(PHONES, start=1)}


class _Tree:
    """A node of the tree of readings."""

    def __init__(self) -> None:
        self.nexts: dict[str, _Tree] = {}
        self.ends: list[Reading] = []
        self.below = 0
        """Readings that end here or further on."""


class _Hearing:
    """Grows the transducer from frames to words."""

    def __init__(self, labels: dict[str, int], accents: bool) -> None:
        self.graph = Transducer()
        self._labels = labels
        self._accents = accents
        self._held: dict[tuple[str, int], int] = {}
        self._tails: dict[tuple[str, ...], int] = {}
        self._node()  # LOOP
        self.graph.finals[LOOP] = 0.0

    def _node(self) -> int:
        """A state between phones: silence may go on in it."""
        node = self.graph.state()
        self.graph.arc(node, node, reads=2 * _NUMBERS[SILENCE] - 1)
        return node

    def _phone(
        self, source: int, target: int, phone: str, says: int = 0, cost: float = 0.0
    ) -> None:
        """From node to node by a phone, or by what the elders of the south may say for it."""
        self._sound(source, target, phone, says, cost)
        if self._accents:
            for other, dearer in ACCENTS.get(phone, ()):
                self._sound(source, target, other, says, cost + dearer)

    def _sound(
        self, source: int, target: int, phone: str, says: int = 0, cost: float = 0.0
    ) -> None:
        # A phone has two transitions: the even one begins it, the odd one holds it.
        held = self._held.get((phone, target))
        if held is None:
            held = self._held[phone, target] = self.graph.state()
            self.graph.arc(held, held, reads=2 * _NUMBERS[phone] - 1)
            self.graph.arc(held, target)
        self.graph.arc(source, held, 2 * _NUMBERS[phone], says, cost)

    def words(self, readings: Iterable[Reading]) -> None:
        """All readings, as a tree that says a word as soon as no other is possible."""
        root = _Tree()
        for reading in readings:
            node = root
            node.below += 1
            for phone in reading.phones:
                node = node.nexts.setdefault(phone, _Tree())
                node.below += 1
            node.ends.append(reading)
        waiting = [(root, LOOP)]
        while waiting:
            tree, state = waiting.pop()
            for reading in tree.ends:
                says = self._labels[reading.word]
                self.graph.arc(state, LOOP, says=says, cost=reading.cost)
            for phone, below in tree.nexts.items():
                if below.below > 1:
                    shared = self._node()
                    self._phone(state, shared, phone)
                    waiting.append((below, shared))
                else:
                    rest, reading = _only(below)
                    says = self._labels[reading.word]
                    self._phone(state, self._tail(rest), phone, says, reading.cost)

    def _tail(self, rest: tuple[str, ...]) -> int:
        """The node from which these phones lead to the end of a word that has been said."""
        if not rest:
            return LOOP
        if rest not in self._tails:
            node = self._tails[rest] = self._node()
            self._phone(node, self._tail(rest[1:]), rest[0])
        return self._tails[rest]

    def unknown(self, syllables: Iterable[tuple[str, ...]]) -> None:
        """One word for one or more syllables, whatever they are."""
        before, behind = self._node(), self.graph.state()
        self.graph.arc(LOOP, before, says=self._labels[UNKNOWN])
        self.graph.arc(behind, before)
        self.graph.arc(behind, LOOP)
        finals: dict[str, set[str]] = defaultdict(set)
        for syllable in syllables:
            finals["".join(syllable[:-1])].add(syllable[-1])
        for initial, found in sorted(finals.items()):
            node, cost = before, UNKNOWN_SYLLABLE
            if initial:
                node, cost = self._node(), 0.0
                self._sound(before, node, initial, cost=UNKNOWN_SYLLABLE)
            for final in sorted(found):
                self._sound(node, behind, final, cost=cost)


def _only(tree: _Tree) -> tuple[tuple[str, ...], Reading]:
    """The one reading that goes through a node, and its phones from there on."""
    rest: list[str] = []
    while not tree.ends:
        ((phone, tree),) = tree.nexts.items()
        rest.append(phone)
    return tuple(rest), tree.ends[0]


def heard_words(lexicon: Lexicon, labels: dict[str, int], accents: bool = True) -> Transducer:
    """From the network's frames to words; without `accents`, only as the lexicon says."""
    hearing = _Hearing(labels, accents)
    hearing.words(lexicon.readings)
    hearing.unknown({one.phones for one in lexicon.readings if len(one.word) == 1})
    return hearing.graph


def write_graph(folder: Path, lexicon: Lexicon, counts: Counts, accents: bool = True) -> None:
    """FOLDER/graph and FOLDER/conf/model.conf. Raises OSError."""
    words = [*sorted(lexicon.words), UNKNOWN]
    hearing = heard_words(lexicon, {word: i for i, word in enumerate(words, start=1)}, accents)
    ahead = look_ahead(hearing)
    labels = {word: ahead.labels[i] for i, word in enumerate(words, start=1)}
    model = Model(counts, lexicon.words)
    model.shrink()
    graph = folder / "graph"
    graph.mkdir(parents=True, exist_ok=True)
    (folder / "conf").mkdir(exist_ok=True)
    (folder / "conf" / "model.conf").write_text(MODEL_CONF, encoding="utf-8")
    (graph / "HCLr.fst").write_bytes(
        lookahead_file(hearing.relabelled(ahead.labels), ahead.reachable, ahead.final_label)
    )
    (graph / "Gr.fst").write_bytes(const_file(model.grammar(labels)))
    (graph / "words.txt").write_text(_table({"<eps>": 0} | labels), encoding="utf-8")
    (graph / "phones.txt").write_text(_table({"<eps>": 0} | _NUMBERS), encoding="utf-8")
    # The tree tells words of one sound apart by arcs of their own: no symbols are needed for it.
    (graph / "disambig_tid.int").write_text("", encoding="utf-8")


def _table(numbers: dict[str, int]) -> str:
    ordered = sorted(numbers.items(), key=lambda item: item[1])
    return "".join(f"{name} {number}\n" for name, number in ordered)
