"""What the dialogue itself hears in a text, beside the understanding: taps, ordinals, set words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from nlu.prompts.wording import words
from nlu.values.numbers import find_order_number

LONGEST = 300
"""Characters of one message. Longer than this nobody reads an order out of it for certain."""
_HAN = re.compile("[\u3400-\u9fff]")
_READABLE = re.compile("[\u3400-\u9fff\\d]")
_ORDINAL = re.compile(r"第\s*([一二三四五1-5])|^\s*([一二三四五1-5])\s*(?:号|个)?\s*$")
_LAST = re.compile(r"最后|后面那|后一|下面那")
_FIRST = re.compile(r"前面那|前一|上面那|头一")
_BIND_CODE = re.compile(r"(?<!\d)\d{6}(?:\d{4})?(?!\d)")


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot keep: control characters and half characters."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))


def bare(text: str) -> str:
    """The text without punctuation, spaces and case, for comparing."""
    normal = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\W_]+", "", normal)


def has(table: str, text: str) -> bool:
    """Whether the text contains one of the words listed in `words.yaml`."""
    plain = bare(text)
    return any(listed in plain for listed in words()[table])


def is_just(table: str, text: str) -> bool:
    """Whether the text is one of the listed words, but for a particle or two."""
    plain = re.sub(r"^(?:那就?|我|就|还是)+|[吧啊了呀哦嘛呢的]+$", "", bare(text))
    return any(plain == re.sub(r"[吧了]+$", "", listed) for listed in words()[table])


def is_one_of(table: str, text: str) -> bool:
    """Whether the text is one of the listed words to the letter, but for a sigh behind it."""
    return re.sub("[吧啊呀哦嘛呢啦]+$", "", bare(text)) in words()[table]


def kind_of_service(text: str) -> str | None:
    """护士, 饭, 阿姨: the kind of service that words for people and things stand for."""
    plain = bare(text)
    for kind, said in words()["kinds"].items():
        if any(one in plain for one in said):
            return str(kind)
    return None


def picked(text: str, choices: Sequence[str]) -> int | None:
    """Which of the quick answers shown last this text is (a tap sends the very words)."""
    plain = bare(text)
    return next((i for i, c in enumerate(choices) if plain and plain == bare(c)), None)


def counted(text: str, choices: Sequence[str]) -> int | None:
    """Which quick answer a bare figure points at: "2" is the second."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return int(plain) - 1 if plain in ("1", "2", "3") and int(plain) <= len(choices) else None


def stars(text: str) -> int | None:
    """A bare figure from 1 to 5, as the news of a finished visit asks for."""
    plain = bare(text)
    return int(plain) if plain in tuple("12345") else None


def ordinal(text: str, length: int) -> int | None:
    """ "第二个", "2", "最后一个": the index into a list of `length`; None when none is meant."""
    if found := _ORDINAL.search(unicodedata.normalize("NFKC", text)):
        said = found[1] or found[2]
        index = "一二三四五".find(said)
        index = index if index >= 0 else int(said) - 1
        return index if index < length else None
    if length and _LAST.search(text):
        return length - 1
    return 0 if length and _FIRST.search(text) else None


def bind_code(text: str) -> str | None:
    """A binding code, also with spaces between the digits: six for a family, ten for a worker."""
    plain = unicodedata.normalize("NFKC", text)
    found = _BIND_CODE.search(plain) or _BIND_CODE.search(re.sub(r"(?<=\d)[\s-]+(?=\d)", "", plain))
    return found[0] if found else None


def number_in(text: str) -> str | None:
    """An order's number said in the text."""
    return find_order_number(text)


def is_readable(text: str) -> bool:
    """Whether there is anything in the text that we could read: Chinese words or figures."""
    if not _READABLE.search(unicodedata.normalize("NFKC", text)):
        return False
    letters = sum(c.isalpha() and not _HAN.match(c) for c in text)
    return len(_HAN.findall(text)) * 4 >= letters or letters < 8
