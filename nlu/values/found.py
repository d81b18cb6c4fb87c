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


_WHEN_WORDS = (
    r"(?:大?[今明后昨前听][天日晚早朝]|(?:下下|[下这上本])?个?(?:周|星期|礼拜)[一二三四五六日天末]"
    r"|[\d一二三四五六七八九十廿]{1,3}[号日]|凌晨|清早|[早晚]上|早晨|朝早|[上中下]午|[上下]昼|晏昼"
    r"|傍晚|夜晚|的)+"
)
_SUPERSEDES = re.compile(
    r"[不唔]对|不是|唔系|唔啱|[哦喔噢啊呃哎嗯唉],?不|错了|错啦|说错|讲错|搞错|记错|我是说|应该是|应该系"
    r"|呸|口误|嘴瓢|更正"
    r"|改[成到为在期]|改一?下|换[成到为]|调[整]?[到成]|挪到|推迟?到|延[后迟期]?到|提前到|变成|还是"
    rf"|算了|(?:^|[,。!?;、])不[,。]|(?<![要有])[改换调挪推转](?:{_WHEN_WORDS})?$"
)
# Said before a value a second time: it begins the reason why that will not do.
_SECOND_THOUGHT = re.compile(
    r"(?:^|[,。;!?.])(?:[哦喔噢啊呃哎唉]|等[下等]|等一[下等]|慢着|慢点)"
    r"|不行|唔得|可是?$|但是?$|不过$"
)
_NO = r"(?:(?<!是)不是(?:说|在|给|要|约|订)?|除了?|除开|(?<!系)唔系)"
_HARD_NO = re.compile(_NO + "$")
# "不是明天下午三点": the denial reaches over one word of time to the next.
_FAR_NO = re.compile(f"{_NO}{_WHEN_WORDS}$")
_SOFT_NO = re.compile(rf"(?:不要|别|不用|不想|不约|不订|不在|唔要|唔使|取消)(?:{_WHEN_WORDS})?$")
_ASKED = re.compile(r"^.{0,6}(?:吗|么|吧\?)")
_EXCEPTED = re.compile(r"^[都也就那天,]{0,4}(?:除外|以外|之外)")
_NOT_FREE = re.compile(
    r"^[我她他俺们都也就那天可能家里妈爸,]{0,4}"
    r"(?:不行|没空|没时间|不方便|不在家?|有事|不得闲|来不了|不合适|唔得|没人在家)(?!吗)"
)
_IF_NOT = re.compile(r"^[都也就那天]{0,4}(?:不行|唔得|不方便|没空)(?:就|的话|再)")
# The day nobody is at home is the day of what is called off: "打扫取消,周五我们不在家".
_CALLED_OFF = re.compile(
    r"取消|(?:不要|不用|不必|唔要|唔使)(?:来|送|做|打|嚟)?[了啦喇]|退[了掉吧订单]|[别甭莫][来送做]"
    r"|(?:就|都|先)?[不唔](?:做|来|送|订|搞|嚟)[了啦喇]|免了|停[了掉]|撤"
)
_CLAUSES = re.compile(r"[^,。;!?]+")
_LED_BY = re.compile(r"(?:那就|就|那|还是|改|要不|不如|索性|干脆)?(?:是|系|定)?")
_SETTLED = re.compile(rf"的?(?:{_WHEN_WORDS})?(?:吧|啦|喇|咯)+(?=$|[,。;!?])")


def settle(text: str, found_values: Sequence[Found[T]]) -> list[Found[T]]:
    """What stays after the speaker's own corrections, in the order said.

    A value after a correcting word takes the place of the one before it, and so does one that
    settles the question in a clause of its own ("明天我要出门,后天吧"). A value said not to be
    meant ("不是明天", "除了周三", "周三不行") goes; after a mere "不要" or "取消" it goes only
    when another stays. Said once more with a second thought ("明天…哦明天我要出门,后天") it only
    gives the reason for the next.
    """
    kept: list[Found[T]] = []
    soft: list[Found[T]] = []
    place: int | None = None
    doubted = False
    items = sorted(found_values, key=lambda one: one.start)
    for item in items:
        before, after = text[: item.start], text[item.end : item.end + 10]
        again = bool(kept) and kept[-1].value == item.value
        if _is_denied(before, after):
            place = item.start if place is None else place
            doubted |= again and not _IF_NOT.match(after)
            if _NOT_FREE.match(after) and _calls_off(text, items):
                soft.append(item)
            continue
        if _SOFT_NO.search(before):
            soft.append(item)
            continue
        if _FAR_NO.search(before):
            place = item.start if place is None else place
            soft.append(item)
            continue
        between = text[kept[-1].end : item.start] if kept else ""
        corrects = bool(kept) and bool(_SUPERSEDES.search(between))
        if again and (corrects or _SECOND_THOUGHT.search(between)):
            doubted = True
            continue
        if kept and (corrects or doubted or _settles(between, text[item.end :])):
            kept = _put_right(
                kept, item, None if corrects or doubted else _clause_of(text, kept[-1])
            )
            doubted = False
            continue
        kept.append(item if place is None or kept else replace(item, at=place))
        place = None
    return kept or soft


def _put_right(kept: list[Found[T]], item: Found[T], choice: int | None) -> list[Found[T]]:
    """With the item in place of the last, or of all from `choice` on ("明天后天都行,后天吧")."""
    places = (i for i, one in enumerate(kept) if choice is not None and one.start >= choice)
    first = next(places, -1)
    return [*kept[:first], replace(item, at=kept[first].at)]


def _clause_of(text: str, one: Found[T]) -> int:
    """Where the clause of a value begins."""
    return max((m.end() for m in re.finditer(r"[,。;!?]+", text[: one.start])), default=0)


def _is_denied(before: str, after: str) -> bool:
    denied = _HARD_NO.search(before) and not _ASKED.match(after)
    return bool(denied or _EXCEPTED.match(after) or _NOT_FREE.match(after))


def _calls_off(text: str, items: Sequence[Found[T]]) -> bool:
    """Whether a clause without any of these values cancels something."""
    return any(
        _CALLED_OFF.search(clause.group())
        for clause in _CLAUSES.finditer(text)
        if not any(clause.start() <= one.start < clause.end() for one in items)
    )


def _settles(between: str, after: str) -> bool:
    """Whether a value stands alone in the clause right behind the other's: ",后天吧"."""
    clauses = re.split(r"[,。;!?]+", between)
    return len(clauses) == 2 and bool(_LED_BY.fullmatch(clauses[1]) and _SETTLED.match(after))
