"""Dishes of the menus named in a sentence: by their words, or by their sound.

Nobody says 肉末蒸水蛋 who means 蒸水蛋, so the end of a name, from three characters on, names it
too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from nlu.values.found import Found, found
from nlu.values.sounds import HAN, sounds_of
from nlu.values.text import plain

_SHORTEST = 3


class Dishes:
    """The dishes on the menus. Menus change: `read` gives the names (None: no news) and is asked
    again when those known are older than `fresh_for` seconds; safe to share between threads."""

    def __init__(
        self, read: Callable[[], Iterable[str] | None], fresh_for: float = float("inf")
    ) -> None:
        self._read = read
        self._fresh_for = fresh_for
        self._until = float("-inf")
        self._names: frozenset[str] = frozenset()
        self._words: frozenset[str] = frozenset()
        self._sounds: dict[tuple[str, ...], str] = {}
        self._longest = 0

    def find(self, text: str) -> list[Found[str]]:
        """Every dish named, as the menus write what was said of its name, in order.

        Raises whatever `read` raises.
        """
        self._keep_fresh()
        words = plain(text)
        named: list[Found[str]] = []
        for run in HAN.finditer(words):
            heard = [sound.folded for sound in sounds_of(run.group())]
            at = 0
            while at < len(heard):
                dish = self._at(run.group(), heard, at)
                if dish:
                    start = run.start() + at
                    named.append(found(dish, start, start + len(dish)))
                at += len(dish) or 1
        return named

    def _at(self, said: str, heard: list[str], at: int) -> str:
        for size in range(min(self._longest, len(heard) - at), _SHORTEST - 1, -1):
            words = said[at : at + size]
            if words in self._words:
                return words
            dish = self._sounds.get(tuple(heard[at : at + size]))
            if dish and 2 * sum(a == b for a, b in zip(words, dish, strict=True)) >= size:
                return dish
        return ""

    def _keep_fresh(self) -> None:
        now = time.monotonic()
        if now < self._until:
            return
        self._until = now + self._fresh_for
        read = self._read()
        names = None if read is None else frozenset(read)
        if names is None or names == self._names:
            return
        self._names = names
        ends = {
            name[i:]
            for name in map(plain, names)
            if HAN.fullmatch(name)
            for i in range(max(1, len(name) - _SHORTEST + 1))
        }
        self._words = frozenset(ends)
        self._sounds = {
            tuple(sound.folded for sound in sounds_of(end)): end
            for end in ends
            if len(end) >= _SHORTEST
        }
        self._longest = max(map(len, ends), default=0)
