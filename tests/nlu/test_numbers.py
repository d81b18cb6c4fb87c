"""Portions, stars, codes, minutes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from nlu.values.numbers import (
    find_code,
    find_minutes,
    find_order_number,
    find_quantities,
    find_quantity,
    find_rating,
    to_int,
)
from tests.nlu.saying import any_text


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("12", 12),
        ("十二", 12),
        ("两", 2),
        ("两百零三", 203),
        ("廿三", 23),
        ("卅", 30),
        ("一十十", None),
    ],
)
def test_numbers_in_words(word: str, number: int | None) -> None:
    assert to_int(word) == number


@pytest.mark.parametrize(
    ("text", "portions"),
    [
        ("两份", 2), ("一份午餐", 1), ("三份", 3), ("2份,不对,3份", 3), ("不是两份是三份", 3),
        ("两个盒饭", 2), ("三个午餐", 3), ("双份", 2), ("四人份", 4), ("两盒盒饭", 2),
        ("一人一份", 2), ("每人两份", 4), ("五个人一人一份", 5), ("爷爷奶奶一人一份", 2),
        ("三个人的饭", None), ("两斤苹果", None), ("打扫两次", None), ("两个护士", None),
        ("第三份", None), ("一份工作", None), ("零份", None), ("九千份", None), ("每人零份", None),
        ("两盒药", None),
    ],
)  # fmt: skip
def test_portions_never_people_goods_or_visits(text: str, portions: int | None) -> None:
    assert find_quantity(text) == portions


def test_one_each_for_those_named() -> None:
    assert find_quantity("给我爸、我妈和奶奶一人一份", people=3) == 3
    assert find_quantity("我和老伴一人一份", people=1) == 2
    assert find_quantity("给我妈一人一份", people=1) == 2


def test_two_dishes_two_counts() -> None:
    assert [one.value for one in find_quantities("两份午饭,一份晚饭")] == [2, 1]


@pytest.mark.parametrize(
    ("text", "plain", "rated"),
    [
        ("五星", 5, 5), ("5分", 5, 5), ("打三星", 3, 3), ("给个四星", 4, 4), ("四颗星", 4, 4),
        ("不是三星,是四星", 4, 4), ("满分", 5, 5), ("打十分", 5, 5), ("给个好评", 5, 5),
        ("差评", 1, 1),
        ("非常满意", None, 5), ("满意", None, 4), ("一般般", None, 3), ("不太满意", None, 2),
        ("很不满意", None, 1), ("太差了", None, 1), ("很好", None, 5), ("师傅挺好的", None, 5),
        ("还行", None, 3), ("今天星期五", None, None), ("五分钟", None, None),
        ("十五分", None, None), ("八点五分", None, None), ("三星手机", None, None),
    ],
)  # fmt: skip
def test_stars_always_words_only_when_rating(
    text: str, plain: int | None, rated: int | None
) -> None:
    assert find_rating(text) == plain
    assert find_rating(text, words=True) == rated


@pytest.mark.parametrize(
    ("text", "rated"),
    [
        ("饭我很满易", 5), ("打扫得满意的", 4), ("手艺补错", 4), ("剪得一班", 3), ("还行,五颗", 5),
        ("给四心吧", 4), ("评分:2", 2), ("手势唔错", 4), ("冇得弹", 5), ("给他点个赞", 5),
        ("做得好差", 1), ("太烂了", 1), ("不怎么样", 2), ("唔系几好", 2), ("麻麻哋", 3),
        ("师傅态度好", 5), ("洗得舒服", 5), ("洗得不舒服", None), ("来了满一年了", None),
        ("跟上次差不多", None),
    ],
)  # fmt: skip
def test_verdicts_as_they_are_said_and_misheard(text: str, rated: int | None) -> None:
    assert find_rating(text, words=True) == rated


@pytest.mark.parametrize("text", ["送两分饭", "再来三分", "一分都没少", "扣了三分", "多少钱一分"])
def test_points_in_passing_rate_nothing(text: str) -> None:
    assert find_rating(text) is None
    assert find_rating("给你们打三分") == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3721", "3721"), ("三七二一", "3721"), ("验证码是3721", "3721"), ("3 7 2 1", "3721"),
        ("３７２１", "3721"), ("幺二三四", "1234"), ("三七,二一", "3721"), ("0号门 0912", "0912"),
        ("372", None), ("37211", None), ("3721还是1234", None), ("到了", None), ("十二三四", None),
    ],
)  # fmt: skip
def test_the_four_digits_the_elder_holds(text: str, code: str | None) -> None:
    assert find_code(text) == code


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("订单号 100123", "100123"),
        ("取消100123", "100123"),
        ("一零零一二三", "100123"),
        ("1 0 0 1 2 3", "100123"),
        ("3721", None),
        ("明天", None),
    ],
)
def test_order_numbers(text: str, number: str | None) -> None:
    assert find_order_number(text) == number


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("晚到二十分钟", 20), ("晚半小时", 30), ("半个钟", 30), ("两个半钟头", 150), ("一刻钟", 15),
        ("迟两个字", 10), ("一个小时", 60), ("1小时半", 90), ("晚一点", None), ("一十十分钟", None),
    ],
)  # fmt: skip
def test_a_worker_says_how_late(text: str, minutes: int | None) -> None:
    assert find_minutes(text) == minutes


@settings(max_examples=300, deadline=None)
@given(text=any_text)
def test_any_text(text: str) -> None:
    quantity, rating = find_quantity(text), find_rating(text, words=True)
    assert quantity is None or quantity >= 1
    assert rating in {None, 1, 2, 3, 4, 5}
    code, number, minutes = find_code(text), find_order_number(text), find_minutes(text)
    assert code is None or (len(code) == 4 and code.isdigit())
    assert number is None or len(number) >= 6
    assert minutes is None or minutes >= 0
