"""Whom a sentence is about, in the speaker's own words: 我妈, 李奶奶, 王桂芳阿姨.

Nothing is returned for the speaker (我), pronouns (她) and roles (护士, 师傅): they pick out
nobody by themselves.
"""

from __future__ import annotations

import re

from nlu.values.found import Found, found, settle
from nlu.values.text import normalise

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
    "任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴"
    "莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅"
    "童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简"
    "车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄"
    "丛仲虞敖巩明佘池查麻苑迟邝"
)
_SURNAME = rf"(?:欧阳|司徒|上官|司马|诸葛|东方|令狐|[{_SURNAMES}])"
_TITLE = (
    r"(?:奶奶|爷爷|阿姨|叔叔|伯伯|伯父|伯母|婆婆|阿婆|阿公|阿伯|大爷|大妈|大娘|大叔|大婶"
    r"|大姐|大哥|老太太?|老先生"
    r"|老爷子|婶婶?|姨|叔|姑|姐|哥|嫂|伯|婆|老师|先生|女士|老人家?|老伯|太太|师奶|爹爹|爷"
    r"|奶|公公|老爹)"
)
_GIVEN = r"(?:(?![我你他她它的了是在有不去来给帮要个这那])[\u4e00-\u9fff])"
_NAMED = re.compile(
    rf"(?:(?P<n1>{_SURNAME}{_GIVEN}{{1,2}}?)(?P<t1>{_TITLE})"
    rf"|(?P<n2>{_SURNAME})(?P<t2>{_TITLE}))(?!机|餐|卡)"
)
# 公公 婆婆 are parents-in-law here; 阿姨 alone is a helper, so it needs whose.
_KIN_ALONE = (
    r"(?:老妈子?|老爸|妈妈|妈咪|爸爸|爷爷奶奶|外公外婆|姥姥姥爷|公公婆婆|岳父岳母|爷爷"
    r"|老头子|老头(?![发痛疼])|老窦|老太婆|老婆子|老妈妈|老娘|老公公"
    r"|阿嬷|阿奶|阿姨婆|太爷爷?|太奶奶?"
    r"|大舅|二舅|小舅|大姑|小姑|二姑|小叔|三姨"
    r"|奶奶|外公|外婆|姥姥|姥爷|公公|婆婆|岳父|岳母"
    r"|丈母娘|老丈人|阿婆|阿公|阿妈|阿爸|阿爷|阿嫲|嫲嫲|老豆|老母亲?|老父亲?|父母|父亲"
    r"|母亲|爸妈|老伴儿?|家婆|家公|老爷子|老太太"
    r"|老两口|两位老人|两个老人|老人家|老人(?!家|机|餐|卡|证|节|院|饭|们?食堂)|大伯|二伯"
    r"|三伯|姑妈|姑姑|舅舅|舅妈|姨妈|姨婆|叔公|姑婆|舅公|太婆"
    r"|太公|老奶奶|老爷爷|外祖母|外祖父|祖母|祖父|婶婶|二叔|三叔|大姨|小姨|二姨|姑父|姑丈"
    r"|姨丈|家母|家父|妈(?=妈)|二老)"
)
_KIN_OWNED = (
    rf"(?:{_KIN_ALONE}|妈|爸|妈爸|爹|娘|婆|姑|舅|叔|姨|爷|奶|哥|姐|嫂子?|弟弟?|妹[妹子]?|姐姐|细佬|细妹|家姐|阿姐|大佬|阿哥|兄弟"
    rf"|哥哥|大姐|大哥|大嫂|老公|老婆|爱人|先生|太太|妻子|丈夫"
    r"|长辈|亲戚|邻居|阿姨|叔叔|伯伯|伯父|伯母|那位|那口子|大爷|大妈|老头子?|老婆子|老妈妈)"
)
_OWNER = (
    r"(?:我们?(?:家|屋)?(?:里头?|头|企)?的?那?(?:个|位)?|咱们?家?的?|俺们?家?的?"
    r"|家里的?|家中的?|屋企|我屋企)"
)
_OWNED = re.compile(rf"(?P<who>{_OWNER}{_KIN_OWNED})(?!机|餐厅|卡|们)")
_ALONE = re.compile(rf"(?P<who>(?:隔壁的?|对门的?|楼上的?|楼下的?)?{_KIN_ALONE})(?!机|餐|卡|饭)")
_NEIGHBOUR = re.compile(r"(?:隔壁|对门|楼上|楼下)的?$")
# A bare full name only where a verb of service follows: "给王桂芳订…", "帮李秀英约…".
_FULL_NAME = re.compile(
    rf"(?:[给帮替为]|绑定|解绑|代|照顾)(?P<who>{_SURNAME}{_GIVEN}{{1,2}}?)"
    r"(?=订|点|约|送|叫|预|换|请|安排|取消|买|打|做|量|测|理|剪|洗|打扫|申请|下单|报|找|查"
    r"|要|加|改|$|[,。!?的])"
)
_NO_NAME = re.compile(
    r"^(?:周[一二三四五六日天]|[和高白时应全成连单明时向关于解包安和][个位天点]|高血|高龄"
    r"|和我|和她|和他|明天|全家|安排|单独|应该|关节|白天|时间|包扎|和老|解决|向你|成人"
    r"|高压|连着|文明|时候|关心|农历"
    r"|马上|何时|万一|温度|方便|简单|费用|和家|和小|高级|平时|明日|明晚|明早|易消|党员|全部|温水)"
)
_SELF = re.compile(r"我(?:是|叫|系|这个|这位|一个|一位|个|就是|本人是)$")
_ROLE_BEFORE = re.compile(r"(?:护工|保洁|钟点|家政|上门|护理|保姆|做饭|打扫|送餐|送饭)的?$")
_AND = re.compile(r"^(?:[和跟与及、同]|还有|以及)$")
# Somebody dead is mourned, not served.
_GONE = re.compile(
    r"^(?:啱|刚|都|就|已经|去年|前年|早就?)*(?:走[了咗](?!吧)|去世|过世|不在了|过身|没了)"
)


