"""Services a sentence names and does not want.

They are refused ("别又给我派个擦窗的"), taken back ("炒菜,算了,送个盒饭"), done by somebody else
("拖地我自己会") or beside the point: where the speaker goes ("我要去医院,午饭留门口"), what is
cooked of the shopping ("买排骨,我要煲汤"), what has just been ("刚看完急诊").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlu.values.services import ServiceFound

CLAUSE = re.compile(r"[,。;!?]")
ESCORTED = re.compile(
    r"陪|[搀扶推]|带[我她他着]|接送|跟着|[送接][我她他]|(?:一起|一道|一路|一齐)去"
)

_FILLED = (
    r"(?:再|来|做|去|订|送|约|上门|帮我|帮|给我|给|你们|我们|那种|那个|什么|嚟|搞|同我|人|叫|找|请|的|要|吃|弄"
    r"|说|讲|先|麻烦|护士|师傅|阿姨|又|老是|总是|派|个|上来|过来|想)*$"
)
_REFUSED_BEFORE = re.compile(
    r"[不唔]$|(?:不要|不用|不是|别|甭|莫|不想|不需要|不必|唔要|唔使|唔系|唔想|不订|不做|不看|唔睇|取消|没说|本来)"
    + _FILLED
)
_AT_FIRST = re.compile(r"(?:本来|原本|原先|本想)[^,。;!?]{0,8}$")
_REFUSED_AFTER = re.compile(
    r"^(?:的|就|都|也|先|暂时|服务|那些?|这些?|那个|呢|嘛|我|,)*"
    r"(?:(?:不用|不要|不必|不需要?|唔使|唔要|不做|免|别)"
    r"(?:了|啦|喇|来|搞|弄|做|嚟|拖|洗|送|请|叫|派|找|买|订|人|再|管)*(?=$|[,。;!])"
    r"|(?:还是|那)?(?:算了|算啦|算喇|免了|免啦)(?![我你两多几钱\d一二三四五六七八九]))"
)
_BY_OTHERS = re.compile(
    r"^[的话,我她他佢俺们都]*(?:自己(?:也|都|就|还)?(?:会|能|可以|识|做|搞|弄|来|洗|煮|量)"
    r"[^,。;!?不没冇唔难吃]*|有人(?:会|来|帮)?[做弄搞管洗送煮买]了?)(?=$|[,。;!])"
)
_SELF = re.compile(r"自己(?:也|都|就|还)?(?:会|能|可以|识)[^不没冇唔]*$")
_LISTED = re.compile(r"[和跟与及、,]?|还有")
_ALL = re.compile(r"^[的这些那]*(?:都|全|通通|[我她他]自己)")
_TAKEN_BACK = re.compile(r"(?:^|[,。;!?哎唉嗯哦啊])(?:还是)?(?:算了|算啦|算喇|不了)")

# A reason for the want beside it: "没人做饭,送一份来".
_UNABLE_BEFORE = re.compile(
    r"(?:没人|冇人|不肯|不愿意?|不敢|以前|平时|没空|没力气|没法子?|没办法|不会|不能|懒得|不方便|做不动|没时间|动不了|冇得|刚|已经"
    r"|[下上出落](?:不了|唔到)[楼门街]|[走行爬够弯站提拎](?:不[了动着到上下住]|唔[到郁])[腰楼]?|腿脚不便"
    r"|自己(?:会|能|可以|识))" + _FILLED
)
_UNABLE = re.compile(r"[去做煮吃](?:不[了动成]|唔到)|[不唔](?:肯|想|敢)")
_DISLIKED_BEFORE = re.compile(
    r"(?:嫌|不爱吃|不喜欢|唔中意|唔钟意|吃不惯|吃[腻厌]了?|不合胃口)[^,。;!?]{0,6}$"
)
_DISLIKED_AFTER = re.compile(
    r"^(?:[我她他佢都也又]|[我她他]们|实在)*(?:不爱吃|吃不惯|吃[腻厌]|不好吃|唔好食|难吃|不合胃口)"
)
# Done with, before anything is wished for: 刚看完急诊, 针上礼拜打完了.
_HAS_BEEN = re.compile(
    r"(?:刚|昨[天日晚]|前天|上个?(?:周|礼拜|星期|月)|已经|早就)[^,。;!?想要帮请叫订约]{0,8}[完过回]"
)

# What people do on their own, unless they say that somebody is to come for it.
_GOING = re.compile(
    r"(?:[我她他佢们咱]|[妈爸公婆爷奶伯叔姨姑舅伴孙]|女儿|儿子|闺女|老头|老太)[^,。;!?]*"
    r"(?:要|得|会|在|去|到|刚|准备|打算|约)|[要得]去|逢"
)
_HELPED = re.compile(
    r"帮|叫|请|找|搵|派|订|安排|来人|来个|顺便|再|还|也|想|上门|麻烦|需要|唔该|同我|另外|就是"
)
_SAME_ORDER = re.compile(r"那[单个次趟回]|嗰单|的单")
_AMBULANCE = re.compile(r"120|救护车|白车|急救车")
# What stands still when a machine does, and is asked for in its place.
_DONE_BY = (
    (re.compile(r"洗衣机"), ("home.laundry",)),
    (re.compile(r"热水器|浴霸|花洒"), ("home.bath",)),
    (re.compile(r"[煤燃]气灶|气灶|灶|炉|电饭[煲锅]|微波炉|冰箱"), ("meal.", "home.cook")),
)
_NOT_TO_BE_DONE = re.compile(r"不[了成]|冇得|唔到")
_MEND = re.compile(r"修|师傅|整|通一|换|装|看看|检查")


def is_refused(text: str, service: ServiceFound, services: Sequence[ServiceFound] = ()) -> bool:
    """Whether the words around a service refuse it; `services` are all that may be listed with
    it ("打扫看病都不要")."""
    after = text[service.end :]
    if (
        _REFUSED_AFTER.match(after)
        or _BY_OTHERS.match(after)
        or _refused_in_a_list(text, service, services)
    ):
        return True
    before = text[: service.start]
    if _AT_FIRST.search(before):
        return True
    refused = _REFUSED_BEFORE.search(before)
    # "陪诊要不要预约" and "是不是打针" refuse nothing.
    return refused is not None and text[max(0, refused.start() - 1) : refused.start()] not in (
        "要",
        "是",
        "用",
        "系",
    )


def _refused_in_a_list(text: str, service: ServiceFound, services: Sequence[ServiceFound]) -> bool:
    end, gaps = service.end, ""
    for other in services:
        if other.start < end or other is service:
            continue
        gap = text[end : other.start]
        if not _LISTED.fullmatch(gap):
            return False
        end, gaps = other.end, gaps + gap
        after = text[end:]
        if _REFUSED_AFTER.match(after) or _BY_OTHERS.match(after):
            return bool(_ALL.match(after)) or bool(gaps and "," not in gaps)
    return False


def is_excused(text: str, service: ServiceFound) -> bool:
    """Whether it is a reason for something else: nobody can, nobody likes it, it has been."""
    before = text[: service.start]
    return bool(
        _UNABLE_BEFORE.search(before)
        or _DISLIKED_BEFORE.search(before)
        or _DISLIKED_AFTER.match(text[service.end :])
        or _has_been(text, service)
        or _UNABLE.search(text[service.start : service.end])
        or _SELF.search(text[service.start : service.end])
    )


def _has_been(text: str, service: ServiceFound) -> bool:
    start, end = clause_around(text, service)
    done = _HAS_BEEN.search(text, start, end)
    return done is not None and -2 <= service.start - done.start() <= len(done[0]) + 2


def is_taken_back(text: str, service: ServiceFound, following: ServiceFound) -> bool:
    """Whether the speaker thinks better of a service before naming the following one."""
    between = text[service.end : following.start]
    return bool(_TAKEN_BACK.search(between)) and not is_refused(text, following)


def to_the_point(
    text: str, services: list[ServiceFound], category: str | None
) -> list[ServiceFound]:
    """The services without what the speaker does on his own, where something of the `category`
    ordered (of any, if None) is asked for beside it."""
    if category is None:
        services = [s for s in services if not _by_ambulance(text, s)]
    own = [
        s
        for s in services
        if (s.code.startswith(f"{category}.") if category else not _on_ones_own(text, s))
    ]
    if not own:
        return services
    kept = [s for s in services if s in own or not _on_ones_own(text, s)]
    return [s for s in kept if not _stands_in_for(text, s, kept) and not _is_prick(text, s, kept)]


def _on_ones_own(text: str, service: ServiceFound) -> bool:
    start, end = clause_around(text, service)
    said, before = text[start:end], text[start : service.start]
    if service.code.startswith("escort."):
        helped = ESCORTED.search(said) or _SAME_ORDER.search(said)
    elif service.code == "home.cook":
        helped = None
    else:
        return False
    return (
        not helped
        and not _HELPED.search(before)
        and bool(_GOING.search(text[start : service.start + 1]))
    )


def _by_ambulance(text: str, service: ServiceFound) -> bool:
    said = text[slice(*clause_around(text, service))]
    return service.code == "escort.hospital" and bool(_AMBULANCE.search(said))


def _stands_in_for(text: str, service: ServiceFound, services: list[ServiceFound]) -> bool:
    """ "洗衣机坏了,衣服帮我洗": nobody asks to have the machine mended; nor for a bath who says
    "热水器坏了洗不了澡,快来修"."""
    for repair in (s for s in services if s.code == "home.repair"):
        thing = text[repair.start : repair.end]
        work = tuple(c for machine, codes in _DONE_BY if machine.search(thing) for c in codes)
        if not work:
            continue
        if service is repair and not _MEND.search(text):
            return any(s.code.startswith(work) for s in services)
        if service.code.startswith(work) and _MEND.search(text):
            return bool(_NOT_TO_BE_DONE.search(text[service.start : service.end]))
    return False


def _is_prick(text: str, service: ServiceFound, services: list[ServiceFound]) -> bool:
    """ "抽血那个扎了四针": the pricks of a blood draw are no injections."""
    return (
        service.code == "nursing.injection"
        and service.told
        and "扎" in text[max(0, service.start - 3) : service.end + 3]
        and any(s.code in ("nursing.blood_draw", "nursing.rehab") for s in services)
    )


def clause_around(text: str, service: ServiceFound) -> tuple[int, int]:
    """Where the clause of a service begins and ends."""
    starts = [m.end() for m in CLAUSE.finditer(text) if m.end() <= service.start]
    ends = [m.start() for m in CLAUSE.finditer(text) if m.start() >= service.end]
    return (starts[-1] if starts else 0, ends[0] if ends else len(text))
