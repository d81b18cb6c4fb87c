"""Whom it concerns, in the speaker's own words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from nlu.about import person_of
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


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("我弟弟瘫了三年", "我弟弟"), ("给我老哥哥换药", "我老哥哥"), ("我小妹要人陪", "我小妹"),
        ("外父要验血", "外父"), ("帮我细舅剪头发", "我细舅"), ("四姑想食粥", "四姑"),
        ("周三姑妈要打针", "姑妈"), ("太奶奶牙都没了", "太奶奶"), ("我表姐夫要做康复", "我表姐夫"),
        ("妈要换尿管", "妈"), ("明天爸复查", "爸"), ("给妈送份粥", "妈"), ("陪爸走走", "爸"),
        ("老婆瘫在床上", "老婆"), ("伯母想洗澡", "伯母"), ("老张头要理发", "老张头"),
        ("我婆婆和她妹妹各一份", "我婆婆和她妹妹"), ("我爷爷不行了", "我爷爷"),
        ("照顾我哥哥", "我哥哥"), ("老太太说没吃着", "老太太"), ("牛奶奶要打针", "牛奶奶"),
        ("家里有老人,是我外婆", "我外婆"), ("我跟外婆一起吃", "外婆"),
    ],
)  # fmt: skip
def test_the_family_as_it_is_called(text: str, person: str) -> None:
    assert find_person(text) == person


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("我妹妹来了,多送一份", None), ("老公出差了,没人做饭", None), ("等我哥下班", None),
        ("我姐说她给我妈约过", "我妈"), ("大后天他住我姑妈家,别送", None),
        ("我老公说他喘不上气", "我老公"), ("明天我嫂子带我爸去", "我爸"),
        ("我老婆做了手术,要换药", "我老婆"), ("女儿,妈对不起你", None),
        ("叫个小姑娘来陪我", None), ("早上喝羊奶还是牛奶", None), ("妈呀这么贵", None),
        ("找个照顾老人的", None), ("是不是老人痴呆", None), ("我是他弟弟", None),
        ("十五分钟到梁婆婆家", "梁婆婆"),
    ],
)  # fmt: skip
def test_who_is_mentioned_by_the_way_is_not_meant(text: str, person: str | None) -> None:
    assert find_person(text) == person


@pytest.mark.parametrize(
    ("intent", "text", "person"),
    [
        ("job_depart", "往徐爷爷家走了", "徐爷爷"), ("job_check_in", "到周婆婆那边了", "周婆婆"),
        ("job_delay", "跟马叔讲声我晚十分钟", "马叔"), ("job_accept", "郭伯那单我接", "郭伯"),
        ("job_accept", "刘姐家我去过", "刘姐"), ("job_decline", "让刘姐去吧", None),
        ("job_decline", "我妈住院了去不了", None), ("job_check_in", "阿婆开门了", None),
        ("unbind_elder", "把那个李桂香去掉", "李桂香"), ("unbind_elder", "解绑陈国富", "陈国富"),
        ("unbind_elder", "怎么解除关联", None), ("bind_elder", "绑定方法", None),
        ("bind_elder", "绑定老人,叫赵玉梅", "赵玉梅"), ("bind_elder", "加个老人,我外公", "我外公"),
        ("bind_elder", "我爸先别动,再加上我叔", "我叔"), ("unbind_elder", "老人去世了,解绑", None),
        ("unbind_elder", "留着我妈,把我婆婆解了", "我婆婆"),
        ("unbind_elder", "和老公分开了,公公别挂我这", "公公"),
        ("unbind_elder", "二舅走了,解开吧", "二舅"),
        ("change_order", "换掉刘姐,我爸怕她", "我爸"), ("rate_service", "李姐给我妈洗得好", "我妈"),
        ("complain", "张阿姨把我奶奶碰疼了", "我奶奶"),
        ("query_order", "周阿姨的饭送了吗", "周阿姨"),
        ("health_consult", "老人便秘怎么办", None), ("health_consult", "我家老人便秘", "我家老人"),
        ("order_meal", "给老人送个饭", "老人"), ("chitchat", "我妈最爱唱歌", None),
    ],
)  # fmt: skip
def test_whom_a_message_of_its_kind_concerns(intent: str, text: str, person: str | None) -> None:
    assert person_of(text, intent) == person


def test_everyone_named_is_counted() -> None:
    assert len(find_people("给我爸、我妈和李奶奶订饭")) == 3


@settings(max_examples=300, deadline=None)
@given(text=any_text)
def test_any_text(text: str) -> None:
    person = find_person(text)
    assert person is None or (person and person in "".join(text.split()))
