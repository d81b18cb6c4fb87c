"""Words that pick out an order made before."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from nlu.values.order_ref import find_order_ref, says_same_again
from tests.nlu.saying import any_text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("订单号 100123 取消", "订单号100123"), ("取消100123", "100123"),
        ("明天那个午餐", "明天那个午餐"), ("上次那单", "上次那单"), ("刚才那单取消", "刚才那单"),
        ("第二个", "第二个"), ("最近一单", "最近一单"), ("周三那个打扫", "周三那个打扫"),
        ("我昨天订的午饭怎么还没到", "昨天订的午饭"), ("上次的护士", "上次的护士"),
        ("这个订单", "这个订单"), ("那个午餐取消", "那个午餐"), ("訂單號100123", "訂單號100123"),
    ],
)  # fmt: skip
def test_order_words_verbatim(text: str, words: str) -> None:
    assert find_order_ref(text) == words


@pytest.mark.parametrize("text", ["午餐", "明天的午餐", "那边", "第一次用", "跟上次一样", ""])
def test_nothing_picked_out(text: str) -> None:
    assert find_order_ref(text) is None


def test_a_day_and_a_service_pick_one_out_when_an_order_is_meant() -> None:
    assert find_order_ref("取消明天的午餐", existing=True) == "明天的午餐"
    named = [(6, 8)]
    assert find_order_ref("把后天上午的换药改一下", True, named) == "后天上午的换药"
    assert find_order_ref("取消午餐", existing=True) is None


REFERRED = """
    打扫那个取消 | 打扫 | 打扫那个
    理发嗰单改到听日 | 理发 | 理发嗰单
    带我爸去公园那个推后一天 | 公园 | 带我爸去公园那个
    听朝嗰餐唔要喇 | | 听朝嗰餐
    同琴日嗰单一样 | | 琴日嗰单
    后日嗰单剪发唔使嚟 | 剪发 | 后日嗰单剪发
    那个每天的晚饭停了 | 晚饭 | 那个每天的晚饭
    今天晚上的饭怎么还没送 | 晚上的饭 | 今天晚上的饭
    大后天的针改到周日 | 针改到周日 | 大后天的针
    上周换药那次挺好 | 换药 | 上周换药那次
    照上回给我妈送药那单 | 送药 | 上回给我妈送药那单
    下午三点那个洗澡退了 | 洗澡 | 下午三点那个洗澡
    周五那趟陪诊改一下 | 陪诊 | 周五那趟陪诊
    中午那份饭少放盐 | 份饭 | 中午那份饭
    订单号一零零二三八取消 | | 订单号一零零二三八
"""


@pytest.mark.parametrize("line", REFERRED.strip().splitlines())
def test_the_shortest_words_that_pick_one_out(line: str) -> None:
    text, service, words = (part.strip() for part in line.split("|"))
    at = text.index(service)
    named = [(at, at + len(service))] if service else []
    assert find_order_ref(text, True, named) == words


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("跟上次那样再来", ""),
        ("上回那位师傅好", ""),
        ("那个护士手轻", ""),
        ("那外卖凉了", ""),
        ("来洗澡的那个不客气", "洗澡"),
        ("打针那个姑娘真好", "打针"),
        ("讲好九点来的", ""),
        ("换个轻一点的那个王阿姨", ""),
        ("嗰个外卖仔好恶", "外卖"),
        ("送饭那个车子坏了", "送饭"),
    ],
)
def test_a_person_or_a_manner_picks_out_no_order(text: str, service: str) -> None:
    at = text.index(service)
    assert find_order_ref(text, True, [(at, at + len(service))] if service else []) is None


def test_the_same_again() -> None:
    assert says_same_again("跟上次一样就行")
    assert says_same_again("老样子")
    assert not says_same_again("上次那单取消")


@settings(max_examples=200, deadline=None)
@given(text=any_text)
def test_any_text(text: str) -> None:
    for existing in (False, True):
        words = find_order_ref(text, existing)
        assert words is None or words in "".join(text.split())
