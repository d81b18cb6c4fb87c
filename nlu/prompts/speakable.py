"""Written text made into text that a voice can read."""

from __future__ import annotations

import re
import unicodedata

from nlu.prompts.figures import figures_spoken
from nlu.prompts.wording import tidy

_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]")


def speakable(text: str) -> str:
    """No brackets, bullets, emoji or figures: what stands in them is said in words, see
    `figures_spoken`. Text that is speakable already stays as it is.
    """
    said = unicodedata.normalize("NFKC", _EMOJI.sub("", text))
    said = re.sub(r"^(?:\s*(?:[-•·*](?!\d)|\d+[.、)](?!\d)))+\s*", "", said, flags=re.MULTILINE)
    said = re.sub(r"[(\[<【「『《\])>】」』》]", ",", re.sub('["\u201c\u201d]', "", said))
    said = figures_spoken(said)
    said = re.sub(r"\s*\n+\s*", "。", said.strip())
    said = re.sub(r"[,、\s]*([。!?;:])(?:[,、。\s]|(?<=[:;])[!?;:])*", r"\1", said)
    said = re.sub(r"[,\s]*,[,\s]*", ",", said)
    return tidy(said.strip(", "))
