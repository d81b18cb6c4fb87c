"""Numbers said in words: portions, ratings, codes, order numbers, minutes."""

from __future__ import annotations

import re
from functools import lru_cache

import cn2an

from nlu.values.found import Found, found, settle
from nlu.values.sounds import HAN, sounds_of
from nlu.values.text import plain

NUMBER = r"(?:\d{1,4}|[零〇一二两俩三四五六七八九十廿卅百]{1,5})"

_DIGITS = {
    "零": 0, "〇": 0, "洞": 0, "o": 0, "一": 1, "幺": 1, "二": 2, "两": 2, "三": 3, "四": 4,
    "五": 5, "六": 6, "七": 7, "拐": 7, "八": 8, "九": 9,
}  # fmt: skip


@lru_cache(maxsize=2048)
def to_int(word: str) -> int | None:
    """The whole number a word of digits or Chinese numerals means, None if it is none."""
    if word.isascii() and word.isdigit():
        return int(word)
    spelt = word.replace("廿", "二十").replace("卅", "三十").replace("俩", "两").replace("〇", "零")
    try:
        return int(cn2an.cn2an(spelt, "smart"))
    except (ValueError, KeyError):  # cn2an trips over 十十二
        return None


# ------------------------------------------------------------------ portions

_MEAL = r"(?:早餐|早饭|早点|午餐|午饭|中饭|中餐|晚餐|晚饭|夜饭|饭|餐|粥|盒饭|便当|快餐|套餐)"
_TWO = "量俩凉良粮亮辆"
_PORTIONS = re.compile(
    # 量份 and 一纷 are what a recogniser hears of 两份 and 一份.
    rf"(?<![第每星期周\d])(?P<n>{NUMBER}|双|[{_TWO}](?=[份分]))(?:人份|[份纷芬]|分(?=的?{_MEAL})|客|套餐|盒(?=[^药])|(?:个|碗|盒"
    rf"|套)(?={_MEAL}))"
    r"(?!工资|工作|心|力)"
)
# 午饭两分, 再来三分: portions written as points.
_AS_POINTS = re.compile(
    r"(?:(?<=[饭餐粥])(?=[一两])|(?<=[来订送])(?=[一两二三四]))(?P<n>.)分(?![钟之饱熟])"
)
_EACH = re.compile(
    rf"(?:一人|每人|每个人|各人?|人均|一个人|各自)(?:都|要|来|订|点|送"
    rf"|[各])?(?P<n>{NUMBER})份?(?=份|客|碗|盒|$|[^点号])"
)
_PAIR = re.compile(
    r"我们?俩|他们俩|她们俩|俩人|两个人|两人|老两口|两口子|夫妻|夫妇|二老|爸妈|父母|爷爷奶奶"
    r"|外公外婆|姥姥姥爷|公公婆婆|岳父岳母|两位老人|两个老人"
)
_CROWD = re.compile(rf"(?P<n>{NUMBER})(?:个人|口人|位老人|个老人)")
_JOINED = re.compile(r"[和跟与、同]")


def find_quantities(text: str, people: int = 0) -> list[Found[int]]:
    """Portions said ("两份", "三个盒饭"; "一人一份" is the number of people named, else 2).

    People, goods and visits are no portions: "三个人的饭" gives nothing. `people` is how many
    persons the sentence names.
    """
    words = plain(text)
    values: list[Found[int]] = []
    taken: list[tuple[int, int]] = []
    for match in _EACH.finditer(words):
        share = to_int(match["n"])
        if share:
            values.append(found(_heads(words, people) * share, match.start(), match.end()))
            taken.append(match.span())
    for match in (*_PORTIONS.finditer(words), *_AS_POINTS.finditer(words)):
        if any(start <= match.start() < end for start, end in taken):
            continue
        count = 2 if match["n"] in tuple(f"双{_TWO}") else to_int(match["n"])
        if count and count < 1000:
            values.append(found(count, match.start(), match.end()))
    return settle(words, values)


