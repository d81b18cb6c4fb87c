"""Written sentences as they are spoken: figures in characters, ， for every mark, short pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator

import cn2an

from ivr.model.phones import PAUSE, Unreadable, phones_of

LONGEST = 20
"""Characters a piece; what people say in one breath on a telephone is shorter."""

_DIGITS = "零一二三四五六七八九"
_ENDS = re.compile("[。！？!?；;\n…]+")
_MARKS = re.compile(r"""[，,、：:“”"'‘’《》〈〉（）()【】\[\]~～·—\-\s]+""")
_HAN = re.compile("[\u4e00-\u9fff\u3007]")
_CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})")
_YEAR = re.compile(r"(\d{4})(?=年)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_COUNTED = re.compile("[元块个份天年岁米斤克次人分钟小时度平页%]")


def pieces(text: str, longest: int = LONGEST) -> Iterator[str]:
    """What of a written text can be spoken, in pieces of 1 to `longest` characters and ，.

    Emoji and other signs are dropped; a sentence with Latin letters is left out.
    """
    for sentence in _ENDS.split(text):
        phrases = [_bare(part) for part in _MARKS.split(figures_spoken(sentence))]
        if any(part is None for part in phrases):
            continue
        yield from _packed([part for part in phrases if part], longest)


def speakable(text: str) -> bool:
    """Whether every character has a syllable that the model knows."""
    try:
        return bool(phones_of(text))
    except Unreadable:
        return False


def figures_spoken(text: str) -> str:
    """`3月8号` → 三月八号, `11:30` → 十一点三十分, `120` → 一二零, `120元` → 一百二十元."""
    text = _CLOCK.sub(_clock, text)
    text = _YEAR.sub(lambda found: digits_spoken(found.group()), text)
    return _NUMBER.sub(_number, text)


def digits_spoken(digits: str, one: str = "一") -> str:
    """Figure by figure; `one` is 一 or, as in telephone numbers, 幺."""
    return "".join(_DIGITS[int(digit)] for digit in digits).replace("一", one)


def number_spoken(number: int) -> str:
    """A count: 二十三, 一百零五."""
    said: str = cn2an.an2cn(str(number), "low")
    return said.removeprefix("一") if said.startswith("一十") else said


def _clock(found: re.Match[str]) -> str:
    hour, minute = int(found.group(1)), int(found.group(2))
    spoken = f"{number_spoken(hour)}点"
    if minute == 30:
        return spoken + "半"
    if minute:
        spoken += ("零" if minute < 10 else "") + number_spoken(minute) + "分"
    return spoken


def _number(found: re.Match[str]) -> str:
    figures = found.group()
    if "." in figures:
        whole, part = figures.split(".")
        return f"{number_spoken(int(whole))}点{digits_spoken(part)}"
    behind = found.string[found.end() : found.end() + 1]
    counted = len(figures) <= 2 or (len(figures) <= 4 and _COUNTED.match(behind) is not None)
    if counted and not (figures.startswith("0") and len(figures) > 1):
        return number_spoken(int(figures))
    return digits_spoken(figures)


def _bare(phrase: str) -> str | None:
    """The Han characters of a phrase; None if it holds letters or figures beside them."""
    if re.search(r"[0-9A-Za-zＡ-Ｚａ-ｚ０-９%％]", phrase):
        return None
    return "".join(_HAN.findall(phrase))


def _packed(phrases: list[str], longest: int) -> Iterator[str]:
    piece = ""
    for phrase in phrases:
        if len(phrase) > longest:
            if piece:
                yield piece
            piece = ""
        elif piece and len(piece) + 1 + len(phrase) <= longest:
            piece += PAUSE + phrase
        else:
            if piece:
                yield piece
            piece = phrase
    if piece:
        yield piece
