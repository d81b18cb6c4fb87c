"""Kinship: how Mandarin and Cantonese speakers call the people of their family.

A kin word that stands alone (奶奶, 三姑, 外母) names somebody; others need their owner (我弟弟),
since 哥哥 or 先生 alone may be anybody. Parts of patterns, put together in `nlu.values.people`.
"""

from __future__ import annotations

# The third aunt is 三姑; in 周三姑妈来 the numeral belongs to the day.
_NOT_COUNTING = r"(?<![周期拜逢初第月一二三四五六七八九十])"
_RANKED = (
    rf"{_NOT_COUNTING}(?:[大二三四五六七八九小细幺满](?:姑(?!娘)|姨|舅|伯)"
    r"|[二三四五六七八九小细幺满](?:叔|婶))"
    r"(?:妈(?!妈)|父|丈|母(?!亲)|子|公(?![司园])|婆(?!婆)|奶奶)?"
    rf"|{_NOT_COUNTING}[二三四五六七](?:姐|哥|弟|妹|嫂)(?![们姐哥弟妹])"
)
_PARENTS = (
    r"老妈妈?子?|老爸|妈妈|妈咪|姆妈|爸爸|爸妈|妈爸|父母|父亲|母亲|家母|家父|老窦|老豆|老娘"
    r"|阿妈|阿爸|阿姆|老母亲?|老父亲?|妈(?=妈)"
)
_GRANDPARENTS = (
    r"爷爷奶奶|外公外婆|姥姥姥爷|爷爷|奶奶|外公|外婆|姥姥|姥爷|外祖[母父]|祖[母父]"
    r"|太爷爷?|太奶奶?|太[婆公]|阿[爷嬷奶嫲婆公]|阿姨婆|嫲嫲"
)
_IN_LAWS = (
    r"公公婆婆|公公|婆婆|岳父岳母|老?岳[父母](?:大人)?|丈母娘|老丈人|老丈母|外[母父]|家[婆公]"
    r"|老爷(?![爷们车机])"
)
_UNCLES = (
    rf"{_RANKED}|姑[妈姑父丈婆](?!婆)|舅[舅妈公母]|姨[妈婆父丈]|叔公|婶婶|伯[父母]"
    r"|(?<![那嗰\U00020bb6个位呢])阿[伯叔婶姑](?!娘)"
)
_OLD_ONES = (
    r"老头子|老头(?![发痛疼])|老太婆|老婆子|老公公|老奶奶|老爷爷|老爷子|老太太|老伴儿?|二老"
    r"|老两口|两位老人|两个老人|老人家|老人(?!家|机|餐|卡|证|节|院|饭|们?食堂|痴呆|斑|病|味)"
)
# The longer word first: 老爷子 is no 老爷.
KIN = rf"(?:{_OLD_ONES}|{_PARENTS}|{_IN_LAWS}|{_GRANDPARENTS}|{_UNCLES})"
"""Kin words that name somebody without saying whose."""

SPOUSES = r"(?:老公(?!公)|老婆(?![婆子饼])|爱人|妻子|丈夫)"
_SIBLING = (
    r"(?:[老大小细二三四五六七八九幺满表堂亲]{0,2}"
    r"(?:姐姐|哥哥|妹妹|弟弟|姐夫|妹夫|姐(?!妹)|哥|嫂子?|弟媳妇?|弟妇|弟妹|弟|妹子?)"
    r"|细佬|细妹|家姐|阿姐|大佬|阿哥|兄弟|兄长)"
)
_OTHERS = r"(?:亲家[公母]|长辈|亲戚|邻居)"
KIN_OWNED = (
    rf"(?:{KIN}|{SPOUSES}|{_SIBLING}|{_OTHERS}|妈|爸|爹|娘|婆|姑(?!娘)|舅|叔|姨|爷|奶"
    r"|先生|太太|阿姨|叔叔|伯伯|那位|那口子|大爷|大妈)"
)
"""Kin words that name somebody whose owner is said: 我弟弟."""

BY_THE_WAY = rf"(?:{SPOUSES}|{_SIBLING}|{_OTHERS})"
"""Those who more often help to care than are cared for."""
