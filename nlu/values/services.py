"""The gazetteer: service items named in a sentence, over the raw text.

Exact words first, the longest winning; then things and deeds (`nlu.values.told`). Then by sound,
for what a recogniser or a thumb got wrong ("唤药" for 换药): words of two syllables must sound the
same tone for tone, unless they are of the kind of service that is known to be meant; longer ones
but for the tones, and from four syllables on one may be off a little. zh/z, ch/c, sh/s, n/l, f/h
and -ng/-n are one, as they are for many southern speakers. Sounds are conservative on purpose: a
service nobody asked for costs more than one question.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Protocol

from nlu.values.alike import MisheardThings, SoundsAlike
from nlu.values.dishes import Dishes
from nlu.values.sounds import HAN
from nlu.values.text import plain
from nlu.values.told import Span, ThingsAndDeeds


class Item(Protocol):
    """What the gazetteer needs of a catalogue item (`backend.seed.catalogue.CatalogueItem`)."""

    @property
    def code(self) -> str: ...
    @property
    def words(self) -> tuple[str, ...]: ...
    @property
    def told_by(self) -> Mapping[str, str]: ...
    @property
    def hints(self) -> tuple[str, ...]: ...
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
    catalogue order: `Gazetteer.choose` decides. `by_sound` tells a guess from an exact word,
    `told` what a thing and a deed tell from a name.
    """

    codes: tuple[str, ...]
    start: int
    end: int
    by_sound: bool = False
    told: bool = False

    @property
    def code(self) -> str:
        """The only code, or the first of several."""
        return self.codes[0]

    @property
    def generic(self) -> bool:
        """Whether the word names several items."""
        return len(self.codes) > 1


# What people put inside a verb and its object: 理个发, 量一下血压, 洗次澡, and what they say while
# they think: 打那个针.
_INSIDE = re.compile(
    r"一?[个下次点些顿餐回把遍趟针]|一?下子|一个|了个?|过|完|好|几[个次件]|[两三]次|那个|这个|[嗯呃啊]"
)
# Before these a word only tells which one is meant: 医院隔壁的公园, 喂饭的那根管子.
_LANDMARK = re.compile(r"隔壁|旁边|对面|门口|附近|侧边|后面|前面")
# 早点 is a breakfast, but no less often "a little earlier".
_EARLIER_AFTER = re.compile(
    r"来(?![一两二三四几\d个])|[到去过走出回开收]|休息|歇|睡|下班|上门|人少|做完|弄完"
)
_EARLIER_BEFORE = re.compile(
    r"(?:[她他佢你您饭改能]|尽量|稍微|可以|阿姨|师傅|护士|姑娘|医生|陪诊|抽血|(?:叫|让|喊|催)[^,。个份餐]{1,4})$"
)


