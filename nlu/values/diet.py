"""What a kitchen is asked for: soft, low_salt, low_sugar, low_fat, no_pork, vegetarian, no_fish,
minced. "换药轻一点" and "软的棉签" ask nothing of a kitchen; "不用太软" takes the word back.
"""

from __future__ import annotations

import re

from nlu.values.found import Found, found
from nlu.values.text import plain

_LITTLE = r"(?:一?[点滴]儿?|一些|些|啲)"
_SPARING = (
    r"(?:[少低无减控忌戒走免莫冇]|不能|不要|不敢|不可以|不得|不|别|甭|唔好|唔要|唔可以|唔得|唔)"
    r"(?:再|给我|帮我|给|吃|食|放|加|搁|落|搞|做|弄|煮|炒|有|太|那么|这么|那样|咁|得|多|用|要|能|沾|碰){0,4}"
    rf"{_LITTLE}?"
)
_SPARED = (
    r"(?:也|都|要|的|就|得|分|味|味道|东西|给我|帮我|尽量|最好|放|稍微|太重的?){0,3}"
    rf"(?:[少低轻淡免]|不[放要吃能加]|别[放加]|唔好|唔[要食]|走|戒)(?:搁|放|落|加)?{_LITTLE}?"
)


def _sparing(taste: str) -> str:
    """Little of a taste: 少放点盐, 盐少放点, 别做得那么咸."""
    return rf"{_SPARING}(?:{taste})|(?:{taste}){_SPARED}"


_PATTERNS: dict[str, str] = {
    "soft": (
        rf"(?:[要吃做煮烧弄炖煲蒸焖]得?|饭菜?|菜|餐|粥|肉)(?:稍微?|再|尽量|最好|都|要|得"
        rf"|做|煮|炖|给){{0,3}}(?:软|烂|腍){_LITTLE}?"
        rf"|(?:软|烂|腍)(?:{_LITTLE}|和{_LITTLE}?)(?:的|啊|呀|吧|就好|$|[,。;!])|软烂|软饭|软食"
        rf"|软餐|烂饭|软糯|软乎|软和|软滑|软软的|烂乎|炖烂|煮烂|烂糊"
        rf"|牙口?齿?都?(?:不好|不行|不得力|掉|没剩?|松|疼|痛|甩|唔好|冇)|[没冇]牙|咬唔?不?(?:动|郁)"
        rf"|嚼不[动烂]|假牙|[吃煮]软|烂{_LITTLE}|腍啲|软(?:{_LITTLE})(?!的?(?:棉|床|垫|沙|枕|毛|布|鞋"
        rf"|椅|坐))|软的(?:饭|菜|餐|食|粥)|松软|绵软|容?易嚼|好嚼"
    ),
    "low_salt": (
        _sparing(r"盐|咸") + rf"|清淡|淡{_LITTLE}|口味?轻{_LITTLE}?|高血压餐|咸的不[能吃要]"
    ),
    "low_sugar": (
        _sparing(r"糖(?!尿)|甜")
        + r"|糖尿病(?:人?的?餐|人?吃|套餐|饭|饮食|人能)|降糖餐|有糖尿病|血糖高.{0,4}(?:吃|饭|餐)"
    ),
    "low_fat": (_sparing(r"油(?!烟|条|菜|麦)|脂|肥肉?|油腻|腻") + r"|太油的不"),
    "no_pork": (
        r"(?:不|别|唔|忌|没法|不能|不可以)(?:要|能|可以|想|放|有|给|让|好|再|我|她|他)*(?:吃|食|放"
        r"|做|有|要|沾|送|弄|煮|整|上|搁|加|见|碰)?(?:大肉|猪肉|猪油|猪)|回民|清真|回族|穆斯林|除了?猪肉|猪肉除外"
        r"|猪肉不[吃要能]"
    ),
    "vegetarian": (
        r"吃素|素食|素的|素[午晚早]?[饭餐]|素餐|吃斋|斋菜|斋饭|素菜|全素|食斋|素斋|不吃(?:荤|肉)|不要(?:荤"
        r"|肉)|不沾荤|[要来份]素|初一十五吃素"
    ),
    "no_fish": (
        r"(?:不|别|唔|忌|不能|不可以)(?:要|能|可以|想|放|有|给|让|好|再|我|她|他)*(?:吃|食|放|做|有"
        r"|要|沾|送|弄|煮|整|上|搁|加|见|碰)?(?:鱼|海鲜|鱼虾|虾|腥)(?!油|肝)|除了?(?:鱼|海鲜)|[鱼虾]过敏|海鲜过敏"
        r"|对(?:鱼|海鲜)过敏|鱼除外|鱼不[吃要能]|没有?鱼的|不带鱼"
    ),
    "minced": (
        rf"切碎|剁碎|打碎|绞碎|打成[糊泥]|糊状|流食|打烂|肉末|搅碎|匀浆|切得?(?:碎|细"
        rf"|小){_LITTLE}?|剪碎|打成?糊|半流质?|弄碎|碎{_LITTLE}|碎碎的|菜切细|搅成[糊泥]"
        rf"|糊糊"
    ),
}
_DIET = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()))
_NOT = re.compile(
    r"(?:不用|不必|不需要?|不要|别|不想|无需|没必要|唔使|唔好|不)(?:太|那么|这么|做得?"
    r"|煮得?|弄得?|炖得?|给我|再|放得?|吃|要)*$"
)
_COMPLAINT_AFTER = re.compile(r"^(?:不用|不要|就不用|不需要|不必)(?:了|啦)?")
_NOT_WANTED = frozenset({"soft", "minced"})


def find_diets(text: str) -> list[Found[str]]:
    """Every kitchen request, in order, each kind once."""
    words = plain(text)
    wishes: dict[str, Found[str]] = {}
    for match in _DIET.finditer(words):
        name = match.lastgroup or ""
        if name in _NOT_WANTED and (
            _NOT.search(words[: match.start()]) or _COMPLAINT_AFTER.match(words[match.end() :])
        ):
            continue
        wishes.setdefault(name, found(name, *match.span()))
    return list(wishes.values())


def find_diet(text: str) -> tuple[str, ...]:
    """The kitchen requests said: a tuple of diet words, empty when there are none."""
    return tuple(one.value for one in find_diets(text))
