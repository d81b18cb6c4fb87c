"""A recogniser's mistakes, made on purpose: what a telephone and a small model do to a sentence.

The model, character by character, from what was seen of recognisers and southern speakers:

- no punctuation, no emoji, no case; figures come as words ("3" → 三);
- a character becomes another of the same or a confusable syllable. Six in ten keep the syllable
  (tone aside); the rest cross one of the usual lines: n/l, zh/z, ch/c, sh/s, f/h, r/l, and
  -n/-ng after a, e, i;
- characters are dropped, doubled, or preceded by a hesitation (嗯, 呃, 那个).

`share` is the mean share of characters touched. It varies from call to call: of ten callers four
are heard perfectly, the others share the mistakes. Python 3.10, since the corpus is also built
in Rasa's environment.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from pypinyin import lazy_pinyin

SHARE = 0.10
"""A small model hears made voices at about 9 % character errors, the telephone adds some."""
HEARD_PERFECTLY = 0.4
_KINDS = ("swap", "drop", "double", "hesitate")
_HOW_OFTEN = (0.78, 0.12, 0.04, 0.06)
_SAME_SYLLABLE = 0.6
_HESITATIONS = ("嗯", "呃", "啊", "那个", "这个")
_DIGITS = "零一二三四五六七八九"
_NUMBER = re.compile(r"\d+")
_NOT_SPOKEN = re.compile(r"[^\w]|_")
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"), ("r", "l"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


def as_heard(text: str, dice: random.Random, share: float = SHARE) -> str:
    """`text` as a recogniser might have written it down; the same for the same dice."""
    clean = as_spoken(text)
    if dice.random() < HEARD_PERFECTLY:
        return clean
    rate = min(share / (1 - HEARD_PERFECTLY) * dice.uniform(0.5, 1.5), 0.5)
    heard = "".join(_misheard(c, dice) if dice.random() < rate else c for c in clean)
    return heard or clean


def as_spoken(text: str) -> str:
    """The text as a perfect recogniser would give it: no punctuation, figures as words."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return _NOT_SPOKEN.sub("", _NUMBER.sub(_in_words, plain)) or plain


def _in_words(number: re.Match[str]) -> str:
    """10 → 十, 24 → 二十四; longer ones (codes, telephone numbers) figure by figure."""
    value = int(number.group())
    if not 10 <= value < 100 or len(number.group()) != 2:
        return "".join(_DIGITS[int(figure)] for figure in number.group())
    tens, ones = divmod(value, 10)
    return (_DIGITS[tens] if tens > 1 else "") + "十" + (_DIGITS[ones] if ones else "")


def noised(texts: Iterable[str], seed: int, share: float = SHARE) -> list[str]:
    """Each text as heard once; the same seed gives the same mistakes."""
    dice = random.Random(seed)
    return [as_heard(text, dice, share) for text in texts]


def _misheard(character: str, dice: random.Random) -> str:
    kind = dice.choices(_KINDS, _HOW_OFTEN)[0]
    if kind == "drop":
        return ""
    if kind == "double":
        return character * 2
    if kind == "hesitate":
        return dice.choice(_HESITATIONS) + character
    return _other(character, dice)


def _other(character: str, dice: random.Random) -> str:
    syllable = lazy_pinyin(character)[0]
    by_sound = _characters_by_sound()
    sounds = [syllable]
    if dice.random() >= _SAME_SYLLABLE:
        sounds = [sound for sound in confusable(syllable) if sound in by_sound] or sounds
    others = [c for c in by_sound.get(dice.choice(sounds), ()) if c != character]
    return dice.choice(others) if others else character


@lru_cache(maxsize=1024)
def confusable(syllable: str) -> tuple[str, ...]:
    """The syllables one accent or one bad line away: `shan` → san, shang."""
    found = []
    for one, other in _INITIALS:
        for a, b in ((one, other), (other, one)):
            rest = syllable[len(a) :]
            # "z" also begins "zhan", whose line is zh/z alone.
            if syllable.startswith(a) and not (len(a) == 1 and rest.startswith("h")):
                found.append(b + rest)
    for one, other in _FINALS:
        if syllable.endswith(one):
            found.append(syllable[: -len(one)] + other)
        elif syllable.endswith(other):
            found.append(syllable[: -len(other)] + one)
    return tuple(found)


@lru_cache(maxsize=1)
def _characters_by_sound() -> dict[str, tuple[str, ...]]:
    """The 3,755 common characters (GB 2312, level 1) by toneless syllable."""
    found: dict[str, list[str]] = defaultdict(list)
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            try:
                character = bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            found[lazy_pinyin(character)[0]].append(character)
    return {sound: tuple(characters) for sound, characters in found.items()}
