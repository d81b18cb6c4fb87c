"""Whom it concerns, in the speaker's own words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from nlu.values.people import find_people, find_person
from tests.nlu.saying import any_text


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("明天中午给我妈订一份午餐", "我妈"), ("我妈妈要洗澡", "我妈妈"), ("老妈想吃饭", "老妈"),
        ("给爷爷量血压", "爷爷"), ("我家老人", "我家老人"), ("家里老人", "家里老人"),
        ("李奶奶要换药", "李奶奶"), ("王桂芳阿姨", "王桂芳阿姨"), ("我婆婆", "我婆婆"),
        ("岳父", "岳父"), ("给王桂芳订午饭", "王桂芳"), ("帮李秀英约护士换药", "李秀英"),
        ("隔壁陈伯", "隔壁陈伯"), ("绑定我妈", "我妈"), ("陈老师", "陈老师"), ("我爸妈", "我爸妈"),
        ("给我爸和我妈各订一份", "我爸和我妈"), ("给我妈,不对,给我爸", "我爸"),
        ("我是李奶奶的女儿", "李奶奶"), ("我和老伴一人一份", "老伴"),
        ("我奶奶家的灯坏了", "我奶奶"),
        ("我 妈 要 换 药", "我妈"), ("給我媽媽訂飯", "我媽媽"), ("阿婆想冲凉", "阿婆"),
        ("给我爸订饭,我妈不用", "我爸"), ("欧阳奶奶", "欧阳奶奶"),
    ],
)  # fmt: skip
def test_people_verbatim(text: str, person: str) -> None:
    assert find_person(text) == person


@pytest.mark.parametrize(
    "text",
    [
        "她要吃饭", "帮我订午饭", "叫护士来", "师傅来修", "叫阿姨来打扫", "张师傅", "老人餐",
        "我是李奶奶", "我一个老太太", "送餐阿姨没来", "给高血压病人送饭", "安排明天",
        "周三阿姨来吗",
        "", "给明天订饭",
    ],
)  # fmt: skip
def test_nobody_for_the_speaker_pronouns_and_roles(text: str) -> None:
    assert find_person(text) is None


def test_everyone_named_is_counted() -> None:
    assert len(find_people("给我爸、我妈和李奶奶订饭")) == 3


@settings(max_examples=300, deadline=None)
@given(text=any_text)
def test_any_text(text: str) -> None:
    person = find_person(text)
    assert person is None or (person and person in "".join(text.split()))
