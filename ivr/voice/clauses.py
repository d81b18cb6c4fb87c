"""A text cut into clauses: while one is heard, the next is made.

The first is short, since until it is made the caller hears nothing; the later ones are as long
as a sentence, since a voice that sees more of it speaks it better.
"""

from __future__ import annotations

import re
from itertools import pairwise

from ivr.voice.reading import ENDS, MARKS, read

FIRST, LONGEST = 12, 20
"""Characters. 20 take the usual voice 130 ms of a core; a shorter first clause of a long text
leaves room on a busy one."""

_PHRASE = re.compile(rf"[^{MARKS}]+[{MARKS}]?")


def clauses(text: str) -> list[str]:
    """What is said of the text, in pieces with their marks: joined they are `read(text)`.

    A piece is one clause by itself again.
    """
    said = read(text)
    phrases = [phrase for whole in _PHRASE.findall(said) for phrase in _short(whole)]
    first = FIRST if len(said) > LONGEST else LONGEST
    found: list[str] = []
    piece = ""
    for phrase in phrases:
        if piece and len(piece) + len(phrase) > (LONGEST if found else first):
            found.append(piece)
            piece = ""
        piece += phrase
        if phrase[-1] in ENDS:
            found.append(piece)
            piece = ""
    return [*found, piece] if piece else found


def _short(phrase: str) -> list[str]:
    """Equal parts of a phrase in which nobody drew breath."""
    count = -(-len(phrase) // LONGEST)
    cuts = [len(phrase) * number // count for number in range(count + 1)]
    return [phrase[begin:end] for begin, end in pairwise(cuts)]
