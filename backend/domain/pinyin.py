"""Names as they are typed in a hurry: by their pinyin, or its first letters."""

from itertools import islice, product

from pypinyin import Style, pinyin

MOST_READINGS = 8
"""Of a name whose characters are read in several ways (单, 曾, 朝)."""


def pinyin_keys(name: str) -> str:
    """What a name can be found by, each with a space before it: ` lgl liguilan`."""
    ways = pinyin(name, style=Style.NORMAL, heteronym=True, errors="ignore")
    keys: dict[str, None] = {}
    for reading in islice(product(*ways), MOST_READINGS):
        keys["".join(syllable[:1] for syllable in reading)] = None
        keys["".join(reading)] = None
    return "".join(f" {key}" for key in keys if key)
