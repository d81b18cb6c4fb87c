"""Calls for help read by meaning: frames of words, and guards that take them back.

The words live in `data/emergency.yaml`, which explains itself. Here they are compiled and a
text is judged: every frame found in it is taken as sure, as doubtful, or as taken back by a
guard, and the gravest counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from itertools import chain, product
from typing import Any

from nlu.guards import Guard, Hit, beside
from nlu.values.sounds import HAN, sounds_of

_GAP = "[^。!?;]{0,6}?"
_PLACE = re.compile(r"\{([^}]+)\}")
_AND = " & "
_STUTTER = re.compile(r"(.{1,3}?)\1+")
_FILLER = re.compile(r"[嗯呃额唉哎诶]|那个|就是说?")
_LONGEST_HEARD = 7
_Sound = tuple[str, ...]


class Certainty(IntEnum):
    """How sure it is that somebody needs help now."""

    NONE = 0
    TAKEN_BACK = 1
    """The words are there, but something else says that they do not mean it."""
    DOUBTFUL = 2
    """It may be: worth a question."""
    SURE = 3


@dataclass(frozen=True)
class Verdict:
    """What the rules make of a text; `span` is where in the plain text the words stand.
    `cried`: help itself was called for ("救命", "打120"), not only danger told of."""

    certainty: Certainty
    span: tuple[int, int] | None = None
    cried: bool = False


@dataclass(frozen=True)
class Phrase:
    """One word of one place of a frame, in the shortest text that has the frame's meaning."""

    frame: str
    word: str
    text: str


