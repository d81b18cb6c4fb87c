"""Words of time that a recogniser misheard, put right before days and times are read.

"名天下五三典" is 明天下午三点 to anyone who hears it. One character of a word may be another that
sounds alike (tone aside, zh/z, n/l, f/h, -ng/-n one); the rest of the word must stand, and
around it must stand what makes it no other word: a changed character that builds a word with
its neighbour ("时候天冷", "报名天数") stays. Length is kept, so every span still points at the
speaker's own words. Right text is never changed: tests/nlu/test_misheard.py holds that against
every sentence of the corpus.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml
from pypinyin import lazy_pinyin

from nlu.values.sounds import HAN, sounds_of
from nlu.values.text import plain

DATA = Path(__file__).parent.parent / "data"
_WORDS = tuple(
    """
    今天 明天 后天 昨天 前天 今晚 明晚 明早 今早 后晚 早上 上午 中午 下午 晚上 傍晚 凌晨 清早 早晨
    每天 天天 每晚 星期 礼拜 周末 工作日 月底 月初 月尾 小时 钟头 分钟 点钟 一刻 三刻
    下周 这周 本周 每周 清明 端午 重阳 冬至 国庆 春节 元旦
    """.split()  # noqa: SIM905 - easier to read and to add to than a list
)
# Words of time that are right as they stand, though they sound like others.
_RIGHT = ("晌午", "上昼", "下昼", "今朝", "听朝", "明朝", "夜晚", "一早")
# Too common in their own right to be somebody's slip of the ear.
_OWN = frozenset(
    "的了是我你他她它不在有要没去来就也还和跟给吃送到这那个人好么吗呢吧啊呀哦嗯得地着过会能可以"
    "多少大小外前后左右上下中天日月年时分钟点号早晚今明昨每周半刻饭药菜粥水油盐家门楼床车钱"
    "妈爸爷奶公婆儿女医院护士师傅阿姨说话听看问想叫请帮做买拿换打洗扫接单退改订定"
    "一二三四六七八九十两几零斤照走事颗从找往完灶厨克客课汤肿第底"
)
# Words that a changed character may be part of.
_OTHER_WORDS = frozenset(
    word
    for line in yaml.safe_load((DATA / "not_time.yaml").read_text(encoding="utf-8"))
    for word in line.split()
)
# 下周刘阿姨来, 礼拜以后, 一起点菜.
_TAKEN_BY_NAMES = frozenset("刘吴牛易伍柳武施史邱丘以已意而尔起把就旧救其气五天日末")
# 下午楼 is no time of day: a numeral stands for a sound only where it counts nothing.
_COUNTED = re.compile(
    r"[点楼层个份号次天月分块十百千万元人岁斤条本粒颗片盒瓶包只:半]|[一二三四五六七八九](?![点典])"
)
_HOUR = "[一二两三四五六七八九十\\d]"
# Numerals by sound, and where one must stand: 初…, 礼拜…, …点, …号.
_NUMERALS = {
    "yi": "一", "er": "二", "san": "三", "shan": "三", "si": "四", "wu": "五", "liu": "六",
    "niu": "六", "qi": "七", "ba": "八", "jiu": "九", "shi": "十", "liang": "两",
}  # fmt: skip
_WEEKDAYS = {
    "yi": "一", "er": "二", "san": "三", "shan": "三", "si": "四", "shi": "四", "wu": "五",
    "liu": "六", "niu": "六", "ri": "日", "tian": "天", "mo": "末",
}  # fmt: skip
_WEEKDAY_SLOT = re.compile(
    r"(?:星期|礼拜|(?<=[下这上每本])周|(?<=个)周|^周)(?P<said>[^\W\d_])"
    r"|(?<=[把到在])周(?P<meant>[^\W\d_])(?=[那的个]|[上中下]午|早上|晚上)"
)
_NUMERAL_SLOT = re.compile(
    r"(?<=初)(?P<lunar>[^\W\d_])(?![中步期])"
    r"|(?:^|(?<=[午晨昼约到在月十,的])|(?<=[今明后昨每]天|早上|晚上|傍晚|[听后今]日))"
    r"(?P<counted>[^\W\d_])(?=[点典号](?![心餐菜单名击码线]))"
)
# Single characters, where all that stands around them leaves no doubt.
_SINGLE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?<={_HOUR})[典碘]"), "点"),
    (
        re.compile(
            rf"(?<={_HOUR})[店电垫殿甸淀](?=半|钟|[一三]刻|[二三四五]?十|左右|之前|过来|[来送]|$)"
        ),
        "点",
    ),
    (
        re.compile(
            rf"(?<={_HOUR}点)[伴拌扮瓣](?![侣着])|(?<={_HOUR}点)办(?=$|[,。]|左右|[来送到])"
        ),
        "半",
    ),
    (re.compile(rf"(?<={_HOUR}点[一三])[课客克](?![人户])"), "刻"),
    (re.compile(r"(?<=[一二三四五六七八九十\d])[浩耗皓昊](?!时)"), "号"),
    (re.compile(rf"(?<={_HOUR})[越阅悦](?={_HOUR}{{1,3}}[号日])"), "月"),
)


def _keys() -> dict[tuple[str, ...], str]:
    return {tuple(s.folded for s in sounds_of(word)): word for word in _WORDS}


_BY_SOUND = _keys()
_EXACT = re.compile("|".join([*_WORDS, *_RIGHT]))


@lru_cache(maxsize=1024)
def as_meant(raw: str) -> str:
    """The plain text of `raw` with misheard words of time put right; as long as `plain(raw)`."""
    words = plain(raw)
    letters = list(words)
    taken = {i for match in _EXACT.finditer(words) for i in range(*match.span())}
    for run in HAN.finditer(words):
        sounds = [sound.folded for sound in sounds_of(run.group())]
        for length in (3, 2):
            for first in range(len(sounds) - length + 1):
                word = _BY_SOUND.get(tuple(sounds[first : first + length]))
                start = run.start() + first
                span = range(start, start + length)
                if word and taken.isdisjoint(span) and _is_slip(words, start, word):
                    letters[start : start + length] = word
                    taken.update(span)
    meant = "".join(letters)
    meant = _WEEKDAY_SLOT.sub(lambda slot: _as_numeral(slot, _WEEKDAYS), meant)
    meant = _NUMERAL_SLOT.sub(lambda slot: _as_numeral(slot, _NUMERALS), meant)
    for pattern, right in _SINGLE:
        meant = pattern.sub(right, meant)
    return meant


def _as_numeral(slot: re.Match[str], numerals: dict[str, str]) -> str:
    """The slot with the numeral that its character sounds like, if it is nothing else."""
    character, at = str(slot[slot.lastgroup or 0]), slot.start(slot.lastgroup or 0)
    right = numerals.get(lazy_pinyin(character)[0])
    if right is None or character in _OWN or character in _TAKEN_BY_NAMES:
        return slot.group()
    if _OTHER_WORDS.intersection(slot.string[i : i + 2] for i in (max(at - 1, 0), at)):
        return slot.group()
    return slot.group()[: at - slot.start()] + right


def _is_slip(words: str, start: int, word: str) -> bool:
    """Whether what stands at `start` is `word` but for one character that fits nothing else."""
    heard = words[start : start + len(word)]
    wrong = [i for i, (a, b) in enumerate(zip(heard, word, strict=True)) if a != b]
    if len(wrong) != 1 or heard in _OTHER_WORDS:
        return False
    at = start + wrong[0]
    character = words[at]
    if character == "五":
        return _COUNTED.match(words, at + 1) is None
    beside = (words[at - 1 : at + 1] if at else "", words[at : at + 2])
    return character not in _OWN and not _OTHER_WORDS.intersection(beside)
