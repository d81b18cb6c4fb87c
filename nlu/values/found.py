"""A value found in a text, and what corrections ("不是明天,是后天") leave of several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Found(Generic[T]):
    """A value with its span in the plain text.

    `at` is the place in the sentence where the value counts: its own start, or, for a
    correction, the start of what it corrects ("明天送饭…不对,后天" puts 后天 where 明天 stood).
    """

    value: T
    start: int
    end: int
    at: int


def found(value: T, start: int, end: int) -> Found[T]:
    """A Found that counts where it stands."""
    return Found(value, start, end, start)


_SUPERSEDES = re.compile(
    r"不对|不是|[哦喔噢啊呃哎嗯唉],?不|错了|错啦|说错|讲错|搞错|记错|我是说|应该是|应该系"
    r"|改[成到为在期]|改一?下|换[成到为]|调[整]?[到成]|挪到|推迟?到|延[后迟期]?到|提前到|变成|还是"
    r"|算了|(?:^|[,。!?;、])不[,。]"
)
_HARD_NO = re.compile(r"(?:不是(?:说|在|给|要|约|订)?|除了?|除开|唔系)$")
_SOFT_NO = re.compile(r"(?:不要|别|不用|不想|不约|不订|不在|唔要|唔使|取消)$")
_ASKED = re.compile(r"^.{0,6}(?:吗|么|吧\?)")
_NOT_FREE = re.compile(
    r"^[我她他俺们都也就那天可能家里妈爸,]{0,4}(?:除外|以外|之外"
    r"|(?:不行|没空|没时间|不方便|不在家?|有事|不得闲|来不了|不合适|唔得|没人在家)(?!吗))"
)


def settle(text: str, found_values: Sequence[Found[T]]) -> list[Found[T]]:
    """What stays after the speaker's own corrections, in the order said.

    A value after a correcting word takes the place of the one before it; a value said not to
    be meant ("不是明天", "除了周三", "周三不行") goes; after a mere "不要" or "取消" it goes only
    when another stays.
    """
    kept: list[Found[T]] = []
    soft: list[Found[T]] = []
    place: int | None = None
    for item in sorted(found_values, key=lambda one: one.start):
        before, after = text[: item.start], text[item.end : item.end + 10]
        if (_HARD_NO.search(before) and not _ASKED.match(after)) or _NOT_FREE.match(after):
            place = item.start if place is None else place
            continue
        if _SOFT_NO.search(before):
            soft.append(item)
            continue
        if kept and _SUPERSEDES.search(text[kept[-1].end : item.start]):
            kept[-1] = replace(item, at=kept[-1].at)
            continue
        kept.append(item if place is None or kept else replace(item, at=place))
        place = None
    return kept or soft
