"""What people name and do not want, and what they want though it looks so."""

from __future__ import annotations

import pytest

from tests.nlu.test_roundabout import understand


def services(text: str, intent: str) -> dict[str, int]:
    return {s.code: s.quantity for s in understand(text, intent).services}


GOES_THERE_ALONE = [
    ("order_meal", "周三我要去图书馆看书,午饭给我留一份", {"meal.lunch": 1}),
    ("order_meal", "我要去医院复查,晚饭麻烦送到门口", {"meal.dinner": 1}),
    ("order_meal", "我爸后天要做透析,回来晚,晚饭送一份", {"meal.dinner": 1}),
    ("order_meal", "腿疼,出不了门买菜,中午送一份吧", {"meal.lunch": 1}),
    ("order_meal", "我老伴去公园了,午饭送两份", {"meal.lunch": 2}),
    ("order_nursing", "我妈约了体检,先上门量个血压", {"nursing.vitals": 1}),
    ("order_nursing", "后天不行,后天我要去喝喜酒,大后天来打针", {"nursing.injection": 1}),
    ("order_home_help", "我下午要去银行,上午来打扫", {"home.clean": 1}),
    ("order_home_help", "爬不上楼去收衣服,来个人把窗擦擦", {"home.deep_clean": 1}),
    ("order_errand", "捎只鸡来,我要煲汤", {"errand.shopping": 1}),
    ("order_errand", "帮我买面粉和肉,孙子来了要包饺子", {"errand.shopping": 1}),
    ("order_errand", "我在医院做检查走不开,帮我交电费", {"errand.bill": 1}),
    ("change_order", "刚去医院看完牙,午饭改成晚饭吧", {"meal.dinner": 1}),
    ("change_order", "我明天要去体检,打扫改到后天", {"home.clean": 1}),
    ("query_order", "我要去医院了,午饭几点到", {"meal.lunch": 1}),
    # Asked for all the same.
    ("order_meal", "送份午饭,下午再陪我去公园", {"meal.lunch": 1, "escort.outing": 1}),
    ("order_meal", "明天中午送饭,我还想去医院,找个人陪", {"meal.lunch": 1, "escort.hospital": 1}),
    ("order_nursing", "先来抽血,下午叫人带我去复查",
     {"nursing.blood_draw": 1, "escort.hospital": 1}),
    ("order_errand", "买点排骨来,再找个人帮我煲汤", {"errand.shopping": 1, "home.cook": 1}),
    ("order_escort", "我要去医院", {"escort.hospital": 1}),
    ("order_escort", "我妈要去公园走走", {"escort.outing": 1}),
]  # fmt: skip

REFUSED = [
    ("order_home_help", "不是叫你们来擦窗的,是洗被子", {"home.laundry": 1}),
    ("order_home_help", "别老是给我派个做饭的来,我要理发", {"home.haircut": 1}),
    ("order_home_help", "洗澡就免了,剪个头发", {"home.haircut": 1}),
    ("order_home_help", "煮饭洗碗我自己会,地拖不了", {"home.clean": 1}),
    ("order_home_help", "做饭有人做了,来个人洗被子", {"home.laundry": 1}),
    ("order_home_help", "洗衣做饭都不用,就打扫", {"home.clean": 1}),
    ("order_home_help", "理发的先不用叫,先把澡洗了", {"home.bath": 1}),
    ("order_nursing", "不用换药,药我自己换,来量个血压", {"nursing.vitals": 1}),
    ("order_nursing", "血糖我自己能测,来个护士打胰岛素", {"nursing.injection": 1}),
    ("order_nursing", "不是打针,针上礼拜打完了,要换药", {"nursing.wound": 1}),
    ("order_companion", "做饭打扫都不要,来个人陪我说说话", {"companion.visit": 1}),
    ("order_companion", "散步就算了,陪我下下棋吧", {"companion.visit": 1}),
    ("order_escort", "不用送药,陪我去医院就行", {"escort.hospital": 1}),
    ("order_escort", "不用护士上门打针,陪我去医院打", {"escort.hospital": 1}),
    ("order_escort", "陪我去中医院,要当面咨询医生", {"escort.hospital": 1}),
    ("order_escort", "去卫生院打针,我走不稳,来接我", {"escort.hospital": 1}),
    ("order_meal", "本来约了做饭的,太贵,送个午饭算了", {"meal.lunch": 1}),
    ("order_meal", "早饭,唉算了,送午饭吧", {"meal.lunch": 1}),
    ("order_home_help", "想擦窗,算了,下次,先洗衣服", {"home.laundry": 1}),
    ("order_home_help", "食堂的饭不爱吃,请人上门炒两个菜", {"home.cook": 1}),
    ("order_home_help", "吃腻了送来的饭,找人来家煮顿晚饭", {"home.cook": 1}),
    ("cancel_order", "晚饭退了早饭照送", {"meal.dinner": 1}),
    ("cancel_order", "打扫不要了洗澡保留", {"home.clean": 1}),
    ("cancel_order", "午饭晚饭都不要了", {"meal.lunch": 1, "meal.dinner": 1}),
    ("cancel_order", "只留晚饭午饭取消", {"meal.lunch": 1}),
    # No refusal.
    ("order_home_help", "是不是可以洗澡", {"home.bath": 1}),
    ("order_home_help", "我自己洗澡洗不了", {"home.bath": 1}),
    ("order_home_help", "打扫洗衣服都要", {"home.clean": 1, "home.laundry": 1}),
    ("complain", "午饭算了我两回钱", {"meal.lunch": 1}),
]  # fmt: skip

