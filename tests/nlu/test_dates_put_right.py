"""Which day of several is meant: corrections, refusals, reasons; and numbers that are no day.

It is Wednesday 2026-03-04, 09:20; 正月十六.
"""

from __future__ import annotations

from datetime import date

import pytest

from nlu.values.dates import find_date
from tests.nlu.saying import NOW
from tests.nlu.test_roundabout import understand


def said(text: str, day: str | None) -> None:
    found = find_date(text, NOW)
    assert (found.date if found else None) == (date.fromisoformat(f"2026-{day}") if day else None)


def ordered(text: str, day: str | None, intent: str = "order_home_help") -> None:
    meant = understand(text, intent).date
    assert meant == (date.fromisoformat(f"2026-{day}") if day else None)


@pytest.mark.parametrize(
    "text",
    [
        "东城南路三号", "我住在石井街十五号二楼", "南城宏图路88号3栋501", "莞城向阳巷6号",
        "三巷7号",
        "地址改成振华路二十号", "家在新基村十二号,门口有个小卖部", "西正街九号三楼右手边",
        "12号三单元", "六号一楼水管漏", "我家是四区六号",
    ],
)  # fmt: skip
def test_a_house_is_no_day(text: str) -> None:
    said(text, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("十二号来打扫,地址是旗峰路五号", "03-12"),
        ("15号去可园南路1号给我妈换药", "03-15"),
        ("走不动路八号来个人陪我去医院", "03-08"),
        ("我知道,八号嘛", "03-08"),
        ("12号二点", "03-12"),
        ("12号九点半", "03-12"),
        ("八号三个人吃饭", "03-08"),
    ],
)
def test_a_day_beside_a_house(text: str, day: str) -> None:
    said(text, day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("正月二十来剃头", "03-08"),
        ("正月廿五来打扫", "03-13"),
        ("正月三十送饭", "03-18"),
        ("农历二月二十送饭", "04-07"),
        ("二月二理个发", "03-20"),
        ("龙抬头那天给老爷子剃头", "03-20"),
        ("三月三送个素斋饭", "04-19"),
        ("三月三号", None),
        ("九月九重阳节送饭", "10-18"),
        ("四月初八佛诞送份斋饭", "05-24"),
        ("母亲节给我妈送个好菜", "05-10"),
        ("父亲节给老爸理个发", "06-21"),
    ],
)
def test_days_of_the_old_calendar(text: str, day: str | None) -> None:
    if day is None:
        assert find_date(text, NOW) is not None  # 2027: the third of March was yesterday
    else:
        said(text, day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("快清明了,里里外外擦一遍", None),
        ("快过年了,想擦擦窗,下周六来", "03-14"),
        ("眼看要中秋了,搞搞卫生", None),
        ("端午快到了,下周日来人擦擦窗", "03-15"),
        ("重阳快到了,月底理个发", "03-31"),
        ("端午快乐", None),
        ("快点,端午节要送两份饭", "06-19"),
        ("清明节来打扫", "04-05"),
    ],
)
def test_a_feast_drawing_near_is_a_reason(text: str, day: str | None) -> None:
    said(text, day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("五号的改六号", "03-06"),
        ("周三那个换周五,不对,换周六吧", "03-07"),
        ("周五那单挪周日", "03-08"),
        ("明天打扫,啊不,后天,呸呸,大后天", "03-07"),
        ("听日打针,啊唔啱,后日", "03-06"),
        ("十号,口误口误,十一号", "03-11"),
        ("不是周三,也不是周四,是周五", "03-06"),
        ("后天,哦不,大后天,算了还是后天", "03-06"),
        ("明天后天都行,后天吧,来洗澡", "03-06"),
        ("六号还是七号呢,七号吧", "03-07"),
        ("是要有人换药,六号", "03-06"),
    ],
)
def test_put_right_more_than_once(text: str, day: str) -> None:
    said(text, day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("后天送饭,哎呀后天我去女儿家,大后天吧", "03-07"),
        ("周五换药吧,哦周五我要去喝喜酒,周六", "03-07"),
        ("礼拜四去医院,噢礼拜四医生不坐诊,礼拜五去", "03-06"),
        ("周六擦窗,不行周六孙子要睡觉,周日吧", "03-08"),
        ("听日换药,唔系,听日要去饮茶,后日啦", "03-06"),
        ("十五号复诊,啊不是,医生说十五号停诊,十六号", "03-16"),
        ("后天我不在,大后天我在,大后天来洗澡", "03-07"),
        # Said twice without a second thought, or with another plan for the other day.
        ("就后天吧,后天我儿子在家", "03-06"),
        ("周一理发,周一不行就周二", "03-09"),
        ("明天送早饭,后天送晚饭吧", "03-05"),
        ("明天来换药,后天好了我自己去", "03-05"),
        ("帮我妈订打扫,周六,等等,周六我们去喝喜酒,就下周六吧", "03-14"),
        ("后天来剪头发,等一下,后天要去女儿家,大后天吧", "03-07"),
    ],
)
def test_a_day_named_again_may_be_the_reason(text: str, day: str) -> None:
    said(text, day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("打扫不要了,周五我们不在家", "03-06"),
        ("理发退了吧,周六我没空", "03-07"),
        ("后天我不在家,换药不用来了", "03-06"),
        ("周日有事,陪诊取消", "03-08"),
        ("亲戚要来,今天不方便,理发就不做了", "03-04"),
    ],
)
def test_called_off_for_the_day_nobody_is_in(text: str, day: str) -> None:
    ordered(text, day, "cancel_order")
    said("周三我没空", None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("从下周一开始,每天中午送饭", "03-09"),
        ("从下礼拜二起,工作日都送午饭", "03-10"),
        ("十号开始,隔天送一次饭", "03-10"),
        ("由听日起,日日送个饭嚟", "03-05"),
        ("后天我闺女出差,从后天开始,每天送饭", "03-06"),
        ("每天送饭,从后天开始", "03-06"),
        ("女儿后天出差,工作日的午饭都送来", None),
    ],
)
def test_the_first_day_of_a_rhythm_stands_in_a_clause_of_its_own(
    text: str, day: str | None
) -> None:
    ordered(text, day, "order_meal")
    assert understand(text, "order_meal").recurrence


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今晚饭盒一个", "03-04"),
        ("今晚饭要两个", "03-04"),
        ("明早餐送两份到我妈家", "03-05"),
        ("今晚来个人陪我", "03-04"),
        ("把周无的打扫取消", "03-06"),
        ("阿公食紧早餐", None),
    ],
)
def test_days_grown_together_with_what_follows(text: str, day: str | None) -> None:
    said(text, day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("护士是不是明天来", "03-05"),
        ("我约的理发是不是后天", "03-06"),
        ("送药系唔系听日", "03-05"),
        ("打针不是明天,是后天", "03-06"),
    ],
)
def test_a_question_denies_nothing(text: str, day: str) -> None:
    ordered(text, day, "query_order")