class Gazetteer:
    """Finds service items by their catalogue words. Built once; safe to share between threads."""

    def __init__(
        self,
        items: Iterable[Item],
        false_friends: Iterable[str] = (),
        other_words: Iterable[str] = (),
        dishes: Dishes | None = None,
    ) -> None:
        """`false_friends` sound like a service and are none; `other_words` contain a service's
        word and mean something else (照片 has a 片 that nobody took at a hospital)."""
        self.dishes = dishes or Dishes(lambda: ())
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
        self._told = ThingsAndDeeds(self.items.values())
        self._other_words = frozenset(map(plain, other_words))
        self._things: dict[str, list[str]] = defaultdict(list)
        for word in sorted({*self._told.things, *self._other_words}, key=len, reverse=True):
            self._things[word[0]].append(word)
        alone = {word: codes[0] for word, codes in self._codes.items() if len(codes) == 1}
        self._alike = SoundsAlike(alone, false_friends)
        self._misheard = MisheardThings(self._told.things)

    @property
    def words(self) -> tuple[str, ...]:
        """Every word known, for the recogniser's vocabulary and Rasa's lookups."""
        return tuple(self._codes)

    def find(
        self, text: str, known: Sequence[Span] = (), category: str | None = None
    ) -> list[ServiceFound]:
        """Every service named, in the order said.

        `known` spans of the plain text are understood already (days, times, people) and are not
        searched by sound. `category`: the kind of service the sentence is known to be about, if
        so; its words are recognised in a worse hearing.
        """
        words = self._misheard.as_meant(plain(text))
        exact, things, passed = self._scan_words(words)
        things = [t for t in things if not any(_well_inside(t, span) for span in known)]
        found = self._add_told(words, exact, things, [*known, *passed])
        right = [(s.start, s.end) for s in found] + [t for t in things if t[1] - t[0] > 1]
        for start, end, code in self._alike.find(
            words, [*known, *passed, *right], category, near=not found
        ):
            found.append(ServiceFound((code,), start, end, by_sound=True))
        return sorted(found, key=lambda one: one.start)

    def hinted(self, text: str, category: str) -> ServiceFound | None:
        """What a sentence of this category that names no item hints at, else what it means by
        default; None when only asking can tell."""
        hint = self._told.best_hint(plain(text), category)
        if hint is None:
            return self.unnamed(category)
        return ServiceFound(self._shared(hint.code), hint.start, hint.end, told=True)

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

    def _scan_words(self, words: str) -> tuple[list[ServiceFound], list[Span], list[Span]]:
        """The services named exactly, the things, and what names nothing though it looks like it,
        in one walk where the longest word wins; a meal is also a thing (煮顿晚饭)."""
        found: list[ServiceFound] = []
        things: list[Span] = []
        passed: list[Span] = []
        position = 0
        while position < len(words):
            best, end = "", position
            for word in self._by_first.get(words[position], ()):
                stop = _spelt(word, words, position)
                if stop > end:
                    best, end = word, stop
            thing = next(
                (w for w in self._things.get(words[position], ()) if words.startswith(w, position)),
                "",
            )
            stop = position + len(thing)
            best = "" if stop > end else best
            end = max(end, stop)
            landmark = end > position and _LANDMARK.match(words, end)
            other = words[position:end] in self._other_words
            if landmark or other or _is_earlier(words, position, end):
                passed.append((position, end))
            else:
                if thing and stop == end:
                    things.append((position, end))
                found += self._named(best, position, end)
            position = max(end, position + 1)
        return found, things, passed

    def _named(self, word: str, start: int, end: int) -> list[ServiceFound]:
        if not word:
            return []
        if word not in self._together:
            return [ServiceFound(self._codes[word], start, end)]
        *most, last = self._codes[word]
        return [
            *(ServiceFound((c,), start, start) for c in most),
            ServiceFound((last,), start, end),
        ]

    def _add_told(
        self,
        words: str,
        exact: list[ServiceFound],
        things: Sequence[Span],
        taken: Sequence[Span],
    ) -> list[ServiceFound]:
        """The exact words found, and services told by things and deeds; what is done about an
        exact word close by takes its place (煮顿晚饭 asks for a cook)."""
        named = [(one.start, one.end) for one in exact]
        found = list(exact)
        for hit in self._told.find(words, things, named, taken):
            inside = [e for e in exact if hit.start <= e.start and e.end <= hit.end]
            if any(hit.deed[0] + 3 < e.start for e in inside):
                continue
            others = [e for e in found if e not in inside]
            if all(hit.end <= e.start or e.end <= hit.start for e in others):
                codes = self._shared(hit.code)
                found = [*others, ServiceFound(codes, hit.start, hit.end, told=True)]
        return found

    def _shared(self, code: str) -> tuple[str, ...]:
        """What is told of one meal ("饭订一份") is told of all that share its words."""
        generic = self.items[code].generic
        return next((self._codes[plain(word)] for word in generic), (code,))


def _well_inside(one: Span, other: Span) -> bool:
    return other[0] <= one[0] and one[1] <= other[1] and one != other


def _is_earlier(words: str, start: int, end: int) -> bool:
    return words[start:end] == "早点" and bool(
        _EARLIER_AFTER.match(words, end) or _EARLIER_BEFORE.search(words[:start])
    )


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
