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
