"""Words by their sound: what a recogniser or a thumb made of them ("唤药" for 换药)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz.distance import Levenshtein

from nlu.values.sounds import HAN, Sound, sounds_of

# Characters too common to be somebody's slip of the ear for a part of a service's name.
_FUNCTION = frozenset(
    "一二两三四五六七八九十点的了是我你他她去在不有想就也还没吗呢吧和跟给把被这那个"
)
# Between these hardly anything but a service is named: 上门理法, 理法的师傅.
_HOME_VISIT = re.compile(r"上门$")
_BY_WHOM = re.compile(r"的?(?:师傅|阿姨|护士|姑娘|小姑娘|大姐|护理员)")
_LONG = 3
_Entry = tuple[str, tuple[Sound, ...]]


class SoundsAlike:
    """The words of services by their sounds. `false_friends` sound like one and are none."""

    def __init__(self, codes: Mapping[str, str], false_friends: Iterable[str] = ()) -> None:
        self._codes = dict(codes)
        self._false_friends = tuple(false_friends)
        self._same: dict[tuple[str, ...], list[_Entry]] = defaultdict(list)
        self._near: dict[tuple[str, ...], list[_Entry]] = defaultdict(list)
        for word in self._codes:
            if len(word) < 2 or not HAN.fullmatch(word):
                continue
            sounds = sounds_of(word)
            key = tuple(s.folded for s in sounds)
            self._same[key].append((word, sounds))
            if len(word) >= 4:
                for i in range(len(key)):
                    self._near[(*key[:i], "*", *key[i + 1 :])].append((word, sounds))
        self._longest = max(map(len, self._codes), default=0)

    def find(
        self, words: str, right: Sequence[tuple[int, int]], category: str | None, near: bool
    ) -> list[tuple[int, int, str]]:
        """(start, end, code) of every word heard outside the spans that are `right` as they stand.

        Of the `category` that is meant, two syllables need not have their tones. `near` lets one
        syllable of a longer word be a little off, if nothing sounds just like a service.
        """
        taken = [False] * len(words)
        for start, end in right:
            taken[start:end] = [True] * (end - start)
        for friend in self._false_friends:
            at = words.find(friend)
            if at >= 0:
                taken[at : at + len(friend)] = [True] * len(friend)
        runs = [(run.start(), run.group()) for run in HAN.finditer(words)]
        heard = [(start, run, sounds_of(run)) for start, run in runs if len(run) > 1]
        found: list[tuple[int, int, str]] = []
        for loosely in (False, True) if near else (False,):
            if loosely and found:
                break
            for start, run, sounds in heard:
                found += self._scan(start, run, sounds, taken, loosely, category)
        return found

    def _scan(
        self,
        offset: int,
        run: str,
        sounds: tuple[Sound, ...],
        taken: list[bool],
        near: bool,
        category: str | None,
    ) -> list[tuple[int, int, str]]:
        found: list[tuple[int, int, str]] = []
        if len(sounds) != len(run):
            return found
        for size in range(min(self._longest, len(run)), 3 if near else 1, -1):
            for i in range(len(run) - size + 1):
                start, end = offset + i, offset + i + size
                if any(taken[start:end]):
                    continue
                own = _HOME_VISIT.search(run[:i]) or _BY_WHOM.match(run, i + size)
                word = self._sounding_like(
                    run[i : i + size], sounds[i : i + size], near, category, bool(own)
                )
                if word is not None:
                    found.append((start, end, self._codes[word]))
                    taken[start:end] = [True] * size
        return found

    def _sounding_like(
        self, said: str, sounds: tuple[Sound, ...], near: bool, category: str | None, named: bool
    ) -> str | None:
        key = tuple(s.folded for s in sounds)
        for word, spelt in self._near_to(key) if near else self._same.get(key, ()):
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
                continue
            own = named or (category is not None and self._codes[word].startswith(f"{category}."))
            tones_too = [s.tone for s in sounds] == [s.tone for s in spelt]
            if len(said) > 2 or tones_too or (own and len(changed) < len(said)):
                return word
        return None

    def _near_to(self, key: tuple[str, ...]) -> list[_Entry]:
        return [
            entry
            for i in range(len(key))
            for entry in self._near.get((*key[:i], "*", *key[i + 1 :]), ())
        ]


class MisheardThings:
    """Long words of things a service is told by, put right where one character of them is
    another of the same sound (油烟鸡 for 油烟机)."""

    def __init__(self, things: Iterable[str]) -> None:
        self._known = {
            tuple(s.folded for s in sounds_of(thing)): thing
            for thing in things
            if len(thing) >= _LONG and HAN.fullmatch(thing)
        }
        self._sizes = sorted({len(key) for key in self._known}, reverse=True)

    def as_meant(self, words: str) -> str:
        """The plain text with its things as they are written; as long as it was."""
        letters = list(words)
        for run in HAN.finditer(words):
            sounds = [s.folded for s in sounds_of(run.group())]
            if len(sounds) != len(run.group()):
                continue
            for size in self._sizes:
                for i in range(len(sounds) - size + 1):
                    thing = self._known.get(tuple(sounds[i : i + size]))
                    start = run.start() + i
                    if thing and _one_off(words[start : start + size], thing):
                        letters[start : start + size] = thing
        return "".join(letters)


def _one_off(said: str, meant: str) -> bool:
    wrong = [a for a, b in zip(said, meant, strict=True) if a != b]
    return len(wrong) == 1 and wrong[0] not in _FUNCTION
