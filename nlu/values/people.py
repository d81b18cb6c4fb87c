"""Whom a sentence is about, in the speaker's own words: 我妈, 李奶奶, 王桂芳阿姨.

Nothing is returned for the speaker (我), pronouns (她) and roles (护士, 师傅): they pick out
nobody by themselves.
"""

from __future__ import annotations

import re

from nlu.values.found import Found, found, settle
from nlu.values.people_kin import BY_THE_WAY, KIN, KIN_OWNED, SPOUSES
from nlu.values.text import normalise

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
    "任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴"
    "莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅"
    "童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简"
    "车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师仇栾隋商刁沙荣巫寇桑郎甄"
    "丛仲虞敖巩明佘池查麻苑迟邝"
)
_SURNAME = rf"(?:欧阳|司徒|上官|司马|诸葛|东方|令狐|[{_SURNAMES}])"
_TITLE = (
    r"(?:奶奶|爷爷|阿姨|叔叔|伯伯|伯父|伯母|婆婆|阿婆|阿公|阿伯|大爷|大妈|大娘|大叔|大婶"
    r"|大姐|大哥|老太太?|老先生"
    r"|老爷子|婶婶?|姨|叔|姑|姐|哥|嫂|伯|婆|老师|先生|女士|老伯|太太|师奶|爹爹|爷"
    r"|奶|公公|老爹)"
)
_NO_GIVEN = "我你他她它的了是在有不去来给帮要个这那送订叫请和跟与同喂陪畀俾把被到往从"
_GIVEN = rf"(?:(?![{_NO_GIVEN}])[\u4e00-\u9fff])"
_NAMED = re.compile(
    rf"(?<![这那旁])(?:(?P<n1>{_SURNAME}{_GIVEN}{{1,2}}?)(?P<t1>{_TITLE})"
    rf"|老?(?P<n2>{_SURNAME})(?P<t2>{_TITLE})|老{_SURNAME}头)(?!机|餐|卡)"
)
_OWNER = (
    r"(?:我们?(?:家|屋)?(?:里头?|头|企)?的?那?(?:个|位)?|咱们?家?的?|俺们?家?的?"
    r"|家里的?|家中的?|屋企|我屋企)"
)
_OWNED = re.compile(rf"(?P<who>{_OWNER}{KIN_OWNED})(?!机|餐厅|卡|们)")
_ALONE = re.compile(rf"(?P<who>(?:隔壁的?|对门的?|楼上的?|楼下的?)?{KIN})(?!机|餐|卡|饭)")
# 妈 and 老公 with nothing before them that says whose: "妈出院了", "给爸送饭"; not "妈呀", "妈的".
_BARE = re.compile(
    r"(?:^|(?<=[,.。!?;:、\s给帮替畀俾同陪带喂跟和与到为接送扶推说讲问])|(?<=[今明后昨前每]天)|(?<=[早晚]上)|(?<=[今明]早))"
    r"(?P<who>妈(?![妈呀耶咪哟哎祖咧呢个啊蛋]|的(?![药饭早午晚血胃尿伤腿脚手头眼补]))"
    r"|爸(?![爸])|爹(?![爹])|娘(?![家们子胎娘]))"
    rf"|(?<![他她你佢人女姐妹姨们的家])(?P<spouse>{SPOUSES})"
)
_NEIGHBOUR = re.compile(r"(?:隔壁|对门|楼上|楼下)的?$")
# A bare full name only where a verb of service follows: "给王桂芳订…", "帮李秀英约…".
_FULL_NAME = re.compile(
    rf"(?:[给帮替为]|绑定|解绑|代|照顾)(?P<who>{_SURNAME}{_GIVEN}{{1,2}}?)"
    r"(?=订|点|约|送|叫|预|换|请|安排|取消|买|打|做|量|测|理|剪|洗|打扫|申请|下单|报|找|查"
    r"|要|加|改|$|[,。!?的])"
)
_NO_NAME = re.compile(
    r"^(?:周[一二三四五六日天]|[牛羊]奶$|方[法式]|关[系联]|成功|余额|解[除绑]|[向连于时管](?:阿|奶|爷|爸|妈|公|婆|叔|伯|姑|姨)|[和高白时应全成连单明时向关于解包安和][个位天点]|高血|高龄"
    r"|和我|和她|和他|明天|全家|安排|单独|应该|关节|白天|时间|包扎|和老|解决|向你|成人"
    r"|高压|连着|文明|时候|关心|农历"
    r"|马上|何时|万一|温度|方便|简单|费用|和家|和小|高级|平时|明日|明晚|明早|易消|党员|全部|温水)"
)
_SELF = re.compile(r"我(?:是|叫|系|这个|这位|一个|一位|个|就是|本人是)(?:[他她佢]的?)?$")
_ROLE_BEFORE = re.compile(r"(?:护工|保洁|钟点|家政|上门|护理|保姆|做饭|打扫|送餐|送饭)的?$")
_CARING = re.compile(r"照[顾看料](?:卧床)?的?$")
_AND = re.compile(r"^(?:[和跟与及、同]|还有|以及)$")
_AND_THEIRS = re.compile(rf"^[和跟与及、同][他她佢](?:{KIN_OWNED})")
# Somebody dead is mourned, not served.
_GONE = re.compile(
    r"^(?:啱|刚|都|就|已经|去年|前年|早就?)*(?:走[了咗](?!吧)|去世|过世|不在了|过身|没了)"
)
# Of an hour or a day 不行 means "not then"; of a person, that he is in a bad way.
_FAILING = re.compile(r"(?<=不)行(?=[了啦喇])")
# Who comes, tells and helps: "我弟弟来了", "老公出差", "我姐带我妈去".
_SPOUSE = re.compile(SPOUSES)
_HELPER = re.compile(rf".*{BY_THE_WAY}")
_HELPS = re.compile(
    r"^(?:[今明后昨][天日晚早]|刚才?|也|就|都|又|还|已经|要|会|可以|能|最近|这[几两]天|[上下这]周.?)*"
    r"(?:来[了啦看接陪住吃的,。]|来$|嚟[咗了]?|过来|回[来老家]|返|[叫让教催](?!不|唔)|[说讲话](?![话不唔]|[他她佢](?![给帮已取来去订约会]))|打[了来]?电话"
    r"|[帮给畀陪接带送替](?:我|他|她|佢|妈|爸|孩|老|阿|奶|爷|外)|不在|唔喺|出差|[上加]班|没空|冇空|有事"
    r"|冇得闲|做[了好的]?[饭菜早午晚]|煮|买|订)"
)
_ASKED = re.compile(
    r"(?:问|找|等|叫|让|由|换|比|联系|打给|通知|告诉|(?:去|想|要)看|看看|看望|探望?)$"
)
_STRANGER = re.compile(r"^(?:对不起|追着?[我他她]|打我|拿刀|推荐|介绍|告诉我|教我)")
# The place where somebody else is to be: "明天她去我姐家".
_GUEST = re.compile(
    rf"(?:[她他佢]|{KIN}|[妈爸])(?:[今明后][天日]|[要会准备打算先]){{0,3}}(?:去|到|住|在|搬到|搬去|回)(?:了|咗|到|在)?$"
)
_HOME = re.compile(r"^(?:家|那|屋企|度|里)")
_SOMEBODY = re.compile(r"老人家?")
_ANYBODY = re.compile(r"(?:两[个位])?老人家?")
# Left as they are while another is bound: "我妈先不用解绑,把我公公也绑上".
_LEFT_ALONE = re.compile(
    r"^(?:先|就|暂时|那边|的)*(?:不用|不要|别|不必|唔使|唔好)(?:给|帮)?(?:解|动|删|取消|撤)"
)
_STAYS = re.compile(r"(?:只留|留着|保留|留下?)$")
_PARTED = re.compile(r"[跟和与同]$")
_BOUND_NAME = re.compile(
    r"(?:[那这]个|绑定?|老人[,:]?|解除|去掉|删[掉除]|(?<!我)叫|把|将|添加|登记|关联|取消)"
    rf"(?P<who>{_SURNAME}{_GIVEN}{{1,2}}?)"
    r"(?=$|[,。!?的\"”]|从|绑|解|去|移|登|关|取|这个|加[进到上入]|也)"
)
_NO_BOUND_NAME = re.compile(
    r"(?:方[法式便]|关[系联注]|成[功员]|程序|安[全排]|任|万|时|费|应|连|单|包|管|支|明|平|全|何)"
)
# Workers among themselves: "王姐替我去".
_COLLEAGUE = re.compile(r".{1,2}(?:姐|哥|嫂|老师|师傅)")
_AT_HOME = re.compile(r"^(?:家|那|屋|度|这边)")


