"""Names and towns in what somebody says on the telephone: which are meant, and what is none."""

from __future__ import annotations

import re
from functools import cache

from backend.db.models import Elder
from nlu.dialogue import listen
from nlu.prompts.wording import words
from nlu.values.sounds import HAN, sounds_of

_BEFORE = re.compile(
    "^(?:嗯|呃|啊|哦|喂|那个?|就是|是|我们?|给|帮|替|找|家里?|妈妈?|爸爸?|奶奶|爷爷|外婆|外公|婆婆|公公|老伴|老人家?|长者"
    "|[她他]|的|名字|姓名|全名|叫做?|姓)+"
)
_BEHIND = re.compile("(?:的|吧|啊|呀|了|哦|奶奶|爷爷|阿姨|叔叔|伯伯|婆婆|女士|先生|老人家?)+$")
_NO_NAME = re.compile(
    "[谁吗呢啥么哪几你我他她您们是不要送饭餐订没有去到打问说听讲电话办干点号想请帮给]|谢谢|多少|怎|马上|可以"
)
SHORTEST, LONGEST = 2, 4
"""Characters of a whole name."""


def is_like_a_name(said: str) -> bool:
    """Whether the words may be somebody's whole name, by what they are and how they begin.

    By sound, since a recogniser writes 里 as readily as 李. Nothing is looked up: who asks must
    not learn from it whether we know the name.
    """
    core = _BEHIND.sub("", _BEFORE.sub("", listen.bare(said)))
    if not SHORTEST <= len(core) <= LONGEST or not HAN.fullmatch(core):
        return False
    return sounds_of(core)[0].folded in _surnames() and not _NO_NAME.search(core)


@cache
def _surnames() -> frozenset[str]:
    return frozenset(sounds_of(one)[0].folded for one in words()["surnames"])


def named_among(elders: list[Elder], said: str) -> list[Elder]:
    """The elders whose name is in what was said, to the letter if there are such, else by sound."""
    plain = listen.bare(said)
    exact = [elder for elder in elders if elder.name in plain]
    return exact or [elder for elder in elders if sounds_in(elder.name, plain)]


def town_named(towns: list[str], said: str) -> str | None:
    """The town named, by its word or by its sound."""
    plain = listen.bare(said)
    short = {short_town(town): town for town in towns}
    exact = [town for name, town in short.items() if name in plain]
    if exact:
        return exact[0]
    heard = [town for name, town in short.items() if sounds_in(name, plain)]
    return heard[0] if len(heard) == 1 else None


def short_town(town: str) -> str:
    """As people say it: 厚街 for 厚街镇."""
    short = town.removesuffix("镇").removesuffix("街道")
    return short if len(short) > 1 else town


def sounds_in(name: str, said: str) -> bool:
    """Whether some part of what was said sounds like the name (李桂兰, 黎贵兰)."""
    wanted = [sound.folded for sound in sounds_of(name)]
    for run in HAN.findall(said):
        heard = [sound.folded for sound in sounds_of(run)]
        size = len(wanted)
        if any(heard[at : at + size] == wanted for at in range(len(heard) - size + 1)):
            return True
    return False
