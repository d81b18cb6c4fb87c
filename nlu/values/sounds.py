"""How Chinese words sound to an ear that folds what many southern speakers do not tell apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

HAN = re.compile(r"[\u4e00-\u9fff]+")
_FOLDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


@dataclass(frozen=True)
class Sound:
    """One syllable: folded, without tone; and its tone, "1" to "5"."""

    folded: str
    tone: str


def fold(syllable: str) -> str:
    """A toneless syllable as the fold hears it: zhang → zan, lan/nan → lan, fu/hu → hu."""
    for old, new in _FOLDS:
        syllable = syllable.replace(old, new)
    if syllable.startswith("n"):
        syllable = "l" + syllable[1:]
    if syllable.startswith("f"):
        syllable = "h" + syllable[1:]
    return syllable


@lru_cache(maxsize=2048)  # the rules and the gazetteer ask for the same runs
def sounds_of(han: str) -> tuple[Sound, ...]:
    """The syllables of a run of Chinese characters, one each."""
    spoken = lazy_pinyin(han, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=False)
    return tuple(Sound(fold(s.rstrip("012345")), s[-1]) for s in spoken)
