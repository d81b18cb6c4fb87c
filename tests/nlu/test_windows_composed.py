"""Whole sentences of day, part, clock and rhythm: what was composed is what is understood, and
every window lies ahead and within the service's hours, or there is none and a question follows."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.understand import Understander, make_gazetteer
from nlu.values.dates import SHANGHAI, find_dates
from nlu.values.recurrence import find_recurrence
from nlu.values.times import find_part, find_time
from nlu.values.vague import past_when
from nlu.values.wants import hours_of
from nlu.values.windows import ServiceHours, make_window
from tests.nlu.saying import NOW, any_moment, any_text
from tests.nlu.test_understand import Says

GAZETTEER = make_gazetteer()
NURSE = ServiceHours(time(8), time(18), window_min=60, lead_min=120)
WEEKDAYS = "一二三四五六日"
CODES = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

# Words, and how many days they lie from today.
_DAYS = {
    "今天": 0, "明天": 1, "后天": 2, "大后天": 3, "听日": 1, "后日": 2, "三天后": 3, "十天以后": 10,
    "明儿": 1, "后天的后天": 4, "一个礼拜以后": 7, "明天的前一天": 0, "名天": 1, "候天": 2,
}  # fmt: skip
_PARTS = {
    "早上": "morning", "上午": "morning", "朝早": "morning", "中午": "noon", "晏昼": "noon",
    "下午": "afternoon", "下昼": "afternoon", "下五": "afternoon", "晚上": "evening",
    "夜晚": "evening",
}  # fmt: skip
_NUMERALS = "一二三四五六七八九十"
_MINUTES = {
    "": 0,
    "半": 30,
    "一刻": 15,
    "三刻": 45,
    "二十": 20,
    "零五分": 5,
    "三个字": 15,
    "搭三": 15,
}
_RANGES = {
    "morning": range(6, 12), "noon": range(11, 13), "afternoon": range(1, 7),
    "evening": range(6, 11),
}  # fmt: skip
_days = st.sampled_from(sorted(_DAYS))


@st.composite
def sentences(draw: st.DrawFn) -> tuple[str, int, str, time]:
    """A sentence with its days ahead, part of day and clock time."""
    day = draw(_days)
    word = draw(st.sampled_from(sorted(_PARTS)))
    part = _PARTS[word]
    hour = draw(st.sampled_from(_RANGES[part]))
    minutes = draw(st.sampled_from(sorted(_MINUTES)))
    spelt = _NUMERALS[hour - 1] if hour <= 10 else "十" + _NUMERALS[hour - 11]
    spelt = "两" if spelt == "二" else spelt
    figures = draw(st.booleans()) and not minutes.startswith(("零", "三个", "搭"))
    said = f"{hour if figures else spelt}点{minutes}"
    text = draw(st.sampled_from(["{}{}{}来换药", "换药,{}{}{}", "那个{}{}大概{}"]))
    at = time(hour + 12 if part in ("afternoon", "evening") else hour, _MINUTES[minutes])
    return text.format(day, word, said), _DAYS[day], part, at


@settings(max_examples=400, deadline=None)
@given(sentence=sentences(), now=any_moment)
def test_day_part_and_clock_are_understood_together(
    sentence: tuple[str, int, str, time], now: datetime
) -> None:
    text, ahead, part, at = sentence
    day = now.date() + timedelta(days=ahead)
    assert [one.value for one in find_dates(text, now)] == [day]
    assert find_part(text) == part
    assert find_time(text, (time(8), time(18)), now=now) == at
    window = make_window(day, at, part, NURSE, now)
    if window is not None:
        assert now + timedelta(minutes=NURSE.lead_min) <= window.start
        assert NURSE.opens <= window.start.time() < window.end.time() <= NURSE.closes
        assert window.start.time() <= max(at, window.start.time())


@given(
    weeks=st.sampled_from([("", None), ("这", 0), ("下", 1), ("下下", 2)]),
    week=st.sampled_from(["周", "星期", "礼拜", "个礼拜", "个星期"]),
    weekday=st.integers(0, 6),
    now=any_moment,
)
def test_every_weekday_of_every_week(
    weeks: tuple[str, int | None], week: str, weekday: int, now: datetime
) -> None:
    prefix, away = weeks
    text = prefix + (week if prefix else week.removeprefix("个")) + WEEKDAYS[weekday]
    (found,) = find_dates(text, now)
    assert found.value.weekday() == weekday
    monday = now.date() - timedelta(days=now.weekday())
    if away is None:
        assert 1 <= (found.value - now.date()).days <= 7
    else:
        assert (found.value - monday).days == weekday + 7 * away


@given(days=st.sets(st.integers(0, 6), min_size=1, max_size=6), week=st.sampled_from("周星礼"))
def test_every_set_of_weekdays_is_a_rhythm(days: set[int], week: str) -> None:
    name = {"周": "每周", "星": "每个星期", "礼": "逢礼拜"}[week]
    text = name + "".join(WEEKDAYS[day] for day in sorted(days))
    codes = ",".join(CODES[day] for day in sorted(days))
    wanted = "weekdays" if days == {0, 1, 2, 3, 4} else f"weekly:{codes}"
    assert find_recurrence(text) == wanted
    assert find_dates(text, NOW) == []


_CRUMBS = st.sampled_from(
    [
        "今天", "明天", "昨天", "后天", "周六", "这周一", "初八", "月底", "15号", "清明", "上午",
        "下午", "晚上", "三点", "八点半", "六点", "半小时后", "每天", "每周三", "隔天", "换药",
        "送午饭", "打扫",
        "陪我去医院", ",", "不对", "还有", "吃完饭", "过两天", "马上", "两份", "的", "改到", "之前",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    text=st.one_of(any_text, st.lists(_CRUMBS, min_size=1, max_size=8).map("".join)),
    now=any_moment,
    intent=st.sampled_from(["order_nursing", "order_meal", "order_escort", "inform"]),
)
def test_a_window_lies_ahead_and_in_the_services_hours_whatever_is_said(
    text: str, now: datetime, intent: str
) -> None:
    found = Understander(Says(intent), GAZETTEER).understand(text, now)
    if intent != "inform" and found.date is not None and found.intent.startswith("order_"):
        assert found.date >= now.date()
    for want in found.wants:
        if want.window is None:
            continue
        hours = hours_of(GAZETTEER, want.service.code)
        assert want.window.start >= now
        assert want.window.start.date() == want.date
        assert hours.opens <= want.window.start.time() < want.window.end.time() <= hours.closes


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("今晚七点换药", None, None), ("昨天下午三点换药", None, None), ("过两天换药", None, None),
        ("这个礼拜六上午十一点一刻换药", "2026-03-07", "11:15-12:15"),
        ("下个月头朝早换药", "2026-04-01", "08:00-12:00"),
        ("清明那天下昼三点三换药", "2026-04-05", "15:15-16:15"),
        ("大后天换药", "2026-03-07", "08:00-18:00"), ("初八换药", "2026-03-26", "08:00-18:00"),
        ("半个钟后换药", "2026-03-04", None), ("三个钟后换药", "2026-03-04", "12:20-13:20"),
        ("名天下五四典换药", "2026-03-05", "16:00-17:00"),
    ],
)  # fmt: skip
def test_from_words_to_a_window_of_the_nurse(text: str, day: str | None, clock: str | None) -> None:
    window = Understander(Says("order_nursing"), GAZETTEER).understand(text, NOW).window
    assert (f"{window.start:%H:%M}-{window.end:%H:%M}" if window else None) == clock
    if window is not None:
        assert window.start.date() == date.fromisoformat(day or "")


def test_the_past_is_only_where_the_sentence_says_so() -> None:
    now = datetime(2026, 3, 4, 9, 20, tzinfo=SHANGHAI)
    for text in ("昨天", "这周一", "上周五", "前天下午", "琴日"):
        assert all(one.value < now.date() for one in find_dates(text, now))
        assert past_when(text, now) == text
