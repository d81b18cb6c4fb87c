"""Hours and parts of day as people say them; to a nurse who works from 08:00 to 18:00."""

from __future__ import annotations

from datetime import time

import pytest

from nlu.values.times import find_part, find_time
from tests.nlu.saying import NOW

NURSE = (time(8), time(18))


def hour(text: str) -> str | None:
    said = find_time(text, NURSE, now=NOW)
    return said.strftime("%H:%M") if said else None


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("三点半", "15:30"), ("十一点一刻", "11:15"), ("差一刻十点", "09:45"),
        ("十点差五分", "09:55"), ("差十分钟三点", "14:50"), ("九点过一刻", "09:15"),
        ("两点来钟", "14:00"), ("三点多钟", "15:00"), ("十点左右", "10:00"),
        ("八九点钟吧", "08:00"), ("早上七八点", "07:00"), ("下午两三点", "14:00"),
        ("十一二点", "11:00"), ("九十点钟", "09:00"), ("十点整", "10:00"), ("整十点", "10:00"),
        ("晌午头十二点", "12:00"), ("天擦黑六点", "18:00"), ("清早六点半", "06:30"),
        ("一大早六点", "06:00"), ("半夜两点", "02:00"), ("晚上八点给我打电话", "20:00"),
        ("傍晚五点半", "17:30"), ("下半天四点", "16:00"), ("中午十二点一刻", "12:15"),
        ("三点到五点之间", "15:00"), ("上午九点到十一点", "09:00"), ("四点或者五点", "16:00"),
        ("十点之前", "10:00"), ("三点过后", "15:00"), ("九点零五", "09:05"),
    ],
)  # fmt: skip
def test_elders_hours(text: str, clock: str) -> None:
    assert hour(text) == clock


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("九点三个字", "09:15"), ("十点两个字", "10:10"), ("九点搭三", "09:15"),
        ("两点搭六", "14:30"), ("十点踏九", "10:45"), ("九点搭正", "09:00"), ("搭正九点", "09:00"),
        ("下昼三点三", "15:15"), ("朝早八点九", "08:45"), ("三点搭半", "15:30"),
        ("九點半", "09:30"), ("晏昼十二点", "12:00"), ("夜晚七点", "19:00"), ("挨晚六点", "18:00"),
        ("听朝九点", "09:00"), ("下晏两点", "14:00"), ("个半钟后", "10:50"),
        ("三个字后", "09:35"), ("半个钟之后", "09:50"), ("两个钟头后", "11:20"),
    ],
)  # fmt: skip
def test_cantonese_hours(text: str, clock: str) -> None:
    assert hour(text) == clock


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("15:30", "15:30"), ("下午3:30", "15:30"), ("上午9.30", "09:30"), ("下午3点20", "15:20"),
        ("9点半", "09:30"), ("10点45分", "10:45"), ("14点", "14:00"), ("16时", "16:00"),
        ("明早8点", "08:00"), ("周六晚7点", "19:00"), ("1点半", "13:30"), ("12点半", "12:30"),
        ("9:00-11:00", "09:00"), ("9点~10点", "09:00"), ("４点", "16:00"),
    ],
)  # fmt: skip
def test_families_type_figures(text: str, clock: str) -> None:
    assert hour(text) == clock


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("半小时后", "09:50"), ("一个小时以后", "10:20"), ("再等半个小时", "09:50"),
        ("大概两个小时左右后", "11:20"), ("过二十分钟来", "09:40"), ("一刻钟后", "09:35"),
        ("四十分钟之后", "10:00"), ("等了半个小时了", None), ("等半小时了", None),
        ("两三个小时后", None), ("半小时之内", None), ("三十分钟内能到吗", None),
        ("过一会儿", None), ("等下", None),
    ],
)  # fmt: skip
def test_counted_from_now(text: str, clock: str | None) -> None:
    assert hour(text) == clock


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("不是三点是四点", "16:00"), ("三点,不对,四点", "16:00"), ("上午十点改下午三点", "15:00"),
        ("九点哦不十点", "10:00"), ("两点改到三点", "15:00"), ("三点错了三点半", "15:30"),
    ],
)  # fmt: skip
def test_corrected_hours(text: str, clock: str) -> None:
    assert hour(text) == clock


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("下五三典", "15:00"), ("上舞十典", "10:00"), ("三点伴", "15:30"), ("八典半", "08:30"),
        ("三店半", "15:30"), ("十一点一课", "11:15"), ("下午山典半", "15:30"),
        ("上午久点", "09:00"), ("下午寺点", "16:00"), ("上午石点", "10:00"), ("明天巴点", "08:00"),
        ("万上七点", "19:00"), ("早尚八点", "08:00"), ("九点办", "09:30"), ("半笑时后", "09:50"),
        ("两个终头后", "11:20"),
    ],
)  # fmt: skip
def test_hours_as_a_recogniser_heard_them(text: str, clock: str) -> None:
    assert hour(text) == clock