def _heads(words: str, people: int) -> int:
    crowd = _CROWD.search(words)
    if crowd and (count := to_int(crowd["n"])) and count > 1:
        return count
    if people > 1:
        return people
    return people + 1 if people and re.search(r"我[和跟与同]|[和跟与同]我", words) else 2


def find_quantity(text: str, people: int = 0) -> int | None:
    """The first number of portions said, None when none was."""
    values = find_quantities(text, people)
    return values[0].value if values else None


# -------------------------------------------------------------------- rating

_STARS = re.compile(
    r"(?P<n>[1-5一二两三四五])(?:颗|个)?(?:星(?![期级])|星级"
    rf"|分(?![钟之饱半熟店公]|的?{_MEAL}))(?!手机|酒店|宾馆)"
)
# Points are stars only where somebody gives them: "给三分", "4分吧"; 三分饭 is a slip for 三份饭.
_GIVEN = re.compile(r"(?:打|给|评)[^,。]{0,4}$")
_NOTHING_ELSE = re.compile(r"[吧啊了哦呗嘛,。!]*")
# Only of a verdict: "五颗", "四心" and "评分:5" are stars as well.
_STARS_OF_A_VERDICT = re.compile(
    r"(?P<n>[1-5一二三四五])(?:颗(?!药|牙|星|心)|(?:颗|个)?[心芯新辛兴](?=$|[,。!吧呗好嘛]))|评分?:(?P<after>[1-5])"
)
_NOT_STARS = re.compile(r"[点十百时\d:差.来订送加]$")
_FULL = re.compile(r"满分|一百分|100分|(?:打|给)(?:个)?(?:10|十)分|好评|五星")
_WORDS: tuple[tuple[re.Pattern[str], int], ...] = (
    (
        re.compile(
            r"(?:很|非常|十分|极|特别|太|好|真|相当|极其)不满意"
            r"|差评|[太极很好最真]差(?!不多)|(?:非常|特别)差|差劲|糟糕|恶劣|垃圾|[太真很]烂"
        ),
        1,
    ),
    (re.compile(r"不(?:太|大|怎么|够|是很)?(?:满意|好|行)|唔(?:系几|系好)?(?:好|满意|掂)(?!意思)|不怎么样|失望"
        r"|差了?点|有点差|不咋"), 2),
    (re.compile(r"一般|还行|马马虎虎|凑合|中评|过得去|普普通通|将就|麻麻|中规中矩|及格"), 3),
    (re.compile(
        r"(?:很|非常|十分|特别|太|真|挺|蛮|几|超|相当|极|好|最|顶)(?:的)?(?:好|满意|棒|不错|周到"
        r"|耐心|赞|细心|认真)"
        r"|[没冇]得(?:说|挑|弹|顶)|没[话的](?:说|讲)|好得很|极了|给力"
        r"|百分之?百?满意|完美|一流|顶呱呱|好好$"), 5),
    (re.compile(r"满意|[不唔]错|不赖|可以|还好"), 4),
    # Praise that is no verdict by itself counts when nothing else was said.
    (re.compile(
        r"(?<![不没唔无])(?:点个?赞|赞|夸|厉害|佩服|推荐|舒服|舒坦|贴心|专业|麻利|有耐心|叻|放心)"
        r"|(?:态度|服务|技术|手艺|水平|手势|[做剪打洗扫修]得)[也都真]*好|[不唔](?:痛|疼)"), 5),
)  # fmt: skip


# What a recogniser makes of a verdict (满一, 补错) differs in one character at most.
VERDICTS = ("满意", "不错", "一般", "很好", "很差", "差评", "好评")
_BY_SOUND = {tuple(sound.folded for sound in sounds_of(word)): word for word in VERDICTS}
_NO_VERDICT = re.compile(r"满[一亿](?=[年个月天周次岁])|[每一]班(?=[人车])|布错|步错")


