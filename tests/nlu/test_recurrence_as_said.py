"""Rhythms as people say them; None where they tell how often and not on which days."""

from __future__ import annotations

from datetime import date

import pytest

from nlu.values.dates import find_date
from nlu.values.recurrence import find_recurrence, next_day, unclear_rhythm
from tests.nlu.saying import NOW


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("每天", "daily"), ("天天送", "daily"), ("日日都要", "daily"), ("晚晚打个电话", "daily"),
        ("每晚八点", "daily"), ("每日一餐", "daily"), ("每天早上", "daily"), ("一天一次", "daily"),
        ("从明天起每天", "daily"), ("周一到周日", "daily"), ("每一天都送", "daily"),
        ("工作日", "weekdays"), ("逢工作日", "weekdays"), ("每个上班日", "weekdays"),
        ("周一到周五", "weekdays"), ("从周一到周五", "weekdays"), ("礼拜一到礼拜五", "weekdays"),
        ("星期1到5", "weekdays"), ("周一至周五每天", "weekdays"), ("除了周末天天送", "weekdays"),
        ("每天送饭,周末除外", "weekdays"), ("天天都要,礼拜六礼拜天不用", "weekdays"),
        ("除了周日每天都来", "weekly:MON,TUE,WED,THU,FRI,SAT"),
        ("每天都送,周三不用送", "weekly:MON,TUE,THU,FRI,SAT,SUN"),
    ],
)  # fmt: skip
def test_every_day_or_nearly(text: str, code: str) -> None:
    assert find_recurrence(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("每周三", "weekly:WED"), ("每个礼拜一三五", "weekly:MON,WED,FRI"),
        ("逢周六", "weekly:SAT"),
        ("逢礼拜二、四", "weekly:TUE,THU"), ("每逢周日", "weekly:SUN"), ("逢拜三", "weekly:WED"),
        ("一三五来打扫", "weekly:MON,WED,FRI"), ("逢一三五上门", "weekly:MON,WED,FRI"),
        ("二四六洗澡", "weekly:TUE,THU,SAT"), ("每个礼拜一跟礼拜四", "weekly:MON,THU"),
        ("每周末", "weekly:SAT,SUN"), ("每周六日", "weekly:SAT,SUN"),
        ("每周2和周4", "weekly:TUE,THU"),
        ("周一三五", "weekly:MON,WED,FRI"), ("一周两次,周二周五", "weekly:TUE,FRI"),
        ("一个礼拜来两次礼拜二礼拜五", "weekly:TUE,FRI"), ("每周一次,礼拜三来", "weekly:WED"),
        ("每里拜三", "weekly:WED"), ("每舟一三五", "weekly:MON,WED,FRI"),
        ("美天送饭", "daily"), ("每填中午", "daily"), ("攻作日", "weekdays"),
    ],
)  # fmt: skip
def test_the_week(text: str, code: str) -> None:
    assert find_recurrence(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("隔天", "every:2"), ("隔日", "every:2"), ("每隔一天", "every:2"),
        ("隔一天送一次", "every:2"),
        ("每两天", "every:2"), ("两天一次", "every:2"), ("隔晚", "every:2"),
        ("每隔两天", "every:3"),
        ("隔两天来一次", "every:3"), ("三天换一次", "every:3"), ("每三天一次", "every:3"),
        ("每隔一周", "every:14"), ("隔周", "every:14"), ("每两周", "every:14"),
        ("两个礼拜一次", "every:14"), ("半个月一次", "every:15"), ("每十天一次", "every:10"),
        ("逢单日", "odd_days"), ("单号来,双号不用", "odd_days"), ("逢单", "odd_days"),
        ("每逢单号", "odd_days"), ("单日来打扫", "odd_days"), ("逢双日", "even_days"),
        ("逢双号送饭", "even_days"), ("逢双数日", "even_days"), ("每个双日", "even_days"),
        ("每月15号", "monthly:15"), ("每个月二十号", "monthly:20"), ("逢15号", "monthly:15"),
        ("每月1号和15号", "monthly:1,15"), ("每月1、16号", "monthly:1,16"),
        ("每个月头", "monthly:1"), ("每月初", "monthly:1"), ("每月月底", "monthly:31"),
        ("每个月中", "monthly:15"), ("从每天改成隔天", "every:2"), ("不是每天是隔天", "every:2"),
        ("每天送饭嘛,我想改成隔一天送一次,天天吃吃不完", "every:2"),
    ],
)  # fmt: skip
def test_beyond_the_week(text: str, code: str | None) -> None:
    assert find_recurrence(text) == code


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("每周两次", "每周两次"), ("一礼拜三次", "一礼拜三次"),
        ("每星期来两次打扫", "每星期来两次"),
        ("一周洗一次澡", "一周洗一次"), ("每个月两次", "每个月两次"), ("一个月一次", "一个月一次"),
        ("每个月第一个周三", "每个月第一个周三"), ("初一十五吃斋", "初一十五"),
        ("每月初一和十五", "每月初一和十五"), ("每隔几天来看看", "每隔几天"),
        ("每个月有补贴", None),
        ("每年都体检", None), ("每周都有鱼", None),
    ],
)  # fmt: skip
def test_how_often_without_saying_when(text: str, words: str | None) -> None:
    assert find_recurrence(text) is None
    assert unclear_rhythm(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "今天天气好", "隔壁老王", "隔着玻璃", "订单号100023", "单号0823什么状态", "快递单号查询",
        "单号,100023", "我要单号",
        "下单", "两单一起接", "好好学习天天向上", "三楼一三五室", "下周一到周五", "每人一份",
        "一天比一天好", "第三天", "周三", "下周三", "这周一三五", "量了三次", "一三五七八",
    ],
)  # fmt: skip
def test_what_is_no_rhythm(text: str) -> None:
    assert find_recurrence(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("隔天换药,从周五开始", "2026-03-06"), ("每两周的周三", "2026-03-11"),
        ("每月15号", None), ("每周两次", None), ("每天都送,周三不用送", None), ("逢单日", None),
        ("从下个月一号起每天", "2026-04-01"), ("明天起隔天一次", "2026-03-05"),
    ],
)  # fmt: skip
def test_a_rhythm_has_a_day_only_if_its_beginning_is_said(text: str, day: str | None) -> None:
    found = find_date(text, NOW)
    assert (found.date.isoformat() if found else None) == day


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("daily", "03-05"), ("weekdays", "03-05"), ("weekly:MON,FRI", "03-06"),
        ("weekly:WED", "03-11"), ("every:2", "03-05"), ("every:14", "03-05"),
        ("odd_days", "03-05"), ("even_days", "03-06"), ("monthly:15", "03-15"),
        ("monthly:4", "04-04"), ("monthly:1,20", "03-20"), ("monthly:31", "03-31"),
        ("每周两次", None), ("weekly:", None),
    ],
)  # fmt: skip
def test_the_first_day_of_a_rhythm(code: str, day: str | None) -> None:
    first = next_day(code, NOW.date())
    assert first == (date.fromisoformat(f"2026-{day}") if day else None)


def test_the_31st_is_the_last_day_of_a_short_month() -> None:
    assert next_day("monthly:31", date(2026, 4, 1)) == date(2026, 4, 30)
    assert next_day("monthly:30", date(2027, 2, 1)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("周一到周五每天午饭,周三不用", "weekly:MON,TUE,THU,FRI"),
        ("工作日送饭,周五除外", "weekly:MON,TUE,WED,THU"),
        ("除了周三,每天送午饭", "weekly:MON,TUE,THU,FRI,SAT,SUN"),
        ("周末不用,工作日送", "weekdays"),
    ],
)
def test_days_taken_out_of_a_rhythm_are_no_dates(text: str, code: str) -> None:
    assert find_recurrence(text) == code
    assert find_date(text, NOW) is None