class Alarms:
    """The frames and guards of one data file, compiled. Holds no state; safe to share."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """`data` is `emergency.yaml` as loaded. Raises KeyError for a place that has no list and
        for a guard about a frame that is not there."""
        self._reads_as = str.maketrans(data["reads as"])
        shared = data["words"]
        self._words = {name: {**shared, **f.get("words", {})} for name, f in data["frames"].items()}
        self._says: dict[str, list[str]] = {n: list(f["say"]) for n, f in data["frames"].items()}
        self._lasts = {name for name, f in data["frames"].items() if f["level"] == "state"}
        self._frames = {name: p for name in self._says if (p := self._pattern(name)) is not None}
        self._joined = [
            (name, [re.compile(self._expression(name, part)) for part in say.split(_AND)])
            for name, says in self._says.items()
            for say in says
            if _AND in say
        ]
        self._guards = {name: self._guard(guard) for name, guard in data["guards"].items()}
        self._now = re.compile(data["now"].translate(self._reads_as))
        self._sudden = re.compile(data["sudden"].translate(self._reads_as))
        self._cry = re.compile(data["beyond doubt"]["cry"])
        self._cry_guards = [self._guards[name] for name in data["beyond doubt"]["guards"]]
        self._heard_alone = frozenset(data["heard"])
        self._never_heard = frozenset(data["not heard"])
        self._by_sound = self._sounds()

    def judge(self, words: str) -> Verdict:
        """The gravest of what is found in a plain text (`nlu.values.text`), taken as it is and
        without stutter ("我我我喘喘不过气")."""
        words = words.translate(self._reads_as)
        verdict = self._judge(words)
        if verdict.certainty is not Certainty.NONE:
            return verdict
        fluent, origin = _without_stutter(words)
        if fluent == words:
            return verdict
        again = self._judge(fluent)
        if again.span is None:
            return again
        start, end = again.span
        return replace(again, span=(origin[start], origin[end - 1] + 1))

    def _judge(self, words: str) -> Verdict:
        if (cry := self._cry.search(words)) is not None:
            hit = Hit("call", *cry.span())
            if not any(guard.holds(words, hit) for guard in self._cry_guards):
                return Verdict(Certainty.SURE, cry.span(), cried=True)
        worst = Verdict(Certainty.NONE)
        for hit in self._found(words):
            certainty = self._weigh(words, hit)
            if certainty > worst.certainty:
                worst = Verdict(certainty, (hit.start, hit.end))
            if certainty is Certainty.SURE:
                break
        return worst

    def phrases(self) -> Iterator[Phrase]:
        """Every word of every place of every frame, once."""
        for frame, says in self._says.items():
            for say in says:
                places = _PLACE.findall(say)
                example = {place: self._words[frame][place][0] for place in places}
                for place in places:
                    for word in self._words[frame][place]:
                        yield Phrase(frame, str(word), _filled(say, {**example, place: word}))
                if not places:
                    yield Phrase(frame, say, _filled(say, {}))

    def frames_in(self, words: str) -> set[str]:
        """The names of the frames that stand in a plain text, whatever the guards say."""
        return {hit.frame for hit in self._found(words.translate(self._reads_as))}

    # -- judging -----------------------------------------------------------------------------

    def _found(self, words: str) -> Iterator[Hit]:
        any_exact = False
        for name, pattern in self._frames.items():
            for found in pattern.finditer(words):
                any_exact = True
                yield Hit(name, *found.span(1))
        for name, patterns in self._joined:
            parts = [pattern.search(words) for pattern in patterns]
            if parts[0] is not None and None not in parts:
                any_exact = True
                yield Hit(name, *parts[0].span())
        if not any_exact:
            yield from self._heard(words)

    def _weigh(self, words: str, hit: Hit) -> Certainty:
        holding = [guard for guard in self._guards.values() if guard.holds(words, hit)]
        if not holding:
            lasting = hit.frame in self._lasts and not self._now.search(beside(words, hit))
            return Certainty.DOUBTFUL if lasting or hit.misheard else Certainty.SURE
        if all(guard.leaves_doubt for guard in holding):
            return Certainty.DOUBTFUL
        if all(guard.yields for guard in holding) and self._sudden.search(beside(words, hit)):
            return Certainty.DOUBTFUL
        return Certainty.TAKEN_BACK

    def _heard(self, words: str) -> Iterator[Hit]:
        """Words that only sound so ("喘不上汽"), at least half of their characters right."""
        for run in HAN.finditer(words):
            sounds = _sound(run.group())
            if len(sounds) != len(run.group()):
                continue
            for size in range(2, _LONGEST_HEARD + 1):
                for i in range(len(sounds) - size + 1):
                    said = run.group()[i : i + size]
                    if any(word in said for word in self._never_heard):
                        continue
                    for frame, meant in self._by_sound.get(sounds[i : i + size], ()):
                        right = sum(a == b for a, b in zip(said, meant, strict=True))
                        if right * 2 >= size:
                            start = run.start() + i
                            yield Hit(frame, start, start + size, misheard=size == 2)

    # -- compiling ---------------------------------------------------------------------------

    def _pattern(self, frame: str) -> re.Pattern[str] | None:
        """A lookahead, so that one frame may begin inside another."""
        says = [self._expression(frame, say) for say in self._says[frame] if _AND not in say]
        return re.compile(f"(?=({'|'.join(says)}))") if says else None

    def _expression(self, frame: str, say: str) -> str:
        pieces = []
        for i, piece in enumerate(_PLACE.split(say)):
            if i % 2 == 0:
                pieces.append(_literal(piece))
                continue
            words = sorted(map(str, self._words[frame][piece]), key=len, reverse=True)
            pieces.append("(?:" + "|".join(map(_literal, words)) + ")")
        return "".join(pieces).translate(self._reads_as)

    def _sounds(self) -> dict[_Sound, list[tuple[str, str]]]:
        """How each frame without a gap sounds, words put together place by place."""
        found: dict[_Sound, list[tuple[str, str]]] = {}
        for frame, says in self._says.items():
            for say in says:
                if _AND in say:
                    continue
                pieces = [
                    self._read(piece) if i % 2 == 0 else self._read(*self._words[frame][piece])
                    for i, piece in enumerate(_PLACE.split(say.replace("…", "")))
                ]
                for chosen in product(*pieces):
                    phrase = "".join(chosen)
                    long_enough = len(phrase) > 2 or phrase in self._heard_alone
                    if long_enough and len(phrase) <= _LONGEST_HEARD and HAN.fullmatch(phrase):
                        sound = tuple(chain.from_iterable(map(_sound, filter(None, chosen))))
                        found.setdefault(sound, []).append((frame, phrase))
        return found

    def _read(self, *words: object) -> list[str]:
        return [str(word).translate(self._reads_as) for word in words]

    def _guard(self, guard: Mapping[str, Any]) -> Guard:
        between = "|".join(guard.get("between", ()))
        before = _any_of(guard.get("before"))
        return Guard(
            before=self._compiled(f"(?:{before})(?:{between}){{0,5}}$" if before else None),
            after=self._compiled(_any_of(guard.get("after"))),
            near=self._compiled(_any_of(guard.get("near"))),
            anywhere=self._compiled(_any_of(guard.get("anywhere"))),
            with_=self._compiled(guard.get("with")),
            unless=self._compiled(guard.get("unless")),
            frames=self._named(guard.get("of")) - self._named(guard.get("except", ())),
            leaves_doubt="leaves" in guard,
            yields=bool(guard.get("yields", False)),
        )

    def _compiled(self, pattern: str | None) -> re.Pattern[str] | None:
        return re.compile(pattern.translate(self._reads_as)) if pattern else None

    def _named(self, names: Iterable[str] | None) -> frozenset[str]:
        """Frames by name or by level; all when nothing is named."""
        if names is None:
            return frozenset(self._says)
        found: set[str] = set()
        for name in names:
            found |= self._lasts if name == "state" else {self._known(name)}
        return frozenset(found)

    def _known(self, frame: str) -> str:
        if frame not in self._says:
            raise KeyError(frame)
        return frame


def _filled(say: str, words: Mapping[str, Any]) -> str:
    filled = _PLACE.sub(lambda place: str(words[place[1]]), say)
    return filled.replace("…", "").replace(_AND, ",")


def _without_stutter(words: str) -> tuple[str, list[int]]:
    """The text without fillers and immediate repetitions, and where each character was."""
    kept = list(range(len(words)))
    text = words
    for pattern, keep in ((_FILLER, 0), (_STUTTER, 1)):
        dropped: set[int] = set()
        for found in pattern.finditer(text):
            dropped |= set(range(found.start() + (len(found[1]) if keep else 0), found.end()))
        kept = [kept[i] for i in range(len(text)) if i not in dropped]
        text = "".join(words[i] for i in kept)
    return text, kept


def _literal(word: str) -> str:
    return _GAP.join(re.escape(part) for part in word.split("…"))


@lru_cache(maxsize=8192)
def _sound(han: str) -> _Sound:
    return tuple(s.folded for s in sounds_of(han))


def _any_of(patterns: Iterable[str] | None) -> str | None:
    return "|".join(patterns) if patterns else None
