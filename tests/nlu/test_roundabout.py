"""How people really ask: hardly ever by the name in the catalogue.

The classifier here is a stand-in that knows the kind of order; which service of that kind, the
text must tell.
"""

from __future__ import annotations

import pytest

from nlu.about import ORDER_OF_CATEGORY
from nlu.rasa_client import IntentGuess
from nlu.understand import Understander, make_gazetteer
from nlu.understanding import Understanding
from tests.nlu.saying import NOW

GAZETTEER = make_gazetteer()


class Knows:
    """A classifier that is right and sure."""

    def __init__(self, intent: str) -> None:
        self.intent = intent

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        return IntentGuess(self.intent, 0.9, ((self.intent, 0.9),))


def understand(text: str, intent: str) -> Understanding:
    found = Understander(Knows(intent), GAZETTEER).understand(text, NOW)
    # What merely might be an emergency is asked about; here it is none.
    return found.instead if found.doubtful and found.instead else found


def codes(text: str, intent: str) -> list[str]:
    return [service.code for service in understand(text, intent).services]


ASKED_FOR = {
    "meal.breakfast": """
        明早想吃碗热粥,麻烦送来
        早上给老人家弄点东西吃
        朝早送两个包过嚟得唔得
        早晨七点钟的时候送份吃的到我妈那
        天天朝早一碗粥一个包就够喇
        早上那一顿帮我订了吧
        明早六点半先把饭送来,要赶车""",
    "meal.lunch": """
        家里煤气断了,中午这顿靠你们了
        给我妈送饭
        晏昼唔想煮,叫个饭
        中午孙子来,你们多送点吃的
        十二点钟送一份到我爸那里
        不想动,帮我订个饭
        晌午头给我对付一口就行
        饭订一份""",
    "meal.dinner": """
        今晚就我自己,随便给我送点吃的
        晚上懒得烧火,来份饭
        傍晚五点半给我爸弄口吃的
        夜晚想食饭,送嚟屋企
        六点钟开饭的那顿要一份
        今晚不煮了,叫个外卖送来
        我妈晚上没人管饭,帮她安排""",
    "nursing.injection": """
        医院开的针剂带回来了,找人给打一下
        肚皮上那个针自己不敢扎
        每天要打一支胰岛素,手抖打不了
        我呢支针要姑娘嚟打
        屁股针打了三天了,还有四天在家里打行不行
        有支针水要护士上门帮手打
        抗凝的针每晚一支,谁能来打""",
    "nursing.wound": """
        开刀的地方渗水了,纱布要换
        肚子上的刀口三天没换过药了
        脚趾头烂了个口子,请护士来清一清
        后天可以拆线了,不想跑医院
        我爸小腿溃疡流脓,要人来弄弄伤口
        手术缝的线到日子该拆了
        伤口贴的那块敷料掉了
        个伤口要洗要包过""",
    "nursing.pressure_sore": """
        躺久了屁股烂了一块
        我婆婆尾骨那里破皮了,红红的
        长期卧床,背上压出疮来了
        后脚跟压红了起泡,怎么弄,派个护士来
        老伴瘫了三年,屁股上有个洞,要人来护理
        褥疮二期了,想请人来处理
        骶尾部发黑了一块,家属不会弄""",
    "nursing.catheter": """
        爸爸插着尿管,说是两个礼拜换一次
        接小便的那根管子堵了
        尿袋满了,尿管也该换了
        导尿的那个东西到期要换
        屙尿条喉塞咗,要护士嚟换过
        下面插的那根尿的管子不通了
        尿管漏尿,麻烦护士上门看看""",
    "nursing.nasogastric": """
        鼻子里插的那根喂饭的管子要换了
        胃管掉出来了,要重新插
        我爷爷靠鼻饲,这个月该换管了
        从鼻孔进去的那条管堵住了
        打流食的管子一个月了
        条胃喉要换喇
        鼻胃管到期,约护士上门""",
    "nursing.picc": """
        手臂上那根化疗的管子要维护
        picc一个礼拜冲一次
        胳膊上的导管该贴膜了
        输液港要冲一下
        我妈化疗埋的管到期要护理
        上臂置的那条管子换个膜
        打化疗的留置管子,要冲管""",
    "nursing.stoma": """
        肚子上那个袋子漏了要换
        造口袋粘不住
        直肠癌手术后挂了个大便袋,要护士来教换
        人工肛门那里红了
        造瘘口周围发炎
        肚皮开了口装大便那个袋,换底盘
        肠造口要换袋""",
    "nursing.blood_draw": """
        想在家里抽个血去化验
        医生让查肝功能,空腹抽
        能不能上门采个血样送医院
        血常规要抽一管,我走不动
        验血,早上空着肚子等你们
        抽血查查血脂
        我要验下血,唔想去医院排队""",
    "nursing.vitals": """
        来个人帮我量量血压,最近头有点晕想定期看看
        每个礼拜给我妈测测血糖
        体温计坏了,谁来帮我量下体温
        度下血压啦
        扎手指头测那个血糖,每周一次
        帮我爸监测一下血压
        血氧也测一下,血压也量一下""",
    "nursing.rehab": """
        中风好了手脚还是不灵,想找人来教着练
        腰疼,找个推拿师傅来按按
        膝盖换了关节,要练走路
        我爸偏瘫,想做康复
        肩膀抬不起来,来个会针灸的
        偏瘫半年了,请人上门锻炼
        拔罐艾灸有没有人上门做
        吞咽不好,要做训练""",
    "home.clean": """
        屋里灰老厚了
        地板黏糊糊的,来个人拖一拖
        厨房油腻腻的,帮我收拾收拾
        屋企好乱,想搵人执下
        家里头一个月没搞卫生了
        我腰弯不下去,地没法扫
        房子空了半年,满是灰,来个阿姨
        厕所脏得下不去脚,叫人来刷
        桌子柜子帮我抹一抹""",
    "home.deep_clean": """
        抽油烟机滴油,里外都要清洗
        窗户玻璃脏得看不见外头
        过年前家里彻底搞一次
        纱窗几年没洗过
        玻璃窗要人抹
        里里外外全部打扫一遍
        空调好久没清洗了
        想大搞一次,窗都要抹""",
    "home.laundry": """
        被单床单一大堆,拧不动
        冬天的棉被要人洗
        衣裳堆了一盆,手疼洗不了
        窗帘拆下来洗洗
        啲衫冇人洗
        床单尿湿了,帮忙换洗一下
        天晴了帮我把被子抱出去晒晒
        沙发套能不能帮着洗""",
    "home.cook": """
        想请个人来家里烧两个菜
        不爱吃外面的,来个会煮饭的阿姨
        上门帮我煲个汤
        屋企冇人煮,搵个阿姐嚟煮餐饭
        生日想在家里摆一桌,要人来做菜
        到我家里炒几个小菜
        每天中午来家里做顿热乎饭
        包点饺子放着,手没力气,找人来""",
    "home.bath": """
        身上痒想搓一搓
        半个月没洗过澡了,人都臭了
        想冲个凉,一个人不敢进浴室
        帮我妈擦擦身子
        头发油得打结,来人帮我洗个头
        想泡泡脚
        我爸瘫痪,想给他洗洗身上
        要人帮手冲凉
        浴缸跨不进去,得有人扶着洗""",
    "home.haircut": """
        头发长得扎脖子了
        胡子拉碴,找人来刮刮
        脚指甲厚得剪不动
        想飞发,落唔到楼
        我妈想剪短头发
        老头子要剃个光头
        指甲都抠进肉里了,来个会修脚的
        鬓角修一修,头发推短点""",
    "home.care": """
        我妈瘫在床上,白天没人看着
        要人来喂饭翻身
        晚上要有人守着我爸
        尿片没人换,想请个人
        睇住我老窦,佢一个人唔得
        帮忙扶老人上厕所
        请个护工照顾我爷爷
        住家保姆有没有,伺候起居那种
        两个小时翻一次身,我一个人弄不动""",
    "home.repair": """
        灯泡不亮了
        厕所堵了,水都漫出来了
        水喉漏水,整唔到
        电视没声音
        插座松了接触不良,请电工来换
        门锁卡住了打不开
        热水器打不着火
        空调不制冷了
        卫生间想装个扶手
        马桶水箱哗哗流个不停
        洗衣机转不动了
        烟雾报警器滴滴叫,换个电池""",
    "escort.hospital": """
        陪我去照个片
        后天要做胃镜,医院说必须有人陪
        我眼睛看不清,去看眼科没人带
        带我妈去打疫苗
        想睇医生,冇人陪
        我爸去透析要人接送
        挂了个骨科的号,要人扶着去
        出院手续没人办,来人帮忙接我妈回家
        陪我去拔颗牙""",
    "escort.outing": """
        想出去透透气,没人推轮椅
        扶我下楼晒晒太阳
        陪我去公园坐坐
        想去银行取退休金,一个人不敢
        行下街,有冇人陪
        天气好想出去走走
        去饮茶,要人推我去
        下楼遛个弯,腿脚不利索
        陪我回老家祠堂上柱香""",
    "errand.shopping": """
        家里没米了,帮我扛一袋来
        帮我去市场买把青菜
        称两斤排骨送上来
        牛奶喝完了,带一箱
        想食荔枝,帮我买啲
        纸尿裤用完了,买两包
        帮我去楼下超市跑一趟
        去街市买条鱼
        快递到驿站了,帮忙取一下
        电池没了,买四节""",
    "errand.medicine": """
        降压药快吃完了
        抓点药
        帮我去医院攞药
        医生开了单子,去药房拿一下
        消炎药帮我买一盒
        慢性病的药这个月还没去开
        去药店买贴膏药
        中药方子在这,帮我去配
        唔该帮手执副药
        眼药水滴完了,再买一瓶""",
    "errand.bill": """
        电费单子来了,我不会弄手机
        帮我交下水费
        手机停机了,充点话费
        燃气欠费了,去营业厅交一下
        有线电视费该续了
        物业费催了好几次
        帮我去充电卡
        煤气费未交,怕停气
        宽带到期了帮我续费""",
    "companion.visit": """
        一个人闷得慌,想有人来坐坐
        老伴走了以后家里静悄悄的,想找个人说说话
        来个人陪我下盘棋
        我妈孤单,过来陪陪她
        搵个人嚟同我倾下偈
        有没有志愿者来读读报纸
        三缺一,来个人打打麻将
        过节就我一个,谁来陪我吃顿饭
        没人跟我讲话,来个后生吧""",
    "companion.call": """
        不用来,打个电话问问我爸好不好就行
        每天给我打个电话聊两句
        晚上通个电话,听听声音
        每日打电话嚟问候下
        怕我妈出事,早晚各打一个电话
        电话里陪她说说话
        打电话关心关心老人""",
}  # fmt: skip

