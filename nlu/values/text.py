"""Plain text: what was typed or recognised, freed of what carries no meaning.

NFKC (full-width digits, circled numbers), traditional to simplified characters, lower case,
no spaces inside Chinese (the recogniser puts them between words), no emoji (but 🆘, which calls
for help) or invisible characters. Each plain character remembers where it came from, so that
words can be given back verbatim.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC

_TO_SIMPLE = OpenCC("t2s")
# Invisible characters, emoji and their modifiers. Symbols such as + or = carry nothing here
# either, but they stay: they are rare and harmless.
_SOS = "🆘"
_DROPPED = frozenset({"Cf", "Cc", "Cs", "Co", "Cn", "So", "Sk", "Mn"})


@dataclass(frozen=True)
class Plain:
    """Plain text with the way back: character i of `text` came from `raw[origin[i]]`."""

    text: str
    raw: str
    origin: tuple[int, ...]

    def verbatim(self, start: int, end: int) -> str:
        """The words of `raw` behind text[start:end], as written, without spaces between."""
        if start >= end:
            return ""
        return "".join(self.raw[self.origin[start] : self.origin[end - 1] + 1].split())


@lru_cache(maxsize=8192)
def _plain_character(character: str) -> str:
    if character == _SOS:
        return "sos"
    out = []
    for part in unicodedata.normalize("NFKC", character).lower():
        kind = unicodedata.category(part)
        if part in "\r\n\u2028":
            out.append(",")
        elif part.isspace():
            out.append(" ")
        elif kind not in _DROPPED:
            out.append(_TO_SIMPLE.convert(part) if kind == "Lo" else part)
    return "".join(out)


@lru_cache(maxsize=1024)
def normalise(raw: str) -> Plain:
    """The plain form of a text. Never raises; idempotent on its own output."""
    letters: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(raw):
        for part in _plain_character(character):
            letters.append(part)
            origin.append(index)
    keep = [i for i, letter in enumerate(letters) if letter != " " or _parts_words(letters, i)]
    return Plain(
        text="".join(letters[i] for i in keep), raw=raw, origin=tuple(origin[i] for i in keep)
    )


def _parts_words(letters: list[str], index: int) -> bool:
    """Whether the space at index stands between two Latin words or numbers and must stay."""
    before = letters[index - 1] if index else " "
    after = letters[index + 1] if index + 1 < len(letters) else " "
    return before.isascii() and before.isalnum() and after.isascii() and after.isalnum()


def plain(raw: str) -> str:
    """The plain text alone."""
    return normalise(raw).text


def mask(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with the spans blanked out (same length), so that nothing is read twice."""
    if not spans:
        return text
    letters = list(text)
    for start, end in spans:
        letters[start:end] = "\0" * (end - start)
    return "".join(letters)