@pytest.mark.parametrize(
    "text",
    [
        "软一点", "快点来", "早点休息", "有两点要求", "血糖七点八", "体温三十七点五",
        "一点都不疼", "多放点盐", "买点心", "三点意见", "等半天了",
        "多一点", "差一点摔了", "是点心吗",
    ],
)  # fmt: skip
def test_words_that_only_look_like_hours(text: str) -> None:
    assert hour(text) is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("天刚亮", "early_morning"), ("天没亮", "early_morning"), ("一大早", "early_morning"),
        ("大清早", "early_morning"), ("蒙蒙亮", None), ("朝早", "morning"), ("上昼", "morning"),
        ("今朝", "morning"), ("前半晌", "morning"), ("上半天", "morning"), ("晌午", "noon"),
        ("晏昼", "noon"), ("正午", "noon"), ("下晌", None), ("后半晌", "afternoon"),
        ("下昼", "afternoon"), ("下晏", "afternoon"), ("下半天", "afternoon"),
        ("天擦黑", "evening"), ("太阳下山", "evening"), ("挨晚", "evening"), ("今晚黑", "evening"),
        ("夜晚", "evening"), ("礼拜一晚上", "evening"), ("礼拜一上午", "morning"),
        ("转了一上午", None), ("等了一下午", None), ("痛了一晚上", None), ("天黑之前", None),
        ("下五", "afternoon"), ("上舞", "morning"), ("忠午", "noon"), ("宗午", "noon"),
        ("往上翻", None), ("万上", "evening"), ("晚商", "evening"), ("棒晚", "evening"),
        ("找上门来", None), ("凌尘", "early_morning"), ("上五楼", None), ("午饭", None),
        ("早餐", None), ("夜饭", None),
    ],
)  # fmt: skip
def test_parts_of_the_day(text: str, part: str | None) -> None:
    assert find_part(text) == part


@pytest.mark.parametrize(
    ("text", "clock", "part"),
    [
        ("不是早上九点,是晚上九点", "21:00", "evening"),
        ("不是下午三点是上午十点", "10:00", "morning"),
        ("不是明天上午九点,是后天下午三点", "15:00", "afternoon"),
        ("唔系夜晚六点,系朝早八点", "08:00", "morning"),
        ("抽血不是上午十点,改下午两点", "14:00", "afternoon"),
        ("周五上午那个改周六下午", None, "afternoon"),
        ("不要明天上午,明天下午来", None, "afternoon"),
        ("不是明天下午,是后天", None, "afternoon"),
        ("三点改四点", "16:00", None),
        ("两点,啊不,十二点送饭", "12:00", None),
        ("九点,嗯……还是十点吧", "10:00", None),
    ],
)
def test_an_hour_is_denied_with_its_part_of_day(
    text: str, clock: str | None, part: str | None
) -> None:
    assert (hour(text), find_part(text)) == (clock, part)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("今晚来个人陪我", "evening"),
        ("明晚到我家帮我洗脚", "evening"),
        ("听晚一份饭", "evening"),
        ("今晚饭盒一个", "evening"),
        ("寻晚送嚟嘅饭冻冰冰", "evening"),
        ("明早到我妈家换药", "morning"),
        ("初一晚上来人擦身", "evening"),
        ("二十一号晚上来", "evening"),
        ("周一早上八点", "morning"),
        ("明天晚来一点", None),
        ("我一晚上没睡", None),
    ],
)
def test_evenings_and_mornings_grown_together(text: str, part: str | None) -> None:
    assert find_part(text) == part