def find_people(text: str) -> list[Found[str]]:
    """Everyone named, verbatim, in order; after a correction only the one meant."""
    source = normalise(text)
    words = _FAILING.sub("_", source.text)
    spans: list[tuple[int, int]] = []
    seen: list[tuple[int, int]] = []
    for pattern in (_NAMED, _OWNED, _FULL_NAME, _ALONE, _BARE):
        for match in pattern.finditer(words):
            which = next((name for name in ("who", "spouse") if match.groupdict().get(name)), 0)
            start, end = match.span(which)
            if _NO_NAME.match(words[start:end]) or _overlaps(start, end, seen):
                continue
            seen.append((start, end))
            if _is_someone(words, start, end):
                if pattern is _NAMED and (near := _NEIGHBOUR.search(words[:start])):
                    start = near.start()
                spans.append((start, end))
    spans.sort()
    return settle(words, [found(source.verbatim(*span), *span) for span in spans])


def find_person(
    text: str, gone: bool = False, but: re.Pattern[str] | None = None, anybody: bool = True
) -> str | None:
    """Whom it concerns, verbatim; two joined people together ("我爸和我妈"); None for nobody.

    `gone`: one who has died may be meant as well, and one left as he is may not (a binding).
    `but`: whoever matches it is not meant. `anybody`: old people in general may be meant.
    """
    source = normalise(text)
    words = source.text
    people = [p for p in find_people(text) if gone or not _by_the_way(words, p)]
    if gone:
        people = [p for p in people if not _is_left(words, p)] or people
        people = [p for p in people if not _is_binder(words, p, len(people) > 1)]
    if but is not None:
        people = [p for p in people if not but.fullmatch(p.value)]
    general = _SOMEBODY if anybody else _ANYBODY
    special = [p for p in people if not general.fullmatch(p.value)]
    people = special if special or not anybody else people
    if not people:
        return None
    end = people[0].end
    if theirs := _AND_THEIRS.match(words[end:]):
        return source.verbatim(people[0].start, end + theirs.end())
    for person in people[1:]:
        between = words[end : person.start]
        if person.value == people[0].value or (between and not _AND.match(between)):
            break
        end = person.end
    return source.verbatim(people[0].start, end)


