"""Days said from today: 明天, 听日, 大后天, 三天后, 周六, 下个礼拜三, 下周的今天.

Each reader takes a match of its pattern; nlu.values.dates tries them in order.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from nlu.values.calendar import Now, add_months
from nlu.values.numbers import NUMBER, to_int
from nlu.values.recurrence import WEEK

WEEKDAY = {day: number for number, day in enumerate("一二三四五六日")}
WEEKDAY |= {"天": 6, "末": 5, "尾": 5, "休": 5}
WEEKDAY |= {str(n + 1): n for n in range(6)}

# Day words with an evening or morning glued on: 今晚, 明早, 听朝 (but 今晚饭 is 今 + 晚饭).
_GLUED = r"(?:天|日|儿个?|个|[早晚朝晨夜](?!饭(?![盒堂])|餐(?![盒厅])))"
RELATIVE_DAY = re.compile(
    rf"(?P<w>大前|大后|前|昨|琴|寻|今(?!后)|明(?!白|显|确|细)|听|翌|后){_GLUED}(?!性)"
    r"|(?P<two>今明|明后)(?=两?[天日])"
    r"|(?P<short>今|(?<![说证声文发黎透表])明)"
    r"(?=[上下中]午|晌午|早上|晚上|[早午晚][饭餐])"
)
_DAYS_AWAY = {
    "大前": -3, "前": -2, "昨": -1, "琴": -1, "寻": -1, "今": 0, "今明": 0, "明": 1, "听": 1,
    "翌": 1, "明后": 1, "后": 2, "大后": 3,
}  # fmt: skip
_ONLY_WITH_DAY = frozenset({"大前", "大后", "翌"})
# "饭前晚上", "钢琴晚会" name no day; 前晚 and 琴晚 do.
_NOT_AN_EVENING = re.compile(r"[饭餐之以目从提钢弹睡]$")


def read_relative_day(match: re.Match[str], now: Now) -> date | None:
    """明天, 今晚, 后日; None for 前夜 and 饭前晚上."""
    word, glued = match["w"] or match["two"] or match["short"], match.group()[-1]
    if word in _ONLY_WITH_DAY and glued not in "天日":
        return None
    if word in {"前", "琴", "寻"} and glued not in "天日":
        before = match.string[max(match.start() - 1, 0) : match.start()]
        if glued not in "晚" or _NOT_AN_EVENING.search(before):
            return None
    if word == "听" and glued in "儿个夜晨":
        return None
    return now.today + timedelta(days=_DAYS_AWAY[word])


WEEK_DAY = re.compile(
    rf"(?:(?P<pre>上上个?|下下个?|上一?个?|下一?个?|这一?个?|呢个|今个|本)的?"
    rf"|(?<![每两几半\d])(?<!(?<![周期拜])[一二]))(?:{WEEK}"
    rf"(?:的?{WEEK})?(?P<d>[一二三四五六日天末尾1-6])(?!个?[次趟回遍]|[\d:])|双(?P<d2>休)日?)"
)


def read_week_day(match: re.Match[str], now: Now) -> date | None:
    """周六 is the next one, 这周六 of this week, 下周六 of the week after it."""
    said = match["d"] or match["d2"]
    weekday = WEEKDAY[said]
    pre = (match["pre"] or "").rstrip("个一")
    if not pre:
        ahead = (weekday - now.today.weekday()) % 7 or 7
        return now.today + timedelta(days=ahead % 7 - 7 if now.look_back else ahead)
    weeks = {"上上": -2, "上": -1, "下": 1, "下下": 2}.get(pre, 0)
    monday = now.today - timedelta(days=now.today.weekday())
    day = monday + timedelta(days=weekday + 7 * weeks)
    if said in {"末", "尾", "休"} and not weeks and now.today.weekday() == 6:
        return now.today
    return day


SAME_DAY = re.compile(
    rf"(?P<pre>下下个?|下一?个?|上一?个?)(?P<u>{WEEK}|月)的?(?:今[天日]|这一?天|同一天)"
)


def read_same_day(match: re.Match[str], now: Now) -> date | None:
    """下周的今天, 下个月今天."""
    away = {"上": -1, "下下": 2}.get(match["pre"].rstrip("个一"), 1)
    if match["u"] == "月":
        return add_months(now.today, away)
    return now.today + timedelta(days=7 * away)


_LATER_UNIT = r"(?:天|日|周|个?星期|个?礼拜|个月)"
IN_DAYS = re.compile(
    rf"(?:再?过|再等)(?!两[天日])(?P<n1>{NUMBER}|半)(?P<u1>{_LATER_UNIT})(?!半)"
    rf"|(?P<n2>{NUMBER}|半)(?P<u2>{_LATER_UNIT})(?:之后|以后|过后|后(?!天))"
    rf"|(?P<n3>{NUMBER}|半)(?P<u3>天|个?星期|个?礼拜|个月)(?:之前|以前|前(?!天))"
)
_ROUGH_NUMBER = re.compile(r"[一二两三四五六七八九]{2}")  # 三五天, 两三天


def read_in_days(match: re.Match[str], now: Now) -> date | None:
    """三天后, 过一个礼拜, 半个月前; None where nobody can count ("三五天后")."""
    k = next(k for k in "123" if match[f"n{k}"])
    word, unit = match[f"n{k}"], match[f"u{k}"]
    sign = -1 if k == "3" else 1
    if word == "半":
        return now.today + timedelta(days=15 * sign) if unit == "个月" else None
    number = to_int(word)
    if number is None or number > 366 or _ROUGH_NUMBER.fullmatch(word):
        return None
    if unit == "个月":
        return add_months(now.today, sign * number)
    return now.today + timedelta(days=sign * number * (1 if unit in {"天", "日"} else 7))
