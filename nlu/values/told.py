"""Services told by a thing and what is done about it: 窗 and 擦, 水龙头 and 漏, 头发 and 长了.

Nobody over eighty says 深度保洁; they say "那个油烟机滴油滴得怕人,你们来人洗一洗". The catalogue
lists, item by item, the things and the deeds (`told_by`); the two may stand in either order, with
words or a comma between them, but no other service and no "不用". Where the kind of service is
known already, a thing or a hint alone will do (`best_hint`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from nlu.values.sounds import HAN, sounds_of
from nlu.values.text import plain

Span = tuple[int, int]
_NEAR, _FAR, _BRIEF, _BEFORE = 10, 14, 6, 6
"""How many characters may lie between: in a clause, across a comma, beside a thing of one
character, and behind a deed that must come first."""
_HINT = 3
"""A hint proper counts for more than a thing, which is often only where it happens (客厅)."""
_REFUSED = re.compile(r"不用|不要|不必|别|唔使|唔要|无需|不需")
_NOT_THAT = re.compile(r"不是[^,。;!?]*$")
# Nothing is in these: "买点排骨来" tells where nobody comes from.
_NO_WHERE = frozenset({"来", "过来", "陪", "有人", "找人"})
_OF = ("", "的", "里", "里的")
_CLAUSE = re.compile(r"[,。;!?]")


class Told(Protocol):
    """What of a catalogue item is read here."""

    @property
    def code(self) -> str: ...
    @property
    def told_by(self) -> Mapping[str, str]: ...
    @property
    def hints(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Hit:
    """A service told at text[start:end]; `deed` is where the deed stands."""

    code: str
    start: int
    end: int
    deed: Span


@dataclass(frozen=True)
class _Deed:
    word: str
    code: str
    before: bool
    after: bool


class ThingsAndDeeds:
    """The things of a catalogue and their deeds. Built once, safe to share between threads."""

    def __init__(self, items: Iterable[Told]) -> None:
        self._deeds: dict[str, list[_Deed]] = defaultdict(list)
        self._hints: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
        for item in items:
            hints = {word: _HINT * len(word) for word in map(plain, item.hints)}
            for things, deeds in item.told_by.items():
                for thing in plain(things.replace(" ", ",")).split(","):
                    if len(thing) > 1:
                        hints.setdefault(thing, len(thing))
                    for deed in deeds.split():
                        self._deeds[thing].append(
                            _Deed(
                                plain(deed.strip("…")),
                                item.code,
                                before=not deed.startswith("…"),
                                after=not deed.endswith("…"),
                            )
                        )
            if hints:
                self._hints[item.code.partition(".")[0]][item.code] = hints
        self._sounds = {
            category: {
                tuple(s.folded for s in sounds_of(hint)): (code, hint)
                for code, hints in by_code.items()
                for hint in hints
                if len(hint) > 1 and HAN.fullmatch(hint)
            }
            for category, by_code in self._hints.items()
        }

    @property
    def things(self) -> tuple[str, ...]:
        """Every thing, to be looked for beside the words of the services."""
        return tuple(self._deeds)

    def find(
        self, words: str, things: Sequence[Span], services: Sequence[Span], taken: Sequence[Span]
    ) -> list[Hit]:
        """The services told. `things` stand where the text names them; a deed is none inside a
        service's own word, in a longer thing (洗 in 洗衣机) or in what is `taken`."""
        closed = [False] * len(words)
        for start, end in (*services, *taken, *(t for t in things if t[1] - t[0] > 1)):
            closed[start:end] = [True] * (end - start)
        candidates = sorted(
            pair
            for thing in self._without_places(words, things)
            for deed in self._deeds.get(words[slice(*thing)], ())
            for pair in _pairs(words, thing, deed, closed, services)
        )
        hits: list[Hit] = []
        things_told: set[Span] = set()
        for _, _, _, code, thing, deed_at in candidates:
            if thing in things_told or any(
                h.deed[0] < deed_at[1] and deed_at[0] < h.deed[1] and h.code != code for h in hits
            ):
                continue
            things_told.add(thing)
            hits.append(Hit(code, *_compact(words, thing, deed_at, hits), deed_at))
        return hits

    def _without_places(self, words: str, things: Sequence[Span]) -> list[Span]:
        """The things without those that only say where the next one is (家里窗户, 厨房的灯)."""
        kept = []
        for thing, following in zip(things, [*things[1:], None], strict=False):
            if (
                following is None
                or words[thing[1] : following[0]] not in _OF
                or words[slice(*following)] in _NO_WHERE
            ):
                kept.append(thing)
                continue
            deeds = self._deeds.get(words[slice(*thing)], ())
            following_deeds = self._deeds.get(words[slice(*following)], ())
            done_there = any(words.startswith(d.word[0], following[0]) for d in deeds)
            if done_there or {d.code for d in deeds} & {d.code for d in following_deeds}:
                kept.append(thing)
        return kept

    def best_hint(self, words: str, category: str) -> Hit | None:
        """The item of a category that a text without any plainer word hints at most: the one
        with the longest hints said; by their sound if none is."""
        by_code = self._hints.get(category, {})
        best: tuple[int, Hit] | None = None
        for code, hints in by_code.items():
            said = {hint: at for hint in hints if (at := words.find(hint)) >= 0}
            weight = sum(hints[hint] for hint in said) + self._far(words, code)
            if weight and (best is None or weight > best[0]):
                first, at = min(said.items(), key=lambda one: one[1], default=("", 0))
                best = weight, Hit(code, at, at + len(first), (at, at))
        return best[1] if best else self._hint_by_sound(words, category)

    def _far(self, words: str, code: str) -> int:
        """2 if a thing of this service and one of its deeds stand anywhere in the text."""
        return 2 * any(
            thing in words and any(d.code == code and d.word in words for d in deeds)
            for thing, deeds in self._deeds.items()
        )

    def _hint_by_sound(self, words: str, category: str) -> Hit | None:
        known = self._sounds.get(category, {})
        for run in HAN.finditer(words):
            heard = [s.folded for s in sounds_of(run.group())]
            if len(heard) != len(run.group()):
                continue
            for size in (4, 3, 2):
                for i in range(len(heard) - size + 1):
                    one = known.get(tuple(heard[i : i + size]))
                    start = run.start() + i
                    if one and _half_right(words[start : start + size], one[1]):
                        return Hit(one[0], start, start + size, (start, start))
        return None


