"""Clock times and parts of day. "三点半" is half past three in the afternoon to a home-care
service: hours are read within the service's own hours, or by the part of day said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, time

from nlu.values.found import Found, found, settle
from nlu.values.misheard import as_meant
from nlu.values.numbers import NUMBER, to_int
from nlu.values.relative import find_moments
from nlu.values.text import mask

Hours = tuple[time, time]

# What people mean by a bare hour when no service is known.
DEFAULT_HOURS: Hours = (time(7), time(19))

# A glued 早 or 晚 (明早, 周六晚) is a part of day, but 明早餐 is 明 + 早餐 and 明天晚到 is late.
# 今晚来 is this evening's, 周六晚来 may come late.
_DAY_WORD = r"大?[昨今明后听琴寻]"
_GLUE = rf"(?:{_DAY_WORD}|(?<=[天日号一二三四五六]))"
_NOT_MEAL = r"(?!餐(?![厅盒])|饭(?![堂盒]))"
_PARTS = re.compile(
    r"(?P<early_morning>凌晨|[大]?清早|一大早|大早上?|清晨|天刚?一?蒙?蒙?亮|天没亮|黎明(?!的)|拂晓"
    r"|半夜|深夜|(?<![周期拜初十])一早(?!就))"
    rf"|(?P<morning>(?<!(?<![周期拜初十])一)早上(?!好)|早晨|(?<!(?<![周期拜初十])一)上午(?!好)|朝头?早(?!餐|饭)|上昼|早间|午前|[上前]半[天日晌]"
    rf"|{_GLUE}早(?![餐饭点上晨间就已了一到些])|{_DAY_WORD}早(?=[到一](?!点))|{_GLUE}朝(?![餐饭])"
    rf"|{_GLUE}早(?=[七八九十\d]{{1,2}}[点:时])|(?<![一最更])早(?=[六七八九十]点|\d{{1,2}}[点:]))"
    r"|(?P<noon>大?中午(?!好)|正午|晌午头?(?!饭)|午间(?!餐)|(?<!下)晏昼(?!饭|餐))"
    r"|(?P<afternoon>(?<!(?<![周期拜初十])一)下午(?!好)|下昼|下晏昼?|午后|后晌|[下后]半[天日晌])"
    r"|(?P<evening>(?<!(?<![周期拜初十])一)晚上(?!好)|傍晚|挨晚|晚间|夜晚|夜里|夜间|晚黑|黄昏|天擦?黑(?!之?前)|擦黑|入[夜黑]|当晚"
    r"|太阳(?:下山|落山)|日头?落山?|日落"
    rf"|{_GLUE}[晚夜]{_NOT_MEAL}(?![点上间黑到来了些膳一])|{_DAY_WORD}晚(?=[来到一](?!点))|(?<!最|更"
    rf"|太)晚(?=[五六七八九十]点|\d{{1,2}}[点:]))"
)
_PART_NAMES = ("early_morning", "morning", "noon", "afternoon", "evening")


@dataclass(frozen=True)
class Clock:
    """A clock time as said: hour 0-24, minute, and the part of day said with it."""

    hour: int
    minute: int
    part: str | None = None


def find_parts(text: str) -> list[Found[str]]:
    """Every part of day said, after corrections. A meal's name alone ("午饭") says none."""
    words = as_meant(text)
    parts = [found(match.lastgroup or "", *match.span()) for match in _PARTS.finditer(words)]
    return settle(words, parts)


def find_part(text: str) -> str | None:
    """early_morning, morning, noon, afternoon or evening: the first said, or None."""
    parts = find_parts(text)
    return parts[0].value if parts else None


_HOUR = r"(?P<h>\d{1,2}|二十[一二三四]?|十[一二三四五六七八九]?|[一二两三四五六七八九零](?!十))"
# Where the long hand points: 九点搭三 is 09:15, and with the part of day said 九点三 is too.
_HAND = r"(?:1[01]|[1-9](?!\d)|十一|[一二三四五六七八九十])"
_MEASURE = r"[份个盒次块元天位样斤客人张条回岁楼]"
_CLOCK = re.compile(
    rf"(?:差(?P<to1>一刻"
    rf"|{NUMBER}分钟?)钟?到?)?(?<![\d.零一二三四五六七八九十百:])(?:(?P<first>十?[一二两三四五六七八九])(?=[两二三四五六七八九]点|(?<=九)十点))?"
    rf"(?:{_HOUR}(?:点钟?|(?<=\d)时|(?<=[八九十])时)"
    rf"(?:过?(?P<half>半)|过?(?P<quarter>[一两三1-3])刻|(?P<words>{NUMBER})个字"
    rf"|[搭踏沓](?P<hand>{_HAND}|半)|差(?P<to2>一刻"
    rf"|{NUMBER}分)"
    rf"|[零过〇]?(?P<m>\d{{1,2}}|[二三四五]?十[一二三四五六七八九]?"
    rf"|[一二三四五六七八九])(?P<unit>分)?(?!{_MEASURE}|\d))?"
    r"|(?P<h24>\d{1,2}):(?P<m24>[0-5]\d)(?!\d)"
    r"|(?<=[午晨昼])(?P<h60>\d{1,2})\.(?P<m60>[0-5]\d)(?!\d))"
)
# "软一点", "有两点意见", "七点八" (a blood value) are no times.
_ONE_OK_BEFORE = re.compile(
    r"(?:^|[,。;!?、\0]|[午晨上天日号在约到是]|[昨今明后听][早晚朝]|(?:周|礼拜|星期).|大概|大约|差不多)$"
)
_ONE_OK_AFTER = re.compile(
    r"^(?:$|[,。!?]|左右|过来|之?前|以?后|到|送|来|吧|上门|开始|的|去|叫|约|打|做|给|帮|换"
    r"|接|有)"
)
_POINTS = re.compile(r"^(?:要求|意见|建议|问题|不满|原因|希望|想法|东西|心意|都|也)")


