"""What a kitchen is asked for: soft, low_salt, low_sugar, low_fat, no_pork, vegetarian, no_fish,
minced. "换药轻一点" and "软的棉签" ask nothing of a kitchen; "不用太软" takes the word back.
"""

from __future__ import annotations

import re

from nlu.values.found import Found, found
from nlu.values.text import plain

_LITTLE = r"(?:一?点儿?|一些|些)"
_PATTERNS: dict[str, str] = {
    "soft": (
        rf"(?:[要吃做煮烧弄炖煲蒸焖]得?|饭菜?|菜|餐|粥|肉)(?:稍微?|再|尽量|最好|都|要|得"
        rf"|做|煮|炖|给){{0,3}}(?:软|烂|腍){_LITTLE}"
        rf"|(?:软|烂|腍)(?:{_LITTLE}|和{_LITTLE}?)(?:的|啊|呀|吧|就好|$|[,。;!])|软烂|软饭|软食"
        rf"|软餐|烂饭|软糯|炖烂|煮烂|烂糊|牙口?不好"
        rf"|咬不动|嚼不动|[吃煮]软|烂{_LITTLE}|软(?:{_LITTLE})(?!的?(?:棉|床|垫|沙|枕|毛|布|鞋"
        rf"|椅|坐))|软的(?:饭|菜|餐|食|粥)|松软|绵软|容?易嚼|好嚼"
    ),
    "low_salt": (
        rf"[少低无减]{{1}}放?{_LITTLE}?盐|盐[要得]?(?:少|轻|低|淡){_LITTLE}?|清淡|别太?咸"
        rf"|不[要能]?太?咸|淡{_LITTLE}|口味?轻{_LITTLE}?"
        rf"|少咸|高血压餐|不放盐|唔好太?咸|少{_LITTLE}盐|咸的不[能吃要]"
    ),
    "low_sugar": (
        rf"[少低无减]放?{_LITTLE}?糖|糖[要得]?(?:少|低){_LITTLE}?|糖尿病(?:人?的?餐|人?吃"
        rf"|套餐|饭|饮食|人能)|控糖|不[要放加能吃]{{1,2}}糖|别太?甜|不[要能]?太?甜"
        rf"|别放糖|不吃甜|降糖餐|少{_LITTLE}糖|唔好太?甜|甜的不[能吃要]|有糖尿病"
    ),
    "low_fat": (
        rf"[少低无减]放?{_LITTLE}?(?:油|脂)|油[要得]?(?:少|轻|低){_LITTLE}?|别太?油"
        rf"|不[要能]?太?油腻?(?!烟)|不[要吃]油腻|少{_LITTLE}油"
        rf"|别放太多油|别油腻|太油的不|不吃肥肉?|不要肥肉|唔好太?油|别太?肥"
    ),
    "no_pork": (
        r"(?:不|别|唔|忌|没法|不能|不可以)(?:要|能|可以|想|放|有|给|让|好)*(?:吃|食|放"
        r"|做|有|要|沾)?(?:大肉|猪肉|猪油|猪)|回民|清真|回族|穆斯林|除了?猪肉|猪肉除外"
        r"|猪肉不[吃要能]"
    ),
    "vegetarian": (
        r"吃素|素食|素餐|吃斋|斋菜|斋饭|素菜|全素|食斋|素的|素斋|不吃(?:荤|肉)|不要(?:荤"
        r"|肉)|不沾荤|[要来份]素|初一十五吃素"
    ),
    "no_fish": (
        r"(?:不|别|唔|忌|不能|不可以)(?:要|能|可以|想|放|有|给|让|好)*(?:吃|食|放|做|有"
        r"|要|沾)?(?:鱼|海鲜|鱼虾|虾|腥)(?!油|肝)|除了?(?:鱼|海鲜)|[鱼虾]过敏|海鲜过敏"
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