def _half_right(said: str, meant: str) -> bool:
    return 2 * sum(a == b for a, b in zip(said, meant, strict=True)) >= len(meant)


_Candidate = tuple[bool, int, int, str, Span, Span]


def _pairs(
    words: str, thing: Span, deed: _Deed, closed: Sequence[bool], services: Sequence[Span]
) -> list[_Candidate]:
    """A thing with this deed, at most once on either side, as something to choose from: those of
    one clause first, then the longer words, then the nearer."""
    start, end = thing
    reach = _FAR if end - start > 1 else _BRIEF
    spans: list[Span] = []
    if deed.after:
        at = words.find(deed.word, end, end + reach + len(deed.word))
        spans += [(at, at + len(deed.word))] if at >= 0 else []
    if deed.before:
        low = max(0, start - (reach if deed.after else _BEFORE) - len(deed.word))
        at = words.rfind(deed.word, low, start)
        spans += [(at, at + len(deed.word))] if at >= 0 else []
    pairs = []
    for at, stop in spans:
        low, high = (end, at) if at >= end else (stop, start)
        between = words[low:high]
        across = bool(_CLAUSE.search(between))
        if (
            any(closed[at:stop])
            or _REFUSED.search(between)
            or _NOT_THAT.search(between)
            or len(between) > (_NEAR if not across else reach)
            or (across and reach == _BRIEF)
            or any(low <= s and e <= high for s, e in services)
        ):
            continue
        weight = (end - start) + len(deed.word)
        pairs.append((across, -weight, len(between), deed.code, thing, (at, stop)))
    return pairs


def _compact(words: str, thing: Span, deed: Span, hits: Sequence[Hit]) -> Span:
    """From the thing to the deed where they stand close together, else the thing alone."""
    start, end = min(thing[0], deed[0]), max(thing[1], deed[1])
    close = end - start <= _BRIEF + thing[1] - thing[0] + deed[1] - deed[0]
    free = all(end <= h.start or h.end <= start for h in hits)
    return (start, end) if close and free and not _CLAUSE.search(words[start:end]) else thing