PLAIN = [
    (text.strip(), code) for code, block in ASKED_FOR.items() for text in block.strip().split("\n")
]


@pytest.mark.parametrize(("text", "code"), PLAIN)
def test_asked_for_in_a_roundabout_way(text: str, code: str) -> None:
    assert codes(text, ORDER_OF_CATEGORY[code.partition(".")[0]]) == [code]


SEVERAL = [
    ("order_home_help", "不要打扫了,要洗澡", {"home.bath": 1}),
    ("order_home_help", "地不用拖,窗户擦一擦就行", {"home.deep_clean": 1}),
    ("order_home_help", "打扫不用了,帮我把被套洗了", {"home.laundry": 1}),
    ("order_home_help", "洗头就好,澡不洗", {"home.bath": 1}),
    ("order_home_help", "唔使送饭,搵人嚟煮", {"home.cook": 1}),
    ("order_home_help", "别送饭了,吃腻了,来个人炒两个菜", {"home.cook": 1}),
    ("order_home_help", "先剪头发再洗澡", {"home.haircut": 1, "home.bath": 1}),
    ("order_home_help", "修灯,顺便把厕所通一通", {"home.repair": 1}),
    ("order_home_help", "地拖一拖,衣服也洗了", {"home.clean": 1, "home.laundry": 1}),
    ("order_home_help", "护工要会洗澡的", {"home.bath": 1}),
    ("order_home_help", "喂饭换尿片擦身都要做", {"home.care": 1}),
    ("order_nursing", "不是换药是打针", {"nursing.injection": 1}),
    ("order_nursing", "不是打针,是抽血", {"nursing.blood_draw": 1}),
    ("order_nursing", "换药,量血压,一次做完", {"nursing.wound": 1, "nursing.vitals": 1}),
    ("order_nursing", "不肯去医院,叫护士来家里打针", {"nursing.injection": 1}),
    ("order_nursing", "护士一个,会换药的", {"nursing.wound": 1}),
    ("order_nursing", "想约个护士", {}),
    ("order_nursing", "那个插着的管子要换了", {}),
    ("order_meal", "没人做饭,中午送一份来", {"meal.lunch": 1}),
    ("order_meal", "做不了饭了,晚饭送两份", {"meal.dinner": 2}),
    ("order_meal", "别打扫了,先送午饭", {"meal.lunch": 1}),
    ("order_meal", "三餐都要", {"meal.breakfast": 1, "meal.lunch": 1, "meal.dinner": 1}),
    ("order_meal", "午饭两份晚饭一份", {"meal.lunch": 2, "meal.dinner": 1}),
    ("order_meal", "我爸我妈一人一份午饭", {"meal.lunch": 2}),
    ("order_meal", "三个人的午饭", {"meal.lunch": 1}),
    ("order_meal", "四个人,一人一份晚饭", {"meal.dinner": 4}),
    ("order_meal", "午饭要两个人吃的", {"meal.lunch": 1}),
    ("order_meal", "午饭三客", {"meal.lunch": 3}),
    ("order_meal", "订一份,不对,两份午饭", {"meal.lunch": 2}),
    ("order_meal", "送午饭,来两次", {"meal.lunch": 1}),
    ("order_errand", "买两斤米", {"errand.shopping": 1}),
    ("order_errand", "眼药水没了,买两瓶", {"errand.medicine": 1}),
    ("order_errand", "买菜再拿药", {"errand.shopping": 1, "errand.medicine": 1}),
    ("order_errand", "去医院拿药", {"errand.medicine": 1}),
    ("order_errand", "降压药剩三颗了,去卫生院开一下", {"errand.medicine": 1}),
    ("order_errand", "买点蟑螂药", {"errand.shopping": 1}),
    ("order_errand", "水费电费一起交", {"errand.bill": 1}),
    ("order_escort", "陪我去医院换药", {"escort.hospital": 1}),
    ("order_escort", "去医院打针,路上要人扶", {"escort.hospital": 1}),
    ("order_escort", "陪我去医院,再帮我买菜", {"escort.hospital": 1, "errand.shopping": 1}),
    ("order_escort", "陪我去超市逛逛", {"escort.outing": 1}),
    ("order_escort", "医院对面的公园,陪我去走走", {"escort.outing": 1}),
    ("order_escort", "不看病,去公园", {"escort.outing": 1}),
    ("order_companion", "不用上门,打电话聊聊天就行", {"companion.call": 1}),
    ("order_companion", "上门陪着聊聊天,别打电话", {"companion.visit": 1}),
    ("cancel_order", "打扫别来了,洗澡照旧", {"home.clean": 1}),
    ("cancel_order", "我要去医院,午饭取消", {"meal.lunch": 1}),
    ("cancel_order", "换药的不用来了", {"nursing.wound": 1}),
    ("cancel_order", "饭别送了", {}),
    ("change_order", "午饭改成晚饭", {"meal.dinner": 1}),
    ("change_order", "午饭加到三份", {"meal.lunch": 3}),
    ("change_order", "送餐地址改一下", {}),
    ("query_order", "我的饭怎么还没到", {}),
    ("query_order", "修灯的师傅几点来", {"home.repair": 1}),
    ("query_menu", "明天中午吃什么", {"meal.lunch": 1}),
    ("query_menu", "晚上有什么菜", {"meal.dinner": 1}),
    ("query_menu", "有什么好吃的", {}),
    ("query_price", "洗窗户多少钱", {"home.deep_clean": 1}),
    ("query_price", "送一次饭要多少钱", {}),
    ("complain", "饭都馊了", {}),
    ("complain", "早上的粥是冷的", {}),
    ("rate_service", "头发剪得不错", {"home.haircut": 1}),
    ("thanks", "谢谢你们照顾我", {}),
    ("job_check_out", "地拖好了,走了", {}),
    ("health_consult", "伤口能洗澡吗", {"health.consult": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("intent", "text", "services"), SEVERAL)
def test_several_wants_refusals_and_portions(
    intent: str, text: str, services: dict[str, int]
) -> None:
    found = understand(text, intent)
    assert {s.code: s.quantity for s in found.services} == services


@pytest.mark.parametrize(
    ("intent", "text", "person"),
    [
        ("order_home_help", "我家那位要剃头", "我家那位"),
        ("order_nursing", "我屋里老头子要打针", "我屋里老头子"),
        ("order_home_help", "我细佬行动不便,想冲凉", "我细佬"),
        ("order_escort", "带老母亲去看牙", "老母亲"),
        ("order_nursing", "公公尿管要换", "公公"),
        ("order_nursing", "婆婆要量血压", "婆婆"),
        ("order_meal", "给爷爷同嫲嫲送饭", "爷爷同嫲嫲"),
        ("order_meal", "我爸和我妈的午饭", "我爸和我妈"),
        ("order_nursing", "老窦要打针", "老窦"),
        ("order_home_help", "我家老爷子要洗澡", "我家老爷子"),
        ("order_nursing", "我老伴伤口要换药", "我老伴"),
        ("order_home_help", "我妹子瘫了,要人照顾", "我妹子"),
        ("order_meal", "我儿子说给老妈订个午饭", "老妈"),
        ("order_companion", "老伴走了以后没人说话", None),
        ("order_home_help", "她要洗澡", None),
        ("order_nursing", "叫护士来打针", None),
        ("query_price", "照顾老人一天多少钱", None),
        ("rate_service", "张姐打扫得很干净", None),
        ("rate_service", "给我妈洗澡的阿姨很好", "我妈"),
        ("unbind_elder", "外公过世了,解绑吧", "外公"),
        ("unbind_elder", "不要再关联我妈了", "我妈"),
        ("job_check_in", "到了,阿婆开门了", None),
        ("order_meal", "隔壁陈伯也要一份午饭", "隔壁陈伯"),
        ("bind_elder", "帮我把奶奶加进来", "奶奶"),
    ],
)  # fmt: skip
def test_whom_it_concerns(intent: str, text: str, person: str | None) -> None:
    assert understand(text, intent).person == person


@pytest.mark.parametrize(
    ("intent", "text", "diet"),
    [
        ("order_meal", "午饭别搞那么咸", ("low_salt",)),
        ("order_meal", "盐少搁点,油也少放", ("low_salt", "low_fat")),
        ("order_meal", "医生不让吃甜的,不能放糖,送午饭", ("low_sugar",)),
        ("order_meal", "牙都掉光了,午饭弄烂些", ("soft",)),
        ("order_meal", "晚饭煮腍啲", ("soft",)),
        ("order_meal", "我咬不动,午饭要软的", ("soft",)),
        ("order_meal", "初一食斋,午饭要素的", ("vegetarian",)),
        ("order_meal", "午饭除了鱼都行", ("no_fish",)),
        ("order_meal", "午饭不要放辣", ()),
        ("order_meal", "唔好咁油,午饭", ("low_fat",)),
        ("order_meal", "我是回民,订午饭", ("no_pork",)),
        ("order_meal", "菜剁碎点,午饭", ("minced",)),
        ("inform", "少盐", ("low_salt",)),
        ("complain", "菜太咸了,肉都没煮烂", ()),
        ("complain", "把碗打烂了", ()),
        ("order_errand", "买两包盐,少买点油", ()),
        ("order_home_help", "来家做饭,少油少盐", ("low_fat", "low_salt")),
    ],
)  # fmt: skip
def test_what_the_kitchen_is_asked(intent: str, text: str, diet: tuple[str, ...]) -> None:
    assert set(understand(text, intent).diet) == set(diet)


@pytest.mark.parametrize(
    ("intent", "text", "rating"),
    [
        ("rate_service", "洗得蛮好", 5), ("rate_service", "几好", 5), ("rate_service", "还好", 4),
        ("rate_service", "不太满意", 2), ("rate_service", "一般般吧", 3),
        ("rate_service", "差评", 1),
        ("rate_service", "给四颗星", 4), ("rate_service", "非常满意", 5), ("inform", "三星", 3),
        ("order_meal", "送得很好,再来一份", None),
    ],
)  # fmt: skip
def test_verdicts(intent: str, text: str, rating: int | None) -> None:
    assert understand(text, intent).rating == rating


@pytest.mark.parametrize(
    ("intent", "text", "order_ref"),
    [
        ("cancel_order", "取消明天的午饭", "明天的午饭"),
        ("cancel_order", "周五那个打扫的不要了", "周五那个打扫的"),
        ("cancel_order", "后天的剪头发退了吧", "后天的剪头发"),
        ("change_order", "把每周一的量血压停一次", "每周一的量血压"),
        ("query_order", "上次换药那个是几号", "上次换药那个"),
        ("query_order", "前一个修灯的单谁来的", "前一个修灯的单"),
        ("repeat_order", "跟前天那顿一样", "前天那顿"),
        ("cancel_order", "第二个不要", "第二个"),
        ("cancel_order", "打扫不要了", None),
        ("query_order", "剪头发的那个人来了没", None),
        ("complain", "昨天那个阿姨态度差", None),
        ("rate_service", "昨天打扫得很干净", None),
        ("order_meal", "明天的午饭来一份", None),
        ("job_accept", "明天下午那个我去", None),
        ("inform", "第一个", "第一个"),
        ("cancel_order", "那个那个取消吧", None),
    ],
)  # fmt: skip
def test_which_order_is_meant(intent: str, text: str, order_ref: str | None) -> None:
    assert understand(text, intent).order_ref == order_ref
