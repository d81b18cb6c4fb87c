"""The short replies by which workers do everything, recognised by rule.

Rules come before the classifier here: "接", "到了 3721" or "完事了" are too short to be left to
a probability, and a worker at a door wants the same answer every time.
"""

import re
import unicodedata
from dataclasses import dataclass

from nlu.dialogue.worker_state import JobAction
from nlu.values.numbers import NUMBER, find_code, find_minutes, find_order_number, to_int

_EDGE = " \t\r\n,.;:!?~,。;:!?、…~-—()()"

_ACCEPT = re.compile(
    r"^(?:好的?|行|可以|嗯|那|ok)?[, ]*(?:我|就|都|全|这个|这单|那个|可以|能|愿意|全部|来|都?可以)*"
    r"(?:接(?:单|受|下|了|吧|啊|这|那|第|新|$|[,。 \d一二两三四五六七八九十]|.{0,6}(?:的|单|个)$)|"
    r"抢单|应下|去$|来$|做$|能去|能来|没问题)"
)
_DECLINE = re.compile(
    r"(?:不|没法|不能|不想|不要|冇法|唔)接(?:单|了|这|那)?(?:个|单|张)?|接(?:不了|不到|不成|唔到)|拒[接单绝]"
)
_DECLINE_SOFT = re.compile(
    r"^(?:我|今天|明天|这个|那天|那个|时间|实在|对不起|不好意思|抱歉|[, ])*"
    r"(?:不行|没空|没有空|没时间|没有时间|没得空|忙不过来|不得闲|冇空|唔得闲|不方便|排满|太远|算了|"
    r"不去|不做)"
)
_WITHDRAW = re.compile(
    r"[来去做干送]不(?:了|成)(?!那么|这么)|不能[来去做](?:了|$)|没法[来去做]|退[单掉]|把.{0,8}退了|"
    r"(?:取消|放弃)(?:接单|这单|我的单)|请(?:个|半天|一天)?假|[来去]唔到|给别人做|换(?:个|别)人(?:去|来|做)"
)
_DELAY_TOLD = re.compile(
    rf"(?:[晚迟]|推迟|耽误|耽搁|拖)[^上餐饭点,。]{{0,6}}?(?:{NUMBER}|半|几)(?:个|多|来|几)*半?"
    r"(?:分|刻|小时|钟)"
)
_DELAY = re.compile(
    r"[晚迟]到|来晚|去晚|[会要得可能]晚(?!上|餐|饭|点名)|晚一?点|晚一?些|迟一?[点些]|堵车|塞车|堵在|"
    r"堵住|耽误|耽搁|赶不及|来不及|爆胎|车坏"
)
_CHECK_OUT = re.compile(
    r"完事|[做干弄搞送换打扫洗煮聊办买陪看剪测]完|完成|完工|结束|搞掂|搞定|收工|签退|完毕|"
    r"服务完|都好了|弄好|做好|送好|换好|打好|洗好"
)
_CHECK_IN = re.compile(
    r"到(?:了|啦|咗|达|门口|楼下|家|位)|已到|已经到|我到|抵达|签到|打卡|上门了|进门|在(?:门口|楼下)|"
    r"服务码|验证码"
)
_DELIVERED = re.compile(r"^.{0,4}送到")
_NEARLY = re.compile(r"快到|马上(?:就)?到|就快到|就到$|就到了|马上来|(?:分钟|一会儿?|很快)就?到")
_DEPART = re.compile(
    r"出发|动身|上路|在路上|路上了|启程|起程|我走了|正在?[去赶]|过去了|在赶|现在(?:就)?[去过]|出门|去紧"
)
_LIST = re.compile(
    r"(?:有|还有|看看?|查|我的|要做|今[天日]|明天|后天|下午|上午|新).{0,6}"
    r"(?:单子?|派单|活儿?|任务|工作|上门)(?:吗|呢|没有|没|啊)?$|"
    r"(?:哪些|什么|几个|多少|几多|哪几)(?:个|张)?(?:单|活|任务|工作|老人要)|"
    r"^(?:单子?|任务|列表|清单|接单列表|派单|日程|排班|我的日程|今天的?安排|明天的?安排|我的安排)$"
)
_QUESTION = re.compile(r"[??]|(?:吗|么|没|没有|了没|呢)[??]?$|几点|什么时候|多久|有没有")
_NOT_YET = re.compile(r"(?:还没|没有|没|未|还未)(?:能)?(?:到|做?完|出发|动身|结束|好)")
_HELP = re.compile(r"^(?:帮助|怎么用|怎么操作|使用说明|说明|help|指令|命令)$", re.IGNORECASE)
_EVERYTHING = re.compile(r"都|全部|全接|所有|两个|两单|三个|三单")
_CODE = re.compile(r"(?<!\d)\d{4}(?!\d)")
_ORDINAL = re.compile(rf"第\s*({NUMBER})|(最后一?[个单张])")
_BARE_ORDINAL = re.compile(
    rf"^(?:我?接|不接|退掉?|选|要)?\s*({NUMBER})\s*(?:号|[个单张](?![一二三四五六七八九十\d]))?"
    r"(?:$|[,。、, ])"
)
_BARE = re.compile(rf"^第?\s*{NUMBER}\s*(?:号|[个单张])?$")
_ONLY_NUMBER = re.compile(rf"(?:大概|大约)?({NUMBER})分?")
_ENDS_WITH_NUMBER = re.compile(r"(\d{1,3}|[二三四五]?十五?)分?$")
_REFERENCE = re.compile(
    r"^(?:我?(?:今天|明天|后天|上午|中午|下午|晚上)?(?:\d{1,2}点半?|[一二两三四五六七八九十]{1,2}点半?)?"
    r"(?:那个|那单|这单|的)*|.{1,2}(?:奶奶|爷爷|婆婆|公公|阿姨|叔叔|伯伯|老人家?)(?:家|那边|这边|那里|这里)?的?|"
    r".{1,2}(?:家|那边|这边|那里|这里)的?)$"
)
"""Words that only say which job is meant, and are no reason and no note."""
_LEADING = re.compile(
    rf"^(?:了|啦|我|都|全部?|[这那][两几]?单|单|的|因为|原因是?|就是|第\s*{NUMBER}\s*[个单张]?|\d{{6,10}}|"
    r"[\s,.;:!?、。])+"
)
_LONGEST_BARE_MINUTES = 240


