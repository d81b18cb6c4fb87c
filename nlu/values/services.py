"""The gazetteer: service items named in a sentence, over the raw text.

Exact words first, the longest winning; then words with a gap. Then by sound, for what a
recogniser or a thumb got wrong ("唤药" for 换药): words of two syllables must sound the same
tone for tone, longer ones but for the tones, and from four syllables on one may be off a
little. zh/z, ch/c, sh/s, n/l, f/h and -ng/-n are one, as they are for many southern speakers.
Sounds are conservative on purpose: a service nobody asked for costs more than one question.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Protocol

from rapidfuzz.distance import Levenshtein

from nlu.values.sounds import HAN, Sound, sounds_of
from nlu.values.text import plain


class Item(Protocol):
    """What the gazetteer needs of a catalogue item (`backend.seed.catalogue.CatalogueItem`)."""

    @property
    def code(self) -> str: ...
    @property
    def words(self) -> tuple[str, ...]: ...
    @property
    def loose(self) -> tuple[str, ...]: ...
    @property
    def generic(self) -> tuple[str, ...]: ...
    @property
    def together(self) -> tuple[str, ...]: ...
    @property
    def generic_parts(self) -> tuple[str, ...]: ...
    @property
    def generic_default(self) -> bool: ...
    @property
    def hours_from(self) -> time: ...
    @property
    def hours_to(self) -> time: ...
    @property
    def window_min(self) -> int: ...
    @property
    def lead_min(self) -> int: ...


@dataclass(frozen=True)
class ServiceFound:
    """A service item named at text[start:end] of the plain text.

    `codes` holds one code, or, for a word that several items share ("送饭"), all of them in
    catalogue order: `Gazetteer.choose` decides. `by_sound` tells a guess from an exact word.
    """

    codes: tuple[str, ...]
    start: int
    end: int
    by_sound: bool = False

    @property
    def code(self) -> str:
        """The only code, or the first of several."""
        return self.codes[0]

    @property
    def generic(self) -> bool:
        """Whether the word names several items."""
        return len(self.codes) > 1


# What people put inside a verb and its object: 理个发, 量一下血压, 洗次澡.
_INSIDE = re.compile(r"一?[个下次点些顿餐回把遍趟]|一?下子|一个|了个?|过|完|好|几[个次件]|[两三]次")
# Characters too common to be somebody's slip of the ear for a part of a service's name.
_FUNCTION = frozenset(
    "一二两三四五六七八九十点的了是我你他她去在不有想就也还没吗呢吧和跟给把被这那个"
)


class Gazetteer:
    """Finds service items by their catalogue words. Built once; safe to share between threads."""

    def __init__(self, items: Iterable[Item], false_friends: Iterable[str] = ()) -> None:
        self.items: dict[str, Item] = {item.code: item for item in items}
        words: dict[str, list[str]] = defaultdict(list)
        for item in self.items.values():
            for word in (*item.words, *item.generic, *item.together):
                if item.code not in words[plain(word)]:
                    words[plain(word)].append(item.code)
        self._together = {plain(w) for item in self.items.values() for w in item.together}
        self._codes = {word: tuple(codes) for word, codes in words.items()}
        self._by_first: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._codes, key=len, reverse=True):
            self._by_first[word[0]].append(word)
        self._loose = [
            (plain(word.split("…")[0]), _open(word), len(word.replace("…", "")), (item.code,))
            for item in self.items.values()
            for word in item.loose
        ]
        self._false_friends = tuple(false_friends)
        self._by_sound: dict[tuple[str, ...], list[tuple[str, tuple[Sound, ...]]]] = defaultdict(
            list
        )
        self._near: dict[tuple[str, ...], list[tuple[str, tuple[Sound, ...]]]] = defaultdict(list)
        for word, codes in self._codes.items():
            if len(word) < 2 or len(codes) > 1 or not HAN.fullmatch(word):
                continue
            sounds = sounds_of(word)
            key = tuple(s.folded for s in sounds)
            self._by_sound[key].append((word, sounds))
            if len(word) >= 4:
                for i in range(len(key)):
                    self._near[(*key[:i], "*", *key[i + 1 :])].append((word, sounds))
        self._longest = max(map(len, self._codes), default=0)

    @property
    def words(self) -> tuple[str, ...]:
        """Every word known, for the recogniser's vocabulary and Rasa's lookups."""
        return tuple(self._codes)

    def find(self, text: str, known: Sequence[tuple[int, int]] = ()) -> list[ServiceFound]:
        """Every service named, in the order said. `known` spans of the plain text are understood
        already (days, times, people) and are not searched by sound."""
        words = plain(text)
        found = self._add_loose(words, self._find_exact(words))
        found += self._find_by_sound(words, [(s.start, s.end) for s in found], known)
        return sorted(found, key=lambda one: one.start)

    def unnamed(self, category: str) -> ServiceFound | None:
        """What an order of this category means when it names no item ("送一份来"), or None when
        only asking can tell. It stands at the beginning of the text."""
        of_category = [c for c in self.items if c.startswith(f"{category}.")]
        default = [c for c in of_category if self.items[c].generic_default]
        if not default:
            return None
        shared = [c for c in of_category if self.items[c].generic_parts]
        return ServiceFound(tuple(shared or default[:1]), 0, 0)

    def choose(self, one: ServiceFound, part: str | None, clock: time | None) -> str:
        """The code meant: for a shared word, by the part of day, then the clock time, else the
        default item."""
        candidates = [self.items[code] for code in one.codes]
        if len(candidates) == 1:
            return one.code
        if clock is not None:
            nearest = min(candidates, key=lambda item: _minutes_outside(item, clock))
            if _minutes_outside(nearest, clock) <= 120:
                return nearest.code
        for item in candidates:
            if part is not None and part in item.generic_parts:
                return item.code
        return next((item.code for item in candidates if item.generic_default), one.code)

    def _find_exact(self, words: str) -> list[ServiceFound]:
        found: list[ServiceFound] = []
        position = 0
        while position < len(words):
            best, end = "", position
            for word in self._by_first.get(words[position], ()):
                stop = _spelt(word, words, position)
                if stop > end:
                    best, end = word, stop
            if best in self._together:
                *most, last = self._codes[best]
                found += [ServiceFound((code,), position, position) for code in most]
                found.append(ServiceFound((last,), position, end))
            elif best:
                found.append(ServiceFound(self._codes[best], position, end))
            position = max(end, position + 1)
        return found

    def _add_loose(self, words: str, exact: list[ServiceFound]) -> list[ServiceFound]:
        """The exact words found, and words with a gap in clauses that name nothing exactly. A
        longer word with a gap takes the place of an exact one inside it ("洗衣机…坏": 洗衣)."""
        hits = sorted(
            (-sure, match.end() - match.start(), match.start(), codes)
            for first, pattern, sure, codes in self._loose
            if first in words
            for match in pattern.finditer(words)
        )
        found: list[ServiceFound] = []
        for sure, size, start, codes in hits:
            end = start + size
            inside = [e for e in exact if start <= e.start and e.end <= end]
            weaker = [e for e in inside if e.end - e.start < -sure]
            clear = all(start >= one.end or end <= one.start for one in found)
            rivals = [e for e in exact if e not in weaker]
            if clear and not any(_same_clause(words, start, one.start) for one in rivals):
                exact = rivals
                found.append(ServiceFound(codes, start, end))
        return exact + found

    def _find_by_sound(
        self, words: str, exact: Sequence[tuple[int, int]], known: Sequence[tuple[int, int]]
    ) -> list[ServiceFound]:
        taken = [False] * len(words)
        for start, end in (*exact, *known):
            taken[start:end] = [True] * (end - start)
        for friend in self._false_friends:
            at = words.find(friend)
            if at >= 0:
                taken[at : at + len(friend)] = [True] * len(friend)
        runs = [(run.start(), run.group()) for run in HAN.finditer(words)]
        heard = [(start, run, sounds_of(run)) for start, run in runs if len(run) > 1]
        found: list[ServiceFound] = []
        for near in (False, True):
            if near and (exact or found):
                break  # a near sound is tried only when nothing better was said
            for start, run, sounds in heard:
                found += self._scan(start, run, sounds, taken, near)
        return found

    def _scan(
        self, offset: int, run: str, sounds: tuple[Sound, ...], taken: list[bool], near: bool
    ) -> list[ServiceFound]:
        found: list[ServiceFound] = []
        if len(sounds) != len(run):
            return found
        for size in range(min(self._longest, len(run)), 3 if near else 1, -1):
            for i in range(len(run) - size + 1):
                start, end = offset + i, offset + i + size
                if any(taken[start:end]):
                    continue
                word = self._sounding_like(run[i : i + size], sounds[i : i + size], near)
                if word is not None:
                    found.append(ServiceFound(self._codes[word], start, end, by_sound=True))
                    taken[start:end] = [True] * size
        return found

    def _sounding_like(self, said: str, sounds: tuple[Sound, ...], near: bool) -> str | None:
        key = tuple(s.folded for s in sounds)
        for word, spelt in self._near_to(key) if near else self._by_sound.get(key, ()):
            changed = [i for i in range(len(said)) if said[i] != word[i]]
            if any(said[i] in _FUNCTION for i in changed):
                continue
            if near:
                close = all(
                    Levenshtein.normalized_similarity(key[i], spelt[i].folded) >= 0.6
                    for i in changed
                )
                if close and len(changed) == 1:
                    return word
            elif len(said) > 2 or [s.tone for s in sounds] == [s.tone for s in spelt]:
                return word
        return None

    def _near_to(self, key: tuple[str, ...]) -> list[tuple[str, tuple[Sound, ...]]]:
        return [
            entry
            for i in range(len(key))
            for entry in self._near.get((*key[:i], "*", *key[i + 1 :]), ())
        ]


def _same_clause(words: str, one: int, other: int) -> bool:
    low, high = min(one, other), max(one, other)
    return not any(mark in words[low:high] for mark in ",。;!?")


def _open(loose: str) -> re.Pattern[str]:
    return re.compile("[^,。;!?]{0,5}?".join(re.escape(plain(part)) for part in loose.split("…")))


def _spelt(word: str, words: str, position: int) -> int:
    """Where `word` ends if it stands at position, as it is or opened up ("理个发", "擦擦窗户"),
    else -1."""
    if words.startswith(word, position):
        return position + len(word)
    if len(word) < 2 or not HAN.fullmatch(word):
        return -1
    inside = _INSIDE.match(words, position + 1)
    after = inside.end() if inside else position + 1
    if inside is None and words.startswith(word[0], position + 1):
        after = position + 2  # 擦擦窗户
    if after > position + 1 and words.startswith(word[1:], after):
        return after + len(word) - 1
    return -1


def _minutes_outside(item: Item, clock: time) -> int:
    minute = clock.hour * 60 + clock.minute
    opens = item.hours_from.hour * 60 + item.hours_from.minute
    closes = item.hours_to.hour * 60 + item.hours_to.minute
    return max(opens - minute, minute - closes, 0)
