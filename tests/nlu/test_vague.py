"""Times that were said and cannot be booked, in the speaker's own words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from nlu.values.dates import find_date
from nlu.values.times import find_time
from nlu.values.vague import past_when, vague_day, vague_hour
from tests.nlu.saying import NOW, any_text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("吃完饭那会儿", "吃完饭那会儿"), ("等我吃过午饭以后", "吃过午饭以后"), ("饭后", "饭后"),
        ("明天睡醒了再来", "睡醒了再"), ("午睡后吧", "午睡后"), ("食咗饭之后", "食咗饭之后"),
        ("买完菜回来以后", "回来以后"), ("晚点来", "晚点"), ("迟啲", "迟啲"), ("等下来", "等下"),
        ("待会儿吧", "待会儿"), ("有空的时候", "有空的时候"), ("得闲再嚟", "得闲再"),
        ("天黑之前", "天黑之前"), ("饭点来", "饭点"), ("下午三点", None), ("上午", None),
        ("两份午饭", None),
    ],
)  # fmt: skip
def test_hours_nobody_can_book(text: str, words: str | None) -> None:
    assert vague_hour(text) == words
    assert find_time(text, now=NOW) is None or words is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("过两天吧", "过两天"), ("过几天", "过几天"), ("这两天", "这两天"), ("改天", "改天"),
        ("三五天以后", "三五天以后"), ("下个礼拜", "下个礼拜"), ("下个月", "下个月"),
        ("后天之前都行", "后天之前"), ("清明前搞一下", "清明前"), ("三天之内", "三天之内"),
        ("哪天都行", "哪天"), ("两天后", None), ("明天", None), ("下个礼拜三", None),
        ("下个月头", None), ("饭前吃药", None),
    ],
)  # fmt: skip
def test_days_nobody_can_book(text: str, words: str | None) -> None:
    assert vague_day(text, NOW) == words
    assert words is None or find_date(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("昨天下午三点帮我妈换药", "昨天下午三点"), ("约前天上午", "前天上午"), ("昨晚", "昨晚"),
        ("昨天换药吧上午", "昨天"),
        ("这周一来打扫", "这周一"), ("昨天摔了一跤,想换药", None), ("昨天说好的明天来", None),
        ("昨天那单再来一份", None), ("明天", None), ("你好", None),
    ],
)  # fmt: skip
def test_days_gone_by(text: str, words: str | None) -> None:
    assert past_when(text, NOW) == words


@settings(max_examples=200, deadline=None)
@given(text=any_text)
def test_any_text(text: str) -> None:
    for words in (vague_hour(text), vague_day(text, NOW), past_when(text, NOW)):
        assert words is None or words
