"""Days in people's words. Said on Wednesday 2026-03-04 at 09:20 unless told otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings

from nlu.values.calendar import lunar_day, month_day, next_day_of_month
from nlu.values.dates import SHANGHAI, find_date, find_dates
from tests.nlu.saying import NOW, any_moment, any_text


def day_of(text: str, now: datetime = NOW, look_back: bool = False) -> str | None:
    found = find_date(text, now, look_back)
    return found.date.isoformat() if found else None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天", "2026-03-04"), ("明天", "2026-03-05"), ("后天", "2026-03-06"),
        ("大后天", "2026-03-07"), ("昨天", "2026-03-03"), ("大前天", "2026-03-01"),
        ("今晚", "2026-03-04"), ("明早", "2026-03-05"), ("明晚七点", "2026-03-05"),
        ("后天中午", "2026-03-06"), ("明儿个", "2026-03-05"), ("明后天都行", "2026-03-05"),
        ("今明两天", "2026-03-04"), ("听日", "2026-03-05"), ("聽日", "2026-03-05"),
        ("后日", "2026-03-06"), ("今日", "2026-03-04"), ("听朝", "2026-03-05"),
        ("听晚", "2026-03-05"), ("琴日", "2026-03-03"), ("今后", None), ("我明白了", None),
        ("前夜", None), ("琴晚", "2026-03-03"),
    ],
)  # fmt: skip
def test_days_counted_from_today(text: str, day: str | None) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("周六", "2026-03-07"), ("星期六", "2026-03-07"), ("礼拜六下午", "2026-03-07"),
        ("周三", "2026-03-11"), ("周一", "2026-03-09"), ("星期天早上", "2026-03-08"),
        ("这周六", "2026-03-07"), ("这周一", "2026-03-02"), ("本周日", "2026-03-08"),
        ("下周三", "2026-03-11"), ("下周一", "2026-03-09"), ("下下周一", "2026-03-16"),
        ("下个礼拜天", "2026-03-15"), ("下个星期的星期三", "2026-03-11"), ("上周五", "2026-02-27"),
        ("上上周五", "2026-02-20"), ("周末", "2026-03-07"), ("下周末", "2026-03-14"),
        ("下周二十点", "2026-03-10"), ("下个星期", None), ("每周一次", None), ("一周两次", None),
        ("周3", "2026-03-11"), ("下个月第一个周三", "2026-04-01"),
    ],
)  # fmt: skip
def test_weekdays(text: str, day: str | None) -> None:
    assert day_of(text) == day


def test_a_bare_weekday_is_never_today() -> None:
    saturday = datetime(2026, 3, 7, 8, tzinfo=SHANGHAI)
    assert day_of("周六送饭", saturday) == "2026-03-14"
    assert day_of("这周六送饭", saturday) == "2026-03-07"


def test_this_weekend_said_on_sunday_is_today() -> None:
    assert day_of("这周末", datetime(2026, 3, 8, 8, tzinfo=SHANGHAI)) == "2026-03-08"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("三天后", "2026-03-07"), ("过三天", "2026-03-07"), ("十天之后", "2026-03-14"),
        ("一周后", "2026-03-11"), ("两个星期以后", "2026-03-18"), ("半个月后", "2026-03-19"),
        ("一个月后", "2026-04-04"), ("三天前", "2026-03-01"), ("过几天", None), ("半天后", None),
        ("九百天后", None), ("两小时后", "2026-03-04"), ("一会儿", None),
        ("过半个钟", "2026-03-04"),
        ("九十天前", "2025-12-04"),
    ],
)  # fmt: skip
def test_so_many_days_on(text: str, day: str | None) -> None:
    assert day_of(text) == day


def test_two_hours_before_midnight_is_tomorrow() -> None:
    assert day_of("三小时后", datetime(2026, 3, 4, 22, tzinfo=SHANGHAI)) == "2026-03-05"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3月15号", "2026-03-15"), ("３月１５號", "2026-03-15"), ("三月十二", "2026-03-12"),
        ("2月1日", "2027-02-01"), ("十五号", "2026-03-15"), ("3号", "2026-04-03"),
        ("15日", "2026-03-15"), ("31号", "2026-03-31"), ("3/15", "2026-03-15"),
        ("2026-03-15", "2026-03-15"), ("2026年3月15日", "2026-03-15"), ("2026年2月30日", None),
        ("二月三十号", None), ("13月5号", None), ("2月29号", "2028-02-29"), ("99号", None),
        ("明年三月五号", "2027-03-05"), ("四月下旬", "2026-04-21"), ("下个月5号", "2026-04-05"),
        ("下个月31号", None), ("这个月20号", "2026-03-20"), ("下下个月1号", "2026-05-01"),
        ("月底", "2026-03-31"), ("月初", "2026-04-01"), ("月中", "2026-03-15"),
        ("下个月头", "2026-04-01"), ("下月底", "2026-04-30"), ("五月底", "2026-05-31"),
        ("13月底", None), ("我住三号楼", None), ("2号套餐", None), ("第3号", None),
        ("一日三餐", None), ("三日", None), ("零号", None), ("今年十三月四十号", None),
    ],
)  # fmt: skip
def test_days_of_the_month(text: str, day: str | None) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("初八", "2026-03-26"), ("农历初八", "2026-03-26"), ("三月初五", "2026-04-21"),
        ("正月十五", "2027-02-20"), ("大年初二", "2027-02-07"), ("腊月二十三", "2027-01-30"),
        ("年廿八", "2027-02-04"),
        ("农历八月十五", "2026-09-25"), ("初中同学", None), ("三月初三那天", "2026-04-19"),
        ("清明", "2026-04-05"), ("冬至", "2026-12-22"), ("中秋节", "2026-09-25"),
        ("国庆", "2026-10-01"), ("春节", "2027-02-06"), ("重阳节", "2026-10-18"),
        ("元宵节", "2027-02-20"), ("买点元宵", None), ("端午", "2026-06-19"),
        ("除夕", "2027-02-05"), ("五一", "2026-05-01"), ("元旦", "2027-01-01"),
        ("母亲节", "2026-05-10"), ("十一点", None), ("腊八粥", None), ("立春", "2027-02-04"),
    ],
)  # fmt: skip
def test_lunar_days_and_festivals_lie_ahead(text: str, day: str | None) -> None:
    assert day_of(text) == day


def test_a_festival_gone_by_this_year_comes_next_year() -> None:
    assert day_of("母亲节", datetime(2026, 5, 20, tzinfo=SHANGHAI)) == "2027-05-09"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("不是明天,是后天", "2026-03-06"), ("明天…哦不对后天", "2026-03-06"),
        ("明天,不,后天", "2026-03-06"), ("明天吧,算了还是后天", "2026-03-06"),
        ("把明天的午饭改到后天", "2026-03-06"), ("取消明天的,改订后天的", "2026-03-06"),
        ("明天不行,后天吧", "2026-03-06"), ("明天没空", None), ("除了周三都行", None),
        ("周三除外", None), ("不是明天吗", "2026-03-05"), ("明天不用送饭了", "2026-03-05"),
        ("不要明天的了", "2026-03-05"), ("不要明天,要后天", "2026-03-06"),
        ("昨天约好的明天换药", "2026-03-05"), ("我说错了,不是周五,是周六", "2026-03-07"),
    ],
)  # fmt: skip
def test_wang_fang_corrects_herself(text: str, day: str | None) -> None:
    assert day_of(text) == day


def test_a_weekday_inside_a_recurrence_is_no_date() -> None:
    assert day_of("每周三打扫") is None
    assert day_of("周一到周五") is None
    assert day_of("从下周一开始每天送饭") == "2026-03-09"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("周一送来的饭是凉的", "2026-03-02"), ("周三", "2026-02-25"), ("1号那次", "2026-03-01"),
        ("2月14号的打扫", "2026-02-14"), ("春节那天", "2026-02-17"), ("初八", "2026-02-24"),
        ("月初", "2026-03-01"), ("冬至", "2025-12-21"), ("31号", "2026-01-31"),
    ],
)  # fmt: skip
def test_complaints_look_back(text: str, day: str) -> None:
    assert day_of(text, look_back=True) == day


def test_the_day_is_shanghais() -> None:
    assert day_of("明天", datetime(2026, 3, 4, 17, tzinfo=UTC)) == "2026-03-06"
    assert day_of("明天", datetime(2026, 3, 4, 17)) == "2026-03-05"  # noqa: DTZ001 - naive is local


def test_the_span_points_at_the_words() -> None:
    found = find_date("帮我订后天的饭", NOW)
    assert found is not None
    assert (found.start, found.end) == (3, 5)


def test_days_no_year_has() -> None:
    assert month_day(2, 30, date(2026, 1, 1)) is None
    assert next_day_of_month(32, date(2026, 1, 1)) is None
    assert lunar_day(None, 31, date(2026, 1, 1)) is None
    assert lunar_day(12, 31, date(2026, 1, 1)) is None


def test_the_calendar_ends_somewhere() -> None:
    assert day_of("明天", datetime(9999, 12, 31, 9, tzinfo=SHANGHAI)) is None


@settings(max_examples=300, deadline=None)
@given(text=any_text, now=any_moment)
def test_any_text_is_read_without_raising(text: str, now: datetime) -> None:
    for look_back in (False, True):
        for found in find_dates(text, now, look_back):
            assert 0 <= found.start < found.end
            assert isinstance(found.value, date)
