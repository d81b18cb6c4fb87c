"""Takes out of a sentence what tells who spoke, of whom, and where they live.

Each thing taken out leaves a slot of the training corpus in its place, so that the sentence can
still be labelled and learnt from: {name} a person's name, {who} a name with its title (李奶奶),
{street} an address, {day} a full date (perhaps somebody's birthday), {phone} a telephone number,
{code} any other number or sign that stands for someone: ID cards, binding codes, order numbers.

Masking works on plain text (`values.text`), which is all the classifier ever sees. What it
promises, whatever comes in: no four digits in a row are left, and none of the known names. What
it cannot promise is to find the name of somebody we do not know in every sentence: whoever
labels looks once more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from nlu.values.sounds import HAN, sounds_of
from nlu.values.text import normalise

NAME, WHO, STREET, DAY, PHONE, CODE = "{name}", "{who}", "{street}", "{day}", "{phone}", "{code}"
SAMPLES = {NAME: "林淑珍", WHO: "李奶奶", STREET: "莞太路", PHONE: "13500002222", CODE: "100123"}
"""What a slot may be read as where a whole sentence is needed. A masked day has no value."""

SLOT = re.compile(r"\{(?:name|who|street|day|phone|code)\}")
"""What masking leaves in a text."""
_CUT = re.compile(f"({SLOT.pattern})")

# ---- numbers. Spoken ones count: 幺三五零…
_FIGURE = "[0-9零〇一二三四五六七八九幺两]"
_WEB = re.compile(r"(?:https?://|www\.)[!-~]+|[a-z0-9._+-]+@[a-z0-9.-]+")
_DATE = re.compile(r"(?:19|20)\d\d(?:年|[-/.])\d{1,2}(?:月|[-/.])\d{1,2}[日号]?")
_NUMBER = re.compile(rf"{_FIGURE}(?:[\s\-—_.·]?{_FIGURE}){{3,}}x?|\d{{4,}}")
_SIGN = re.compile(r"(?<![a-z0-9_])(?=[0-9_-]*[a-z])(?=[a-z_-]*\d)[a-z0-9_-]{6,}")
_PHONE = re.compile(r"(?:86)?1[3-9]\d{9}|0\d{9,11}")
_SPOKEN = str.maketrans("零〇一二三四五六七八九幺两", "0012345678912")

# ---- addresses
_COUNT = r"[0-9一二三四五六七八九十百零〇幺两甲乙丙a-f]{1,5}"
_PART = rf"(?:{_COUNT}(?:号楼|号院|号|栋|幢|弄|巷|期|单元|梯|楼|层|房间|房|室|户|座))"
_TAIL = rf"(?:(?:的|[\s,-])?(?:{_PART}|{_FIGURE}{{2,4}}(?!{_FIGURE}|[点元块份个号天月])))*"
_ROAD = (
    r"[^\W\da-z到在去来住是送往从给家的我你他她请帮叫有个里]{1,6}?"
    r"(?:大道|路|街|道|坊|村|围|花园|小区|新村|苑|城|广场|社区|公寓|大厦|新城|家园|豪庭|雅居|园|工业区)"
)
_STRETCH = "(?:[东南西北中]|[一二三四五六七八九十]{1,2}(?=路))*路?"
_PAUSE = rf"(?:[,\s](?={_COUNT}(?:栋|幢|号楼|单元)))?"
_ADDRESS = re.compile(rf"{_ROAD}{_STRETCH}{_PAUSE}{_PART}{_TAIL}")
_HOUSE = re.compile(rf"{_COUNT}(?:栋|幢|号楼|单元){_TAIL}|{_FIGURE}{{3,5}}(?:房间|房|室)")

# ---- people we do not know: a surname, and something that makes it one
_SURNAME = (
    "(?:欧阳|司徒|上官|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡"
    "余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪石廖贾夏韦付邹孟熊秦邱江尹薛闫侯雷龙史陶黎贺顾毛郝龚邵钱覃武戴"
    "莫孔汤温])"
)
_FAMILY = (
    "(?<![照谢])(?!谢谢|周[一二三四五六日天末]|马[上桶路]|黄[色瓜豆]|江边|夏天|雷[雨声]|温[水度]|石[头膏]|任何"
    rf"|龙虾|林子|许多|程[度序]|汤[水圆]|钟[点头]|余额|曾经|孔雀|陆续|钱[包不]|付[钱款]|何时){_SURNAME}"
)
_GIVEN = r"[\u4e00-\u9fff]{1,2}"
_TITLE = (
    "奶奶|爷爷|阿姨|叔叔|伯伯|伯父|伯母|婆婆|阿婆|阿公|阿伯|大[爷妈娘叔婶姐哥伯]|老太太?|老先生|老爷子|先生|女士"
    "|公公|爹爹|老伯|老爹|太太|师奶|老师|[姨叔姑姐哥嫂伯婆爷奶婶]"
)
_ROLE = "师傅|护士|医生|医师|大夫|护工|主任|站长|经理|书记|同志|老板|社工|姑娘"
_TITLED = re.compile(rf"{_FAMILY}(?:{_TITLE})")
_FULL_TITLED = re.compile(rf"{_FAMILY}{_GIVEN}?(?={_TITLE}|{_ROLE})|{_FAMILY}(?={_ROLE})")
_SERVED = re.compile(
    rf"(?<=[给帮替为找])({_FAMILY}{_GIVEN}?)"
    "(?=[订点约送叫换请买打做量测理剪洗查要加改报,。!?的]|预约|安排|取消|申请|下单|$)"
)
_CALLED = re.compile(
    r"((?:[我你您他她妈爸伴人]|名字|全名|大名)(?:就?叫|名叫|就?是)|(?:名字|姓名|联系人|收件人|户主)是?:?)"
    rf"({_FAMILY}{_GIVEN})(?=$|[^\w]|[的住要想今电身家岁和还]|手机)"
)
_OWNS = re.compile(rf"{_FAMILY}{_GIVEN}?(?=的(?:电话|手机|号码|地址|身份证|名字|单)|今年|住在)")


def mask(text: str, names: Iterable[str] = (), places: Iterable[str] = ()) -> str:
    """The sentence without what tells who and where.

    `names`: people the speaker is known to be close to, whatever their names look like;
    `places`: their streets and communities. Idempotent; never raises.
    """
    steps = [*_fixed_steps(), *_known_steps(names, places), *_people_steps()]
    masked, before = _once(text, steps), text
    while masked != before:  # a slot may open the way to another
        masked, before = _once(masked, steps), masked
    return masked


def _once(text: str, steps: Iterable[Callable[[str], str]]) -> str:
    masked = normalise(_without_marks(text)).text
    for step in steps:
        masked = _between_slots(masked, step)
    return re.sub(r"(\{street\})(?:[\s,的]*\{street\})+", STREET, masked)


def _without_marks(text: str) -> str:
    """Slots that are there already stay; other brackets would mean something to the corpus."""
    return "".join(
        part if SLOT.fullmatch(part) else re.sub(r"[\[({]", " ", re.sub(r"[\])}]", " ", part))
        for part in _CUT.split(text)
    )


def _between_slots(text: str, step: Callable[[str], str]) -> str:
    """`step` done to what stands between the slots."""
    return "".join(
        part if SLOT.fullmatch(part) else step(part) for part in _CUT.split(text) if part
    )


def _fixed_steps() -> list[Callable[[str], str]]:
    return [
        lambda part: _WEB.sub(CODE, part),
        lambda part: _DATE.sub(DAY, part),
    ]


def _known_steps(names: Iterable[str], places: Iterable[str]) -> list[Callable[[str], str]]:
    """Known places before addresses, so that a known street takes its number along."""
    known = _longest_first(normalise(place).text for place in places)
    called = _longest_first(form for name in names for form in _forms(normalise(name).text.strip()))
    return [
        *(_replacing(rf"{re.escape(place)}{_PART}*{_TAIL}", STREET) for place in known),
        lambda part: _HOUSE.sub(STREET, _ADDRESS.sub(STREET, part)),
        *(_replacing(re.escape(name), NAME) for name in called),
        *(_sounding_like(name) for name in called if len(name) >= 3 and HAN.fullmatch(name)),
        _without_numbers,
    ]


def _people_steps() -> list[Callable[[str], str]]:
    """李奶奶 goes with her title; of 王桂芳阿姨 the title stays, it names nobody any more."""
    return [
        lambda part: _TITLED.sub(WHO, part),
        lambda part: _FULL_TITLED.sub(NAME, part),
        lambda part: _SERVED.sub(NAME, part),
        lambda part: _CALLED.sub(rf"\g<1>{NAME}", part),
        lambda part: _OWNS.sub(NAME, part),
    ]


def _replacing(pattern: str, slot: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)
    return lambda part: compiled.sub(slot, part)


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted({word for word in words if len(word) >= 2}, key=lambda w: (-len(w), w))


def _forms(name: str) -> Iterable[str]:
    """A name, and the given name alone, as the family says it."""
    yield name
    yield name.replace(" ", "")
    if HAN.fullmatch(name) and len(name) in (3, 4):
        yield name[-2:]


def _sounding_like(name: str) -> Callable[[str], str]:
    """The name as a recogniser may have misheard it: other characters, the same sounds."""
    wanted = [sound.folded for sound in sounds_of(name)]

    def step(part: str) -> str:
        for run in HAN.finditer(part):
            heard = [sound.folded for sound in sounds_of(run.group())]
            for first in range(len(heard) - len(wanted) + 1):
                if heard[first : first + len(wanted)] == wanted:
                    start = run.start() + first
                    end = start + len(wanted)
                    return part[:start] + NAME + step(part[end:])
        return part

    return step


def _without_numbers(part: str) -> str:
    return _NUMBER.sub(_number, _SIGN.sub(CODE, part))


def _number(found: re.Match[str]) -> str:
    figures = re.sub(r"\D", "", found[0].translate(_SPOKEN))
    return PHONE if _PHONE.fullmatch(figures) else CODE