def find_clocks(text: str, now: datetime | None = None) -> list[Found[Clock]]:
    """Every clock time said, after corrections; of a range ("三点到四点") its beginning.

    With `now`, moments counted from it ("半个钟后") too.
    """
    words = as_meant(text)
    moments = find_moments(words, now) if now is not None else []
    clocks = [
        found(Clock(one.value.hour, one.value.minute, "exact"), one.start, one.end)
        for one in moments
    ]
    hidden = mask(words, [(one.start, one.end) for one in moments])
    parts = {match.end(): match for match in _PARTS.finditer(hidden)}
    before_end = -9
    for match in _CLOCK.finditer(hidden):
        clock = _read(match, hidden, glued=match.start() in parts)
        if clock is None:
            continue
        ranged = re.fullmatch(r"[到至~\-]|或者?", hidden[before_end : match.start()])
        before_end = match.end()
        if not ranged:
            part = parts.get(match.start())
            if part is not None:
                # What is said of 晚上 ("不是晚上八点") is said of its hour.
                clock = replace(clock, part=part.lastgroup)
            clocks.append(found(clock, (part or match).start(), match.end()))
    return settle(words, clocks)


def _read(match: re.Match[str], words: str, glued: bool) -> Clock | None:
    """The clock of a match; `glued`: a part of day stands right before it."""
    if figures := match["h24"] or match["h60"]:
        exact = Clock(int(figures), int(match["m24"] or match["m60"]))
        return exact if exact.hour <= 24 else None
    said_hour = to_int(match["first"] or match["h"])
    after = words[match.end() :]
    bare = match.end() == match.end("h") + 1
    if said_hour is None or said_hour > 24 or _POINTS.match(after):
        return None
    if (
        match["h"] == "一"
        and bare
        and not (
            (glued or _ONE_OK_BEFORE.search(words[: match.start()])) and _ONE_OK_AFTER.match(after)
        )
    ):
        return None
    minute = _minute(match, glued)
    if minute is None or minute >= 60:
        return None
    if minute < 0:
        return Clock((said_hour - 1) % 24, 60 + minute)
    return Clock(said_hour, minute)


def _minute(match: re.Match[str], glued: bool) -> int | None:
    if match["half"]:
        return 30
    if match["quarter"]:
        return 15 * (to_int(match["quarter"]) or 0)
    if match["hand"]:
        return 30 if match["hand"] == "半" else 5 * (to_int(match["hand"]) or 0)
    if match["words"]:
        return 5 * (to_int(match["words"]) or 0)
    if to := match["to1"] or match["to2"]:
        return -15 if to == "一刻" else -(to_int(to.rstrip("分钟")) or 0)
    if not match["m"]:
        return 0
    said = match.group()[match.group().index(match["h"]) + len(match["h"]) :]
    sure = match["unit"] or len(match["m"]) > 1 or said[1:2] in "零过〇" or match["m"] == "十"
    minute = to_int(match["m"])
    if sure:
        return minute
    return 5 * minute if glued and minute else None  # 下昼三点三


def read_clock(clock: Clock, part: str | None = None, hours: Hours | None = None) -> time:
    """The time of day meant: by the part of day said, else within `hours` (both ends count).

    Three o'clock is 15:00 for a nurse from 08:00 to 18:00; nothing known, 7-12 are before and
    1-6 after noon.
    """
    hour, minute = clock.hour % 24, clock.minute
    if clock.part == "exact" or hour > 12 or clock.hour == 24:
        return time(hour, minute)
    said = clock.part or part
    if said in {"afternoon", "evening"}:
        late_night = said == "evening" and hour == 12
        return time(0 if late_night else hour if hour == 12 else hour + 12, minute)
    if said == "noon":
        return time(hour + 12 if 0 < hour < 6 else hour, minute)
    if said in {"early_morning", "morning"}:
        midnight = said == "early_morning" and hour == 12
        return time(0 if midnight else hour, minute)
    first, second = time(hour, minute), time((hour + 12) % 24, minute)
    opens, closes = hours or DEFAULT_HOURS
    if hour in {0, 12}:
        return first
    for candidate in (first, second):
        if opens <= candidate <= closes:
            return candidate
    return second if hour < 7 else first


def find_time(
    text: str, hours: Hours | None = None, part: str | None = None, now: datetime | None = None
) -> time | None:
    """The first clock time said, read by the part of day said and within `hours`, or None."""
    clocks = find_clocks(text, now)
    if not clocks:
        return None
    return read_clock(clocks[0].value, part or find_part(text), hours)
