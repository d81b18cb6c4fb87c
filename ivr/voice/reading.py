"""Text as it is said: Han characters and marks, nothing else.

Replies come without figures and brackets already (nlu.prompts.speakable); other texts, and the
letters and signs that both may hold, are read here. What no voice could say is left out.
"""

from __future__ import annotations

import re

from nlu.prompts.speakable import speakable

ENDS = "。！？；"
"""Marks behind a whole thought."""
MARKS = ENDS + "：，、"
"""Every mark that is heard, as a pause, from the longest to the shortest."""

PAUSE_S = {"。": 0.45, "！": 0.45, "？": 0.45, "；": 0.4, "：": 0.3, "，": 0.25, "、": 0.15}
"""Seconds behind a mark at the usual speed: at a full stop long enough to think along."""

_LETTERS = {
    "A": "诶", "B": "必", "C": "西", "D": "弟", "E": "衣", "F": "爱福", "G": "记", "H": "爱曲",
    "I": "爱", "J": "杰", "K": "开", "L": "爱乐", "M": "爱木", "N": "恩", "O": "欧", "P": "批",
    "Q": "扣", "R": "阿", "S": "爱思", "T": "替", "U": "优", "V": "维", "W": "达不溜",
    "X": "爱克思", "Y": "外", "Z": "贼",
}  # fmt: skip
"""Names of letters in the syllables that Chinese voices have."""
_SIGNS = {
    "+": "加", "=": "等于", "&": "和", "×": "乘", "#": "井号", "*": "星号", "〇": "零",
    "—": "，", ".": "。",
}  # fmt: skip
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(rf"[{MARKS}]{{2,}}")


def read(text: str) -> str:
    """The text in Han characters and MARKS; nothing if it holds nothing to say."""
    said = speakable(text)
    if said and text.rstrip().endswith((",", "，")):
        said += "，"  # the end of a clause, not of a text
    said = re.sub(rf"(?<=[{_HAN}])\s*/\s*(?=[{_HAN}])", "或", said)
    said = re.sub("[A-Za-z]", lambda found: _LETTERS[found[0].upper()], said)
    said = "".join(_SIGNS.get(sign, sign) for sign in said)
    said = re.sub(r"\s*\n\s*", "。", said)
    said = re.sub(rf"[^{_HAN}{MARKS}]", "", said)
    said = _RUN.sub(lambda run: min(run[0], key=MARKS.index), said)
    return said.lstrip(MARKS)


def pause_after(clause: str) -> float:
    """Seconds of silence that its last mark asks for, at the usual speed."""
    return PAUSE_S.get(clause[-1:], 0.0)