TOLD_BY_THE_TROUBLE = [
    ("order_home_help", "玻璃太高我够不着擦", {"home.deep_clean": 1}),
    ("order_home_help", "油烟机滴油,来洗一洗", {"home.deep_clean": 1}),
    ("order_home_help", "冰箱不是要清洗,是不制冷了", {"home.repair": 1}),
    ("order_home_help", "油烟机不转了,来个师傅", {"home.repair": 1}),
    ("order_home_help", "水龙头不是脏,是滴水", {"home.repair": 1}),
    ("order_home_help", "纱窗破了,换一换", {"home.repair": 1}),
    ("order_home_help", "洗衣机坏了,床单帮我洗一下", {"home.laundry": 1}),
    ("order_home_help", "热水器坏了洗不了澡,快来修", {"home.repair": 1}),
    ("order_home_help", "抽油烟鸡油腻腻的要擦", {"home.deep_clean": 1}),
    ("order_home_help", "水龙投漏了", {"home.repair": 1}),
    ("complain", "抽血扎了三针都没出血", {"nursing.blood_draw": 1}),
    ("order_nursing", "打针,上次扎了两针才好", {"nursing.injection": 1}),
    ("change_order", "换药的护士叫她早点来", {"nursing.wound": 1}),
    ("change_order", "让理发的师傅早点", {"home.haircut": 1}),
    ("order_meal", "早点两份", {"meal.breakfast": 2}),
    ("order_meal", "明天送个早点", {"meal.breakfast": 1}),
    ("order_meal", "午饭早点来", {"meal.lunch": 1}),
    ("change_order", "换个会说普通话的", {}),
    ("order_companion", "找个会讲客家话的来陪我聊天", {"companion.visit": 1}),
    ("query_order", "上门理法的几点到", {"home.haircut": 1}),
    ("query_order", "洗枣的阿姨来了没", {"home.bath": 1}),
    ("query_price", "晚上陪护一天多少钱", {"home.care": 1}),
    ("query_price", "救护车去医院多少钱", {}),
    ("order_errand", "氯吡格雷吃完了,帮我取一下", {"errand.medicine": 1}),
    ("order_companion", "电话陪聊,不用上门", {"companion.call": 1}),
]  # fmt: skip

PORTIONS = [
    ("order_meal", "明天午饭良份", {"meal.lunch": 2}),
    ("order_meal", "给我送量分午饭", {"meal.lunch": 2}),
    ("repeat_order", "照旧,晚饭两分", {"meal.dinner": 2}),
    ("order_meal", "三分盒饭", {"meal.lunch": 3}),
    ("order_meal", "爷爷奶奶午饭各一份,奶奶那份软一点", {"meal.lunch": 2}),
    ("order_meal", "我妈我爸一人一份晚饭,我妈的少盐", {"meal.dinner": 2}),
    ("order_meal", "我公公婆婆各一份午饭,公公那份不要鱼", {"meal.lunch": 2}),
    ("rate_service", "午饭五分", {"meal.lunch": 1}),
    ("order_meal", "午饭十二点半送,八分饱就行", {"meal.lunch": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("intent", "text", "expected"), GOES_THERE_ALONE)
def test_what_the_speaker_does_on_his_own(intent: str, text: str, expected: dict[str, int]) -> None:
    assert services(text, intent) == expected


@pytest.mark.parametrize(("intent", "text", "expected"), REFUSED)
def test_refused_and_taken_back(intent: str, text: str, expected: dict[str, int]) -> None:
    assert services(text, intent) == expected


@pytest.mark.parametrize(("intent", "text", "expected"), TOLD_BY_THE_TROUBLE)
def test_told_by_the_thing_and_its_trouble(
    intent: str, text: str, expected: dict[str, int]
) -> None:
    assert services(text, intent) == expected


@pytest.mark.parametrize(("intent", "text", "expected"), PORTIONS)
def test_portions_misheard_and_shared(intent: str, text: str, expected: dict[str, int]) -> None:
    assert services(text, intent) == expected


@pytest.mark.parametrize(
    ("intent", "text", "diet"),
    [
        ("order_meal", "午饭,千万别放鱼", ("no_fish",)),
        ("order_meal", "午饭别再给我送鱼了", ("no_fish",)),
        ("order_meal", "中午别弄海鲜", ("no_fish",)),
        ("order_meal", "晚饭不要送猪肉", ("no_pork",)),
        ("order_meal", "午饭没有鱼的来一份", ("no_fish",)),
        ("order_meal", "午饭软和点", ("soft",)),
        ("order_meal", "晚饭烂乎些", ("soft",)),
        ("order_meal", "午饭别太甜", ("low_sugar",)),
        ("complain", "说了不要放盐,还是咸", ("low_salt",)),
        ("complain", "明明要软的饭,送来硬邦邦", ("soft",)),
        ("complain", "备注了少油,结果一层油", ("low_fat",)),
        ("complain", "跟你们说过别放鱼", ("no_fish",)),
        ("complain", "菜太咸了", ()),
        ("complain", "肉不够烂,咬不动", ()),
        ("rate_service", "饭菜清淡,挺好", ()),
    ],
)
def test_what_the_kitchen_was_told(intent: str, text: str, diet: tuple[str, ...]) -> None:
    assert understand(text, intent).diet == diet


def test_portions_are_no_stars() -> None:
    assert understand("再来两分午饭", "repeat_order").rating is None
    assert understand("给两分", "rate_service").rating == 2
    assert understand("午饭五分", "rate_service").rating == 5
