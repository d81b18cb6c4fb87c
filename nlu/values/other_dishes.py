"""Dishes that somebody asks for by name and that stand on no menu of ours: 佛跳墙, 红烧肉.

Told apart from what is no dish (软一点, 清淡, 米饭, 汤) with care: only what everybody knows as a
dish counts, or what is cooked in a way and made of something (清蒸鲈鱼), and only where it is asked
for.
"""

from __future__ import annotations

import re

from nlu.values.found import Found, found
from nlu.values.text import plain

_KNOWN = """
佛跳墙 宫保鸡丁 鱼香肉丝 麻婆豆腐 回锅肉 东坡肉 狮子头 扬州炒饭 蛋炒饭 北京烤鸭 烤鸭 烧鹅 叉烧
烧腊 白斩鸡 口水鸡 大盘鸡 辣子鸡 咕噜肉 咕咾肉 锅包肉 毛血旺 夫妻肺片 水煮鱼 酸菜鱼 松鼠鱼
剁椒鱼头 小龙虾 羊肉泡馍 肉夹馍 火锅 麻辣烫 炸酱面 刀削面 牛肉面 兰州拉面 担担面 热干面 云吞面
饺子 水饺 馄饨 云吞 小笼包 生煎包 汤圆 粽子 春卷 煲仔饭 盖浇饭 肠粉 螺蛳粉 米线 披萨 汉堡 寿司
牛排 盆菜 梅菜扣肉 扣肉 猪脚姜 粉蒸肉 红烧肉 鱼丸 鱼生 溜肉段 地三鲜 木须肉 青椒肉丝 番茄炒蛋
西红柿炒鸡蛋 拍黄瓜 皮蛋豆腐
"""
_WAYS = (
    "红烧|清蒸|清炖|清炒|糖醋|水煮|白灼|白切|盐焗|油焖|干煸|干锅|香煎|爆炒|小炒|酱爆|凉拌|蒜蓉|葱油|豉汁|红焖|黄焖"
    "|炒|炖|蒸|煮|焖|煲|卤|煎|炸|烤|烧|烩|酿|腌|焗"
)
_OF = (
    "五花肉|排骨|肉丝|肉片|肉末|肉丸|肉饼|牛肉|羊肉|猪肉|瘦肉|腊肉|牛腩|牛柳|猪蹄|猪手|猪脚|猪肚|肘子|鸡丁|鸡块|鸡翅|鸡腿|鸡爪"
    "|鸡蛋|水蛋|滑鸡|鸭子|鸭腿|鱼头|鱼片|鱼块|鲈鱼|鲫鱼|鲩鱼|草鱼|带鱼|黄鱼|鳊鱼|桂鱼|鳜鱼|多宝鱼|石斑鱼|石斑|虾仁|大虾|基围虾"
    "|螃蟹|大闸蟹|鱿鱼|生蚝|蛤蜊|鲍鱼|海参|甲鱼|豆腐|茄子|土豆丝|土豆|白菜|娃娃菜|包菜|菜心|空心菜|菠菜|生菜|豆角|四季豆"
    "|西兰花|花菜|黄瓜|冬瓜|南瓜|苦瓜|丝瓜|番茄|西红柿|香菇|蘑菇|木耳|莲藕|山药|萝卜|腐竹|粉丝|青椒|洋葱|芹菜|蒜苔|韭菜|梅菜"
    "|肉|鸡|鸭|鹅|鱼|虾|蟹|蛋|藕|笋"
)
_NAME = re.compile(
    f"{'|'.join(sorted(_KNOWN.split(), key=len, reverse=True))}"
    f"|(?:{_OF})?(?:{_WAYS})(?>(?:{_OF}){{1,2}})(?![汤饭粥面味])"
)
_CLAUSE = re.compile("[^,。;!?]+")
_WISHES = re.compile("[要来想吃食点订叫送做换加整弄]|有没有|有冇")
_NOT_WANTED = re.compile(
    "(?:不要|别|不想|不能|不爱|不喜欢|不用|唔要|唔好|除了|吃腻|换掉|少)(?:再|放|做|送|吃|给我|点|那个|这个)*$"
)
_SAME = (("西红柿", "番茄"), ("鸡蛋", "蛋"), ("马铃薯", "土豆"), ("洋芋", "土豆"), ("水饺", "饺子"))


def find_other_dishes(text: str, taken: list[tuple[int, int]]) -> list[Found[str]]:
    """Every dish that is asked for by its name, in order, but where one of `taken` stands."""
    words = plain(text)
    named: list[Found[str]] = []
    for clause in _CLAUSE.finditer(words):
        for match in _NAME.finditer(words, *clause.span()):
            free = not any(start < match.end() and match.start() < end for start, end in taken)
            whole = match.span() == clause.span()
            wished = whole or _WISHES.search(words, clause.start(), match.start())
            if free and wished and not is_turned_down(words, match.start()):
                named.append(found(match.group(), *match.span()))
    return named


def is_turned_down(text: str, start: int) -> bool:
    """Whether what stands at `start` is said not to be wanted."""
    return _NOT_WANTED.search(text[:start]) is not None


def is_on(menu_name: str, named: str) -> bool:
    """Whether a dish of the menu is the one named, or of its kind: 番茄炒蛋 is 西红柿炒鸡蛋, and
    清蒸鲩鱼 will do for 蒸鱼."""
    rest = iter(_as_one(menu_name))
    return all(character in rest for character in _as_one(named))


def _as_one(name: str) -> str:
    for other, usual in _SAME:
        name = name.replace(other, usual)
    return name
