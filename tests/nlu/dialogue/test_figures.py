"""Figures are heard as an old woman in Shilong would say them herself."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.prompts import fixed_speech
from nlu.prompts.figures import figures_spoken
from nlu.prompts.speakable import speakable


@pytest.mark.parametrize(("written", "heard"), [
    ("12.50元", "十二块五"), ("¥1,200", "一千两百块"), ("1,200元", "一千两百元"), ("2元", "两元"),
    ("12元/次", "十二元一次"), ("-5.5元", "负五块五"), ("20000元", "两万元"),
    ("50~100元", "五十到一百元"),
])  # fmt: skip
def test_prices(written: str, heard: str) -> None:
    assert speakable(written) == heard


@pytest.mark.parametrize(("written", "heard"), [
    ("14:30", "下午两点半"), ("08:05", "上午八点零五分"), ("下午2:30", "下午两点半"),
    ("9:30-11:00", "上午九点半到十一点"), ("10:00-14:30", "上午十点到下午两点半"),
    ("早上7:00~晚上8:00", "早上七点到晚上八点"), ("14:30:15", "下午两点半"),
    ("2026-11-23 08:05", "二零二六年十一月二十三号上午八点零五分"),
    ("2026年1月2日", "二零二六年一月二号"), ("2016年", "二零一六年"), ("3月2日", "三月二号"),
    ("星期2", "星期二"), ("2点", "两点"),
])  # fmt: skip
def test_days_and_times(written: str, heard: str) -> None:
    assert speakable(written) == heard


@pytest.mark.parametrize(("written", "heard"), [
    ("13800138000", "幺三八，零零幺三，八零零零"), ("138-0013-8000", "幺三八，零零幺三，八零零零"),
    ("+8613800138000", "幺三八，零零幺三，八零零零"),
    ("0769-2211 2345", "零七六九，二二幺幺，二三四五"),
    ("400-880-1234", "四零零，八八零，幺二三四"), ("96993", "九六九九三"),
    ("服务码3721", "服务码三七二幺"), ("拨120", "拨幺二零"),
])  # fmt: skip
def test_what_one_dials_or_notes_down_is_said_figure_by_figure(written: str, heard: str) -> None:
    assert speakable(written) == heard


@pytest.mark.parametrize(("written", "heard"), [
    ("方正路12号2栋2单元501房", "方正路十二号二栋二单元五零幺房"), ("3栋1203", "三栋幺二零三"),
    ("3-2-501", "三，二，五零幺"), ("2号楼2层", "二号楼二层"), ("128号", "一百二十八号"),
])  # fmt: skip
def test_the_way_to_a_door(written: str, heard: str) -> None:
    assert speakable(written) == heard


@pytest.mark.parametrize(("written", "heard"), [
    ("120分钟", "一百二十分钟"), ("有120人", "有一百二十人"), ("2个人", "两个人"), ("第2", "第二"),
    ("回复2", "回复二"), ("2-3天", "两到三天"), ("5-10号", "五到十号"), ("每2周", "每两周"),
    ("血压140/90", "血压一百四十，九十"), ("1/2片", "二分之一片"), ("5%", "百分之五"),
    ("36.5℃", "三十六点五度"), ("-3℃", "零下三度"), ("500ml", "五百毫升"), ("2.5kg", "二点五公斤"),
    ("血糖6.1mmol/L", "血糖六点一毫摩尔每升"),
])  # fmt: skip
def test_counts_and_measures(written: str, heard: str) -> None:
    assert speakable(written) == heard


@given(st.text("0123456789.-/~%元号点月日年房栋到共", max_size=20))
def test_no_figure_is_left_and_nothing_is_read_twice(written: str) -> None:
    heard = speakable("好" + written)
    assert not re.search(r"\d", heard)
    assert speakable(heard) == heard


def test_text_without_figures_stays_as_it_is() -> None:
    for heard in fixed_speech().values():
        assert figures_spoken(heard) == heard