def find_rating(text: str, words: bool = False) -> int | None:
    """Stars or points from 1 to 5; "好评" and "满分" are 5.

    With `words` (the sentence is known to rate a service) words count too: 非常满意 5, 满意 4,
    一般 3, 不满意 2, 很差 1. Without it "很好" is small talk, not a rating.
    """
    said = plain(text)
    stars = [
        found(_DIGITS.get(match["n"]) or int(match["n"]), *match.span())
        for match in _STARS.finditer(said)
        if not _NOT_STARS.search(said[: match.start()]) and (words or _are_given(said, match))
    ]
    if words and not stars:
        stars = [
            found(_DIGITS.get(n := match["n"] or match["after"]) or int(n), *match.span())
            for match in _STARS_OF_A_VERDICT.finditer(said)
        ]
    if stars := settle(said, stars):
        return stars[-1].value
    if "差评" in said:
        return 1
    if _FULL.search(said):
        return 5
    if not words:
        return None
    said = _verdicts_put_right(said)
    return next((value for pattern, value in _WORDS if pattern.search(said)), None)


def _are_given(said: str, stars: re.Match[str]) -> bool:
    """Whether points said in passing are a verdict; stars always are."""
    if "星" in stars.group() or _GIVEN.search(said[: stars.start()]):
        return True
    return not stars.start() and _NOTHING_ELSE.fullmatch(said, stars.end()) is not None


def _verdicts_put_right(said: str) -> str:
    for run in HAN.finditer(said):
        sounds = [sound.folded for sound in sounds_of(run.group())]
        for first in range(len(sounds) - 1):
            word = _BY_SOUND.get(tuple(sounds[first : first + 2]))
            at = run.start() + first
            alike = word is not None and any(a == b for a, b in zip(said[at:], word, strict=False))
            if word and alike and not _NO_VERDICT.match(said, at):
                said = said[:at] + word + said[at + 2 :]
    return said


# ---------------------------------------------------------- codes, references

_CODE = re.compile(r"(?<![\d.])(\d{4})(?![\d.])")
_SPOKEN_DIGITS = re.compile(r"[零〇洞o一幺二两三四五六七拐八九\d]+")
_ORDER_NUMBER = re.compile(r"(?<!\d)(\d{6,20})(?!\d)")
_BETWEEN = re.compile(
    r"(?<=[\d零〇一幺二两三四五六七八九])[\s\-,,、.·]+(?=[\d零〇一幺二两三四五六七八九])"
)


def find_code(text: str) -> str | None:
    """A four-digit check-in code, in digits ("3 7 2 1") or spoken ("三七二一"); else None."""
    words = plain(text)
    together = _CODE.findall(words)
    if len(together) == 1:
        return str(together[0])
    runs = [run for run in _digit_runs(_BETWEEN.sub("", words)) if len(run) == 4]
    return runs[0] if len(runs) == 1 else None


def find_order_number(text: str) -> str | None:
    """An order's number: the first run of six digits or more, also spoken one by one."""
    words = plain(text)
    written = _ORDER_NUMBER.search(words)
    if written:
        return written[1]
    runs = [run for run in _digit_runs(_BETWEEN.sub("", words)) if 6 <= len(run) <= 20]
    return runs[0] if runs else None


def _digit_runs(words: str) -> list[str]:
    return [
        "".join(c if c.isdigit() and c.isascii() else str(_DIGITS[c]) for c in match.group())
        for match in _SPOKEN_DIGITS.finditer(words)
        if all(c in _DIGITS or (c.isascii() and c.isdigit()) for c in match.group())
    ]


_MINUTES = re.compile(
    rf"(?P<half>半)个?(?:小时|钟头?|点钟)|(?P<n>{NUMBER})(?:(?P<min>分钟?)|(?P<quarter>刻钟?)|个字"
    r"|个?(?P<and_half>半)?(?:小时|钟头|钟)(?P<half_more>半)?)"
)


def find_minutes(text: str) -> int | None:
    """A length of time in minutes ("晚到二十分钟" 20, "半个钟" 30, "两个字" 10), else None."""
    match = _MINUTES.search(plain(text))
    if match is None:
        return None
    if match["half"]:
        return 30
    number = to_int(match["n"])
    if number is None:
        return None
    if match["min"]:
        return number
    if match["quarter"]:
        return number * 15
    if match.group().endswith("个字"):
        return number * 5
    return number * 60 + (30 if match["and_half"] or match["half_more"] else 0)
