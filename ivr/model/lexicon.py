"""The words that can be heard, and how each of them may sound.

The words of this line come whole; any other phrase is spelled by single characters, those of
GB 2312's first level, so that nothing that can be written down cannot be recognised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pypinyin import Style, pinyin
from pypinyin.constants import PHRASES_DICT

from ivr.model.packaged import packaged
from ivr.model.phones import PHONES, Unreadable, phones_of, phones_of_syllable
from nlu.rasa.build import dictionary_words

ROOT = Path(__file__).resolve().parents[2]

OTHER_READING = 1.5
"""Nats that the second and third reading of a single character cost."""
READINGS = 3
LONGEST_WORD, LONGEST_NAME = 4, 8
"""Characters: longer words are recognised as several, longer dishes and places too."""

UNKNOWN = "[unk]"
"""Stands for speech that is none of the words."""

FIGURES = frozenset("零一二三四五六七八九幺")
"""They are said one by one: a word of several would only be a code that was drawn often, and keep
all others from being weighed alike."""

KINDS = ("dish", "place", "name")
"""Kinds of words that a city adds to; the others are plain."""

# What is said beside what the dictionaries teach.
_SPOKEN = {
    "血": "xie", "血压": "xie ya", "量血压": "liang xie ya", "血糖": "xie tang", "这个": "zhei ge",
    "那个": "nei ge", "这": "zhei", "那": "nei", "哪": "nei", "哪个": "nei ge", "谁": "shui",
    "垃圾": "le se",
}  # fmt: skip

ACCENTS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "zh": (("z", 3.0),), "ch": (("c", 3.0),), "sh": (("s", 3.0),),
    "z": (("zh", 4.0),), "c": (("ch", 4.0),), "s": (("sh", 4.0),),
    "iii": (("ii", 1.0),), "ii": (("iii", 1.0),),
    "n": (("l", 3.5),), "l": (("n", 4.0),), "r": (("l", 4.5),),
    "in": (("ing", 2.5),), "ing": (("in", 2.5),), "en": (("eng", 2.5),), "eng": (("en", 2.5),),
    "an": (("ang", 3.5),), "ang": (("an", 3.5),), "ian": (("iang", 4.5),),
}  # fmt: skip
"""What elders from the south may say in place of a phone, and the nats it costs to believe it.
A graph has them at every phone: as readings of their own they would make thousands of each word.
"""
_SWAPPED = {("h", "u"): ("f", "u"), ("f", "u"): ("h", "u")}
"""湖 and 福. Only where u alone follows, so these are readings."""
SWAPPED = 3.5

_HAN = re.compile("[\u4e00-\u9fff\u3007]+")


@dataclass(frozen=True)
class Reading:
    """One way to say a word; `cost` in nats."""

    word: str
    phones: tuple[str, ...]
    cost: float = 0.0


@dataclass(frozen=True)
class Lexicon:
    """Words with their kind (one of KINDS or empty), and every reading of each."""

    kinds: dict[str, str]
    readings: tuple[Reading, ...]

    @property
    def words(self) -> frozenset[str]:
        return frozenset(self.kinds)


def made(words: Mapping[str, str]) -> Lexicon:
    """The lexicon of these words (with their kinds) and of all single characters.

    Words that have no Mandarin reading are left out: see `readable`.
    """
    kinds = {word: kind for word, kind in words.items() if readable(word)}
    kinds |= {one: "" for one in characters() if one not in kinds}
    kinds |= {one: "" for word in words for one in word if one not in kinds and readable(one)}
    readings = tuple(reading for word in kinds for reading in readings_of(word))
    return Lexicon(kinds, readings)


def readable(word: str) -> bool:
    """Whether the word is of Han characters that can be said."""
    try:
        return bool(_HAN.fullmatch(word)) and bool(phones_of(word))
    except Unreadable:
        return False


def doubtful(word: str) -> bool:
    """Whether its sound is a guess: a character has several, and no dictionary has the word."""
    return (
        len(word) > 1
        and word not in PHRASES_DICT
        and any(len(set(_heteronyms(character))) > 1 for character in word)
    )


def readings_of(word: str) -> Iterator[Reading]:
    """The usual reading and, dearer, what else is said. Raises Unreadable."""
    usual = tuple(phones_of(word))
    costs = {usual: 0.0}
    others = [tuple(_phones(_SPOKEN[word]))] if word in _SPOKEN else []
    if len(word) == 1:
        others += _heteronyms(word)
    for phones in list(dict.fromkeys(others))[:READINGS]:
        costs.setdefault(phones, OTHER_READING)
    costs.setdefault(_with_swap(usual), SWAPPED)
    yield from (Reading(word, phones, cost) for phones, cost in costs.items())


def _with_swap(phones: tuple[str, ...]) -> tuple[str, ...]:
    swapped = list(phones)
    for place in range(len(phones) - 1):
        pair = (phones[place], phones[place + 1])
        swapped[place : place + 2] = _SWAPPED.get(pair, pair)
    return tuple(swapped)


def _phones(syllables: str) -> Iterator[str]:
    for syllable in syllables.split():
        yield from phones_of_syllable(syllable)


def _heteronyms(character: str) -> list[tuple[str, ...]]:
    found = []
    for syllable in pinyin(character, style=Style.NORMAL, heteronym=True)[0]:
        try:
            found.append(phones_of_syllable(syllable))
        except Unreadable:
            continue
    return found


@cache
def characters() -> tuple[str, ...]:
    """The 3,755 characters of GB 2312's first level, those that have a reading."""
    rows = (bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    found = (one.decode("gb2312", errors="ignore") for one in rows)
    return tuple(one for one in found if one and readable(one))


def domain_words() -> dict[str, str]:
    """Words of the catalogue, the menus, the corpus and the town in this repository, with kinds."""
    data = ROOT / "backend" / "seed" / "data"
    dishes = [dish["name"] for group in _yaml(data / "dishes.yaml")["dishes"].values()
              for dish in group]  # fmt: skip
    towns = _yaml(data / "towns.yaml")
    places = [name for town in towns
              for name in (town["name"], *town["communities"], *town["streets"])]  # fmt: skip
    people = _yaml(data / "people.yaml")
    given = ("elder_women", "elder_men", "younger_women", "younger_men")
    names = [name for key in given for name in people[key]]
    sayings = _yaml(Path(__file__).with_name("sayings.yaml"))
    yes_no = _yaml(ROOT / "nlu" / "data" / "yes_no.yaml")
    plain = [word for key, words in sayings.items() if key != "frames" for word in words]
    plain += [word for key in ("affirm", "deny", "fillers") for word in yes_no[key]]
    plain += [*dictionary_words(), *sorted(FIGURES)]
    words = {word: "" for word in map(str, plain) if len(word) <= LONGEST_WORD}
    for kind, found in (("name", names), ("place", places), ("dish", dishes)):
        words |= {name: kind for name in found if 2 <= len(name) <= LONGEST_NAME}
    return {word: kind for word, kind in words.items() if readable(word)}


def general_words() -> dict[str, int]:
    """Words of two to four characters of a dictionary of Mandarin, and how often they were met.

    Raises FileNotFoundError where the recipe's packages are not installed.
    """
    found = {}
    for line in packaged("jieba", "jieba/dict.txt").read_text(encoding="utf-8").splitlines():
        word, times, _ = line.split()
        if len(word) <= LONGEST_WORD and _HAN.fullmatch(word):
            found[word] = int(times)
    return found


def write(path: Path, lexicon: Lexicon) -> None:
    """One reading a line: word, kind, cost, phones."""
    lines = (
        f"{one.word}\t{lexicon.kinds[one.word]}\t{one.cost:g}\t{' '.join(one.phones)}\n"
        for one in lexicon.readings
    )
    path.write_text("".join(lines), encoding="utf-8")


def read(path: Path) -> Lexicon:
    """What `write` wrote. Raises OSError; ValueError for anything else."""
    kinds: dict[str, str] = {}
    readings = []
    for line in path.read_text(encoding="utf-8").splitlines():
        word, kind, cost, said = line.split("\t")
        phones = tuple(said.split())
        if kind and kind not in KINDS or not phones or not set(phones) <= set(PHONES):
            raise ValueError(f"{path}: not a reading: {line}")
        kinds[word] = kind
        readings.append(Reading(word, phones, float(cost)))
    return Lexicon(kinds, tuple(readings))


def joined(lexicon: Lexicon, words: Mapping[str, str]) -> Lexicon:
    """The lexicon and further words with their kinds; a kind replaces none."""
    fresh = {word: kind for word, kind in words.items() if word not in lexicon.kinds}
    known = {word: kind or words.get(word, "") for word, kind in lexicon.kinds.items()}
    added = made(fresh)
    missing = {word: kind for word, kind in added.kinds.items() if word not in known}
    readings = tuple(one for one in added.readings if one.word in missing)
    return Lexicon(known | missing, lexicon.readings + readings)


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
