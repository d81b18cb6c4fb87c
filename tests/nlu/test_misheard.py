"""What a recogniser mishears of time is put right; right text never changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from nlu.values.misheard import as_meant
from nlu.values.text import plain
from tests.nlu.saying import any_text

CORPUS = Path(__file__).parents[2] / "nlu" / "corpus" / "train"


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("名天下五三典", "明天下午三点"), ("候天上舞", "后天上午"), ("里拜六", "礼拜六"),
        ("下个礼拜无", "下个礼拜五"), ("初石", "初十"), ("上午寺典半", "上午四点半"),
        ("半笑时后", "半小时后"), ("大后天夏午", "大后天下午"), ("周三午十二点", "周三午十二点"),
    ],
)  # fmt: skip
def test_words_of_time_are_put_right(heard: str, meant: str) -> None:
    assert as_meant(heard) == meant


@pytest.mark.parametrize(
    "text",
    [
        "我这个时候天天睡午觉", "农民天天下地", "上五楼", "下五百块", "我要找上级", "往上翻",
        "三颗星", "点心铺", "下周刘阿姨来", "这个礼拜医生不来", "星期以后再说", "这周是不是你来",
        "上个礼拜拔牙", "这个礼拜移动公司来",
        "一起点菜", "有事点这里", "今朝就要", "晌午来", "下昼三点", "三点办事",
        "在家里拜佛", "天津天气", "姓名天数", "看哪一科", "针灸师傅上唔上门",
        "订一个礼拜试试", "一棵大树", "手腕上缝的", "力道有点重", "一咳就漏", "胃口好",
        "明天", "后天上午九点",
    ],
)  # fmt: skip
def test_right_words_stay(text: str) -> None:
    assert as_meant(text) == plain(text)


def test_the_sentences_of_the_corpus_stay() -> None:
    """Of those that were not written as a recogniser hears: fewer than one in five hundred."""
    lines = [
        line.strip(" -\n")
        for file in sorted(CORPUS.glob("*.yml"))
        if not re.search("recogniser|misheard|mishearings|^heard$", file.stem)
        for line in file.read_text("utf-8").splitlines()
        if line.startswith("    - ")
    ]
    changed = [line for line in lines if as_meant(line) != plain(line)]
    assert len(lines) > 2000
    assert len(changed) < len(lines) / 500, changed


@settings(max_examples=300, deadline=None)
@given(text=any_text)
def test_the_length_is_kept_and_a_second_reading_changes_nothing(text: str) -> None:
    meant = as_meant(text)
    assert len(meant) == len(plain(text))
    assert len(as_meant(meant)) == len(meant)