def find_bound(text: str) -> str | None:
    """Who is to be bound to this chat or let go, verbatim: kin, else a bare name (王秀珍)."""
    if person := find_person(text, gone=True, anybody=False):
        return person
    source = normalise(text)
    for match in _BOUND_NAME.finditer(source.text):
        name = match["who"]
        if not (_NO_NAME.match(name) or _NO_BOUND_NAME.match(name)):
            return source.verbatim(*match.span("who"))
    return None


def find_client(text: str) -> str | None:
    """Whom a worker goes to, as he calls them (李奶奶); not his own family, no colleague."""
    words = normalise(text).text
    for person in find_people(text):
        title = _NAMED.fullmatch(words, person.start, person.end)
        colleague = _COLLEAGUE.fullmatch(words, person.start, person.end)
        if title and (colleague is None or _AT_HOME.match(words[person.end :])):
            return person.value
    return None


def _by_the_way(words: str, person: Found[str]) -> bool:
    """Whether somebody is mentioned for what he does for another, or is dead, or a stranger."""
    before, after = words[: person.start], words[person.end :]
    if _GONE.match(after) or _STRANGER.match(after):
        return True
    if _GUEST.search(before) and _HOME.match(after):
        return True
    helper = _HELPER.fullmatch(words, person.start, person.end)
    return helper is not None and bool(_HELPS.match(after) or _ASKED.search(before))


def _is_left(words: str, person: Found[str]) -> bool:
    """Whether he stays bound, or unbound, as he is: "只留我爸,我妈的解绑"."""
    left = _LEFT_ALONE.match(words[person.end :]) or _STAYS.search(words[: person.start])
    return left is not None


def _is_binder(words: str, person: Found[str], among_others: bool) -> bool:
    """Whether a wife or husband is but part of the story: "我跟老公离了,公公别挂我这了"."""
    if not _SPOUSE.fullmatch(words, person.start, person.end):
        return False
    return among_others or _PARTED.search(words[: person.start]) is not None


def _is_someone(words: str, start: int, end: int) -> bool:
    if _ROLE_BEFORE.search(words[:start]):
        return False
    # 照顾老人 is a job.
    if _CARING.search(words[:start]) and _SOMEBODY.fullmatch(words, start, end):
        return False
    # "我是李奶奶" is the speaker; "我是李奶奶的女儿" is about 李奶奶.
    return not (_SELF.search(words[:start]) and words[end : end + 1] != "的")


def _overlaps(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in spans)
