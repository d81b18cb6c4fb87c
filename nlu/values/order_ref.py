"""Words that pick out an order that exists already, verbatim: 订单号100123, 上次那单, 第二个,
明天那个午餐. A service's bare name picks out nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlu.values.text import mask, normalise

# Simplifying the letters makes 𠮶 of the Cantonese 嗰, "that".
_THAT = "[那嗰\U00020bb6]"
_DAY = (
    r"(?:大?[前昨今明后听琴寻][天日晚早朝]|(?:[上下这本]{1,2}个?)?(?:周|星期"
    r"|礼拜)(?:[一二三四五六日天末]|[无武舞思寺](?=[那的]))"  # 周无: 周五, misheard
    r"|(?:[一二三四五六七八九十\d]{1,3}月)?[一二三四五六七八九十\d]{1,3}[号日])"
)
_PART = r"(?:早上|上午|中午|下午|晚上|傍晚|晏昼|下昼|上昼|朝早)"
# 一点 alone is "a bit".
_CLOCK = r"(?!一点)[一二两三四五六七八九十\d]{1,2}点(?:半|一刻|三刻|[一二三四五\d]?十?[五\d]分?)?"
_WHEN = (
    rf"(?:{_DAY}的?{_PART}?(?:{_CLOCK})?|{_PART}(?:{_CLOCK})?|{_CLOCK}|每(?:天|日|个?(?:周|星期|礼拜)[一二三四五六日天]{{1,4}})"
    r"|上次|上回|上一[次回]|刚才|刚刚|之前|前面|头先|昨晚|今早|今晚|明晚|明早|最近|早先|原来|前几天|上个?月|先前|前一[次回]"
    r"|[上下这](?:个星期|个?礼拜|周)(?![一二三四五六日天末]))"
)
_COUNT = r"(?:个|份|单|次|顿|条|张|笔|餐|场|回|趟)"
_WHICH = rf"{_THAT}一?{_COUNT}"
_NAMED = "\ue000+"
"""A service the sentence names, blanked out so that every word for it fits."""
_PLAIN_THING = (
    r"(?:订单|单子?|预约|早餐|早饭|午餐|午饭|中饭|晚餐|晚饭|盒饭|送餐|送饭|饭菜?|餐|菜|外卖|服务)"
)
_THING = rf"(?:(?:{_NAMED}|{_PLAIN_THING}|护士|护理|陪诊|复诊|打扫|保洁)(?:的?(?:订单|单子?))?)"
_MADE = r"(?:订|约|点|下|叫|预约|预订|定|送|做|来|买|洗|换|打扫|安排|落)"
# "昨天那个阿姨" is a person, "剪头发的那个人" too.
_NOBODY = (
    r"(?!的?(?:人|阿|姨|后生|师|姑|小|老|女|男|护工|保姆|大姐|大哥|嘢|啥|什么"
    r"|护士|仔|妹|靓|后生|药|水|事|车|号|时|牌|种|姑娘|嚟|王|李|张|陈))"
)
_REF = re.compile(
    r"(?P<number>(?:订单号?码?|单号|工单号?)(?:是|为|:)?[\d零〇一二三四五六七八九幺]{4,20}(?:号?(?:那个)?订?单)?"
    r"|\d{6,20}(?:号?(?:那个)?(?:这个)?(?:的)?(?:订?单))?|(?:尾号|后四位)(?:是"
    r"|为)?\d{3,6}的?(?:那个)?(?:订?单)?)"
    rf"|(?P<that>{_WHEN}的?{_MADE}?的?{_WHICH}(?:的?{_THING}的?|(?:订?单)|{_NOBODY}))"
    rf"|(?P<named_that>{_WHEN}的?{_NAMED}的?{_WHICH}(?:订?单)?{_NOBODY})"
    rf"|(?P<deed_that>{_WHEN}[^,。!?;改换]{{0,10}}?{_NAMED}{_WHICH}(?:订?单)?{_NOBODY})"
    rf"|(?P<thing_that>(?<![来给])(?:[陪带][^,。!?;的]{{1,4}}?)?{_NAMED}{_THAT}一?(?:个?单|[个次回顿份]){_NOBODY})"
    rf"|(?P<that_daily>{_THAT}个?(?=每){_WHEN}的?{_THING})"
    rf"|(?P<bare_that>{_THAT}(?:[单份顿笔]|一单)(?:的?{_THING})?|{_THAT}个(?!护士|.{{1,3}}[员仔哥姐妹]){_THING})"
    rf"|(?P<made>(?!{_CLOCK}){_WHEN}我?{_MADE}(?:好|过|了)?的(?:那(?:个|份|单|次))?{_THING}?)"
    rf"|(?P<when>(?:上次|上回|上一次|刚才|刚刚|最近|上一|前一|头先)(?:[一]?(?:次|个"
    rf"|单))?的?(?:{_THING}(?![得完过])|一单|一次))"
    rf"|(?P<nth>(?:第[一二三四五六七八九十\d]{{1,2}}|最后一|倒数第[一二三]|最近一|头一|前一"
    rf"|后一|上一|下一|最新)(?:个|单|条|份|笔|张|次)(?:订?单|{_THING})?(?!{_DAY}|礼拜|星期|月))"
    r"|(?P<this>这(?:个|一|张|笔)?(?:订单|单子?|预约))"
)
# With the intent to query, change or cancel, a day before a service picks out an order too.
_DAY_THING = re.compile(
    rf"{_WHEN}(?:(?:的|那|约的|订的|点的|送的|预约的)(?:一?[份个次顿])?{_THING}(?![得完过]|上门|时间|以后)"
    rf"|{_PLAIN_THING}(?:的?(?:订单|单子?))?(?![得完过]|上门|时间|以后)|{_WHEN}的(?:那个)?(?:订单|单))"
)
_TIME_OF = re.compile(rf"(?:{_WHEN}的?)*[个份顿]?(?=.)")
# "后天的针|挪到大后天打", but 换药 is a service.
_FATE = re.compile(
    r"(?<=.)(?:挪|改[到成在期去]|推[到迟后]|提前|取消|退[掉了订]|停[掉了]|延[到后期]|调[到整]|换[到成]|到底|怎么)"
)
_REPEAT = re.compile(r"上次一样|上回一样|老样子|跟上次|和上次|同上次|照上次|照旧")
_SAID_BY_PLACE = frozenset({"第一次", "下一次", "头一次", "最后一次"})


def find_order_ref(
    text: str, existing: bool = False, named: Sequence[tuple[int, int]] = ()
) -> str | None:
    """The words that pick out an order, as written, or None.

    `existing`: the sentence is known to be about an order made earlier (query, change, cancel,
    rate, complain), so "明天的午餐" picks one out as well. `named`: where in the plain text
    services are named.
    """
    source = normalise(text)
    spans = [_thing_alone(source.text, start, end) for start, end in named]
    words = mask(source.text, spans).replace("\0", "\ue000")
    for match in _REF.finditer(words):
        said = match.group()
        if said in _SAID_BY_PLACE or len(said.strip("的")) < 2:
            continue
        start = match.start() + (1 if said.startswith("的") else 0)
        return source.verbatim(start, match.end())
    day_thing = _DAY_THING.search(words) if existing else None
    return source.verbatim(*day_thing.span()) if day_thing else None


def _thing_alone(words: str, start: int, end: int) -> tuple[int, int]:
    """Of a service told in many words only the thing: not when, nor what is to become of it."""
    said = words[start:end]
    if when := _TIME_OF.match(said):
        start += when.end()
    fate = _FATE.search(said)
    return start, min(end, end - len(said) + fate.start()) if fate else end


def says_same_again(text: str) -> bool:
    """Whether the sentence asks for what was had before ("跟上次一样", "老样子")."""
    return bool(_REPEAT.search(normalise(text).text))