@dataclass(frozen=True)
class JobWords:
    """A worker's message, taken apart.

    `ordinal` counts from 1, -1 is the last. `number` is an order number (six digits or more),
    `codes` the four-digit visit codes said, `minutes` a delay, `words` what remains beside the
    command: the reason of a refusal, the note of a finished visit. `soft` means that the words
    fit the action only when there is something to refuse.
    """

    text: str
    action: JobAction | None
    soft: bool = False
    anchored: bool = False
    """The command stands at the beginning: these words were meant for us."""
    nearly: bool = False
    asks_help: bool = False
    is_question: bool = False
    bare: bool = False
    everything: bool = False
    ordinal: int | None = None
    number: str | None = None
    codes: tuple[str, ...] = ()
    minutes: int | None = None
    words: str = ""


def read(text: str) -> JobWords:
    """Take a message apart; `action` is None when no rule knows it."""
    plain = _plain(text)
    question = _QUESTION.search(plain) is not None
    action, match, soft, nearly = _action(plain, question)
    number = find_order_number(plain)
    codes = _codes(plain)
    bare = _BARE.match(plain) is not None
    if action is None and codes and (bare or _rest(plain, *codes) == ""):
        action = JobAction.CHECK_IN
    minutes = _minutes(plain, action is JobAction.DELAY)
    return JobWords(
        text=plain,
        action=action,
        soft=soft,
        anchored=match is not None and match.start() <= 2,
        nearly=nearly,
        asks_help=_HELP.match(plain) is not None,
        is_question=question,
        bare=bare,
        everything=_EVERYTHING.search(plain) is not None,
        ordinal=_ordinal(plain),
        number=number,
        codes=codes,
        minutes=minutes,
        words=_rest(plain, match.group() if match else "", *codes),
    )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(_EDGE).lower()


def _action(text: str, question: bool) -> tuple[JobAction | None, re.Match[str] | None, bool, bool]:
    """(action, what matched, only when there is something to refuse, not there yet)."""
    if match := _LIST.search(text):
        return JobAction.LIST, match, False, False
    if question or _NOT_YET.search(text):
        return None, None, False, False
    if match := _NEARLY.search(text):
        return JobAction.DEPART, match, False, True
    steps: tuple[tuple[re.Pattern[str], JobAction, bool], ...] = (
        (_DECLINE, JobAction.DECLINE, False),
        (_DELAY_TOLD, JobAction.DELAY, False),
        (_WITHDRAW, JobAction.WITHDRAW, False),
        (_DELAY, JobAction.DELAY, False),
        (_DECLINE_SOFT, JobAction.DECLINE, True),
        (_CHECK_OUT, JobAction.CHECK_OUT, False),
        (_CHECK_IN, JobAction.CHECK_IN, False),
        (_DELIVERED, JobAction.CHECK_IN, False),
        (_DEPART, JobAction.DEPART, False),
        (_ACCEPT, JobAction.ACCEPT, False),
    )
    for pattern, action, soft in steps:
        if match := pattern.search(text):
            return action, match, soft, False
    return None, None, False, False


def _codes(text: str) -> tuple[str, ...]:
    spoken = find_code(text)
    return tuple(dict.fromkeys([*_CODE.findall(text), *([spoken] if spoken else [])]))


def _ordinal(text: str) -> int | None:
    if match := _ORDINAL.search(text):
        return -1 if match.group(2) else to_int(match.group(1))
    if match := _BARE_ORDINAL.match(text):
        number = to_int(match.group(1))
        return number if number is not None and number < 100 else None
    return None


def _minutes(text: str, delay: bool) -> int | None:
    """How late: a length of time, or a bare number as the answer to "how many minutes"."""
    # 十几分钟, 二十多分钟: a family plans better with the later time.
    text = re.sub(r"十[几多](?=分|$)", "十五", text).replace("十来", "十")
    if (minutes := find_minutes(text)) is not None:
        return minutes
    found = (_ENDS_WITH_NUMBER.search if delay else _ONLY_NUMBER.fullmatch)(text)
    number = to_int(found[1]) if found else None
    return number if number is not None and number <= _LONGEST_BARE_MINUTES else None


def _rest(text: str, *taken: str) -> str:
    for piece in taken:
        text = text.replace(piece, " ", 1)
    text = re.sub(r"(?:^|(?<=[\s,]))了+(?=$|[\s,])", " ", text)
    text = _LEADING.sub("", text)
    text = re.sub(r"\s+", " ", text).strip(_EDGE)
    return "" if _REFERENCE.match(text) else text
