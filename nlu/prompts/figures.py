"""Figures as people say them: prices, dates, times, telephone numbers, houses and rooms.

One figure is read by what stands around it: 120 is 幺二零, 120分钟 is 一百二十分钟, 2份 is 两份
and 2楼 is 二楼, 501房 is 五零幺房.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time

from nlu.prompts.wording import Manner, clock, digits, money, number

_EARS = Manner.EARS
_HELP = ("110", "119", "120", "122")
"""Numbers to ring for help."""
_LONGEST_COUNT = 12
"""Figures; what is longer counts nothing."""

_COUNTED = (
    "[个元块毛分角万亿千百份人位名次天年岁里米公平斤两克毫升步级度小钟秒星周盒片粒条张件杯碗户家台]"
)
"""What follows a count. 分 and 里 also begin 分钟 and 里地."""
_MEASURE = rf"(?:{_COUNTED}|[%.])"
_PARTS = "凌晨|清早|清晨|早上|上午|中午|下午|傍晚|晚上|夜里|半夜"
_DASH = r"\s*[-–—~至到]\s*"
_CLOCK = r"(?<!\d)([01]?\d|2[0-4]):([0-5]\d)(?::[0-5]\d)?(?!\d)"
_UNITS = {
    "kg": "公斤", "g": "克", "mg": "毫克", "ml": "毫升", "l": "升", "km": "公里", "cm": "厘米",
    "mm": "毫米", "m": "米", "m2": "平方米", "mmhg": "毫米汞柱", "mmol/l": "毫摩尔每升",
    "kcal": "千卡", "h": "小时", "min": "分钟",
}  # fmt: skip
_ORDINAL_BEFORE = re.compile("(?:第|初|周|星期|礼拜|回复|按|选|选择)$")
_ORDINAL_AFTER = re.compile("号|日|月|楼|栋|幢|座|单元|层|室|级|路|弄|巷|组|型|队|房|#")


def figures_spoken(text: str) -> str:
    """No figure is left; everything else stays, but for the signs that belong to figures."""
    for pattern, said in _READINGS:
        text = pattern.sub(said, text)
    return text


def _date(found: re.Match[str]) -> str:
    return f"{_year(found[1])}年{_plain(found[2])}月{_plain(found[3])}号"


def _year(figures: str) -> str:
    # A year has no 幺: that is for numbers one dials or notes down.
    return digits(figures, _EARS).replace("幺", "一").replace(",", "")


def _plain(figures: str) -> str:
    """A number in a name: 二月, 二号, never 两."""
    said = number(int(figures), _EARS)
    return "二" if said == "两" else said


def _time(found: re.Match[str]) -> str:
    part, hour, minute, to_part, to_hour, to_minute = found.groups()
    first = time(int(hour) % 24, int(minute))
    said = _clock_said(first, part)
    if to_hour is None:
        return said
    last = time(int(to_hour) % 24, int(to_minute))
    if to_part or not (first.hour >= 12 or last.hour <= 12):
        return f"{said}到{_clock_said(last, to_part)}"
    return f"{said}到{clock(last, _EARS).lstrip(_ALL_PARTS)}"


def _clock_said(at: time, part: str | None) -> str:
    said = clock(at, _EARS)
    return part + said.lstrip(_ALL_PARTS) if part else said


_ALL_PARTS = "".join(sorted(set(_PARTS) - {"|"}))
"""No hour begins with any of these characters."""


def _telephone(found: re.Match[str]) -> str:
    return digits(re.sub(r"\D", "", found["number"]), _EARS)


def _amount(found: re.Match[str]) -> str:
    fen = round(float(found["mark"] or found["yuan"]) * 100)
    return money(-fen if found["less"] else fen, _EARS)


def _share(found: re.Match[str]) -> str:
    return f"百分之{number(found[1], _EARS)}"


def _degrees(found: re.Match[str]) -> str:
    return f"{'零下' if found[1] else ''}{number(found[2], _EARS)}度"


def _measured(found: re.Match[str]) -> str:
    return number(found[1], _EARS) + _UNITS[found[2].lower().replace("\u00b2", "2")]


def _door(found: re.Match[str]) -> str:
    """3-2-501: block, stair and room, each by itself."""
    return ",".join(_room(part) for part in re.findall(r"\d+", found[0]))


def _room(figures: str) -> str:
    return digits(figures, _EARS) if len(figures) > 2 else _plain(figures)


def _over(found: re.Match[str]) -> str:
    above, below = int(found[1]), int(found[2])
    if above < below <= 100:
        return f"{_plain(found[2])}分之{_plain(found[1])}"
    return f"{number(above, _EARS)},{number(below, _EARS)}"  # blood pressure


def _figure(found: re.Match[str]) -> str:
    text, before, after = found[0], found.string[: found.start()], found.string[found.end() :]
    if "." in text:
        return number(text, _EARS)
    counted = re.match(_MEASURE, after) is not None and len(text) <= _LONGEST_COUNT
    noted = text in _HELP or len(text) > 3 or (len(text) > 1 and text[0] == "0")
    if text == "2":
        named = _ORDINAL_BEFORE.search(before) or _ORDINAL_AFTER.match(after)
        return "二" if named or not re.match("[\u4e00-\u9fff]", after) else "两"
    return digits(text, _EARS) if noted and not counted else number(text, _EARS)


_Said = Callable[[re.Match[str]], str] | str

_READINGS: tuple[tuple[re.Pattern[str], _Said], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (rf"(?<=\d),(?=\d{{3}}(?:,\d{{3}})*(?:\.\d+)?{_COUNTED})|(?<=¥\d),(?=\d{{3}})", ""),
        (r"(?<!\d)(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)[日号]?", _date),
        (r"(?<!\d)((?:19|20)\d\d)(?=年)", lambda found: _year(found[1])),
        (
            r"(?<!\d)(\d{1,2})月(\d{1,2})(?!\d)[日号]?",
            lambda found: f"{_plain(found[1])}月{_plain(found[2])}号",
        ),
        (rf"({_PARTS})?\s*{_CLOCK}(?:{_DASH}({_PARTS})?\s*{_CLOCK})?", _time),
        (r"(?<!\d)(?:\+86[- ])?(?P<number>1[3-9]\d(?:[- ]?\d{4}){2})(?!\d)", _telephone),
        (r"\+86(?P<number>1[3-9]\d{9})(?!\d)", _telephone),
        (
            r"(?<!\d)(?P<number>0\d{2,3}[- ]\d{3,4}[- ]?\d{4}|400[- ]?\d{3,4}[- ]?\d{3,4})(?!\d)",
            _telephone,
        ),
        (r"(?<!\d)(\d+)/(\d+)(?!\d)(?:\s*mmHg)?", _over),
        (r"(?<!\d)(\d+(?:\.\d+)?)\s*%", _share),
        (r"(?:(?<!\d)(-))?(\d+(?:\.\d+)?)\s*(?:°C|°|度)", _degrees),
        (
            r"(\d+(?:\.\d+)?)\s*(mmol/l|mmHg|kcal|min|kg|mg|ml|km|cm|mm|m2|m\u00b2|g|l|m|h)(?![a-z])",
            _measured,
        ),
        (
            r"(?P<less>(?<!\d)-)?(?:¥\s*(?P<mark>\d+(?:\.\d+)?)元?|(?P<yuan>\d+\.\d{1,2})元)",
            _amount,
        ),
        (r"(?<=[元块毛])/(?=[\u4e00-\u9fff])", "一"),
        (r"(?<=[元块毛])/(?=\d)", ","),
        (r"(?<!\d)\d+-\d+-\d+(?!\d)", _door),
        (rf"(?<!\d)\d{{1,2}}-\d{{3,4}}(?!\d|{_MEASURE})", _door),
        (rf"(?<=\d){_DASH}(?=\d)", "到"),
        (r"(?<!\d)\d{3,4}(?=房|室)", lambda found: _room(found[0])),
        (
            rf"(?<=[栋幢座楼元梯层号])\d{{3,4}}(?!\d|{_MEASURE}|[号弄])",
            lambda found: _room(found[0]),
        ),
        (r"(?<!\w)-(?=\d)", "负"),
        (r"-(?=\d)", ","),
        (r"\d+(?:\.\d+)?", _figure),
    )
)
"""In this order: what is longer and means more comes before its parts."""