def find_people(text: str) -> list[Found[str]]:
    """Everyone named, verbatim, in order; after a correction only the one meant."""
    source = normalise(text)
    words = source.text
    spans: list[tuple[int, int]] = []
    seen: list[tuple[int, int]] = []
    for pattern in (_NAMED, _OWNED, _FULL_NAME, _ALONE):
        for match in pattern.finditer(words):
            start, end = match.span("who") if "who" in pattern.groupindex else match.span()
            if _NO_NAME.match(words[start:end]) or _overlaps(start, end, seen):
                continue
            seen.append((start, end))
            if _is_someone(words, start, end):
                if pattern is _NAMED and (near := _NEIGHBOUR.search(words[:start])):
                    start = near.start()
                spans.append((start, end))
    spans.sort()
    return settle(words, [found(source.verbatim(*span), *span) for span in spans])


def find_person(text: str, gone: bool = False) -> str | None:
    """Whom it concerns, verbatim; two joined people together ("我爸和我妈"); None for nobody.

    `gone`: one who has died may be meant as well.
    """
    source = normalise(text)
    people = [p for p in find_people(text) if gone or not _GONE.match(source.text[p.end :])]
    if not people:
        return None
    end = people[0].end
    for person in people[1:]:
        between = source.text[end : person.start]
        if person.value == people[0].value or (between and not _AND.match(between)):
            break
        end = person.end
    return source.verbatim(people[0].start, end)


def _is_someone(words: str, start: int, end: int) -> bool:
    if _ROLE_BEFORE.search(words[:start]) or words[:start].endswith("照"):  # 照顾老人
        return False
    # "我是李奶奶" is the speaker; "我是李奶奶的女儿" is about 李奶奶.
    return not (_SELF.search(words[:start]) and words[end : end + 1] != "的")


def _overlaps(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in spans)
