"""The sounds of Mandarin as the model knows them: initials and finals without tones.

The order of PHONES is the order of the network's outputs and of the exported model's phones, so
it never changes while a trained model is in use.
"""

from __future__ import annotations

import re
from functools import cache

from pypinyin import Style, lazy_pinyin, load_phrases_dict

SILENCE = "SIL"
INITIALS = (
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l",
    "g", "k", "h", "j", "q", "x", "r", "z", "c", "s",
)  # fmt: skip
FINALS = (
    "a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong", "er",
    "i", "ia", "ie", "iao", "iou", "ian", "in", "iang", "ing", "iong",
    "u", "ua", "uo", "uai", "uei", "uan", "uen", "uang", "ueng", "v", "ve", "van", "vn",
    "ii", "iii",
)  # fmt: skip
"""`ii` is the vowel of 四, `iii` that of 十 and 日; `v` is ü; iou, uei, uen are written in full."""
PHONES = (SILENCE, *INITIALS, *FINALS)

PAUSE = "，"
"""The one mark in a sentence that is to be spoken."""

_SPEAKABLE = re.compile("[\u4e00-\u9fff\u3007，]+")
_AFTER_Y = {
    "i": "i", "in": "in", "ing": "ing", "u": "v", "ue": "ve", "uan": "van", "un": "vn",
    "ou": "iou", "e": "ie", "o": "o",
}  # fmt: skip
_AFTER_W = {"u": "u", "ei": "uei", "en": "uen"}
_SHORT = {"iu": "iou", "ui": "uei", "un": "uen"}
_HUMMED = {"n", "ng", "m", "hm", "hng"}
"""嗯 and its like, which voices say as a syllable of their own."""

# Words that pypinyin's dictionaries read otherwise than people on this line do.
_READINGS = {
    "量血压": "liáng xuè yā", "测血糖": "cè xuè táng", "血压": "xuè yā", "血糖": "xuè táng",
    "抽血": "chōu xuè", "流血": "liú xuè", "验血": "yàn xuè", "出血": "chū xuè",
    "倒垃圾": "dào lā jī", "长者": "zhǎng zhě", "长辈": "zhǎng bèi", "还没": "hái méi",
    "还有": "hái yǒu", "还要": "hái yào", "还是": "hái shì", "重新": "chóng xīn",
    "差不多": "chà bù duō",
    "大夫": "dài fū", "钥匙": "yào shi", "暖和": "nuǎn huo", "睡觉": "shuì jiào", "觉得": "jué de",
    "行吗": "xíng ma", "行吧": "xíng ba", "行啊": "xíng a", "都行": "dōu xíng", "一行": "yì xíng",
    "睡午觉": "shuì wǔ jiào", "没人": "méi rén", "打的": "dǎ de", "找着": "zhǎo zháo",
    "打不着": "dǎ bu zháo", "睡不着": "shuì bu zháo",
}  # fmt: skip


class Unreadable(ValueError):
    """The text holds something that is no Mandarin syllable."""


def phones_of(text: str) -> list[str]:
    """The phones of a text of Han characters and ，, without the pauses.

    Raises Unreadable.
    """
    return [
        phone
        for phrase in syllables_of(text)
        for syllable in phrase
        for phone in phones_of_syllable(syllable)
    ]


def syllables_of(text: str) -> list[list[str]]:
    """Pinyin with tones by number (5 the neutral one, ü as v), phrase by phrase between ，.

    Every voice is fed with these, so that a label is what was really said. Raises Unreadable.
    """
    if not _SPEAKABLE.fullmatch(text):
        raise Unreadable(text)
    _teach_readings()
    return [_read(phrase) for phrase in text.split(PAUSE) if phrase]


def _read(phrase: str) -> list[str]:
    found = lazy_pinyin(
        phrase,
        style=Style.TONE3,
        neutral_tone_with_five=True,
        tone_sandhi=True,
        v_to_u=False,
        errors="ignore",
    )
    # 哪儿 and 这儿 come as two syllables or as one with an r behind it: nobody here says the r.
    syllables = [_plain(syllable) for syllable in found]
    if len(syllables) != len(phrase):
        raise Unreadable(phrase)
    for syllable in syllables:
        phones_of_syllable(syllable)
    return syllables


def _plain(syllable: str) -> str:
    syllable = syllable.replace("ü", "v").replace("ê", "e")
    if not syllable[-1].isdigit():
        syllable += "5"
    bare, tone = syllable[:-1], syllable[-1]
    if bare == "r":
        bare = "er"
    if bare in _HUMMED:
        bare = "en"
    return bare + tone


@cache
def phones_of_syllable(syllable: str) -> tuple[str, ...]:
    """One or two phones; the tone does not matter and may be missing. Raises Unreadable."""
    bare = syllable.rstrip("12345").replace("ü", "v")
    if bare in _HUMMED:
        bare = "en"
    phones = _split(bare)
    if not phones or any(phone not in PHONES for phone in phones):
        raise Unreadable(syllable)
    return phones


def _split(bare: str) -> tuple[str, ...]:
    if bare.startswith("y"):
        rest = bare[1:].replace("v", "u")
        return (_AFTER_Y.get(rest, "i" + rest),)
    if bare.startswith("w"):
        return (_AFTER_W.get(bare[1:], "u" + bare[1:]),)
    for initial in INITIALS:
        if bare.startswith(initial) and len(bare) > len(initial):
            return (initial, _final(initial, bare[len(initial) :]))
    return (bare,)


def _final(initial: str, written: str) -> str:
    """The final behind an initial, from how pinyin spells it there."""
    if initial in {"j", "q", "x"} and written.startswith("u"):
        return "v" + written[1:]
    if written == "i" and initial in {"z", "c", "s"}:
        return "ii"
    if written == "i" and initial in {"zh", "ch", "sh", "r"}:
        return "iii"
    if written == "ue":
        return "ve"
    return _SHORT.get(written, written)


@cache
def _teach_readings() -> None:
    """Once a process: pypinyin keeps its dictionaries in the module."""
    load_phrases_dict(
        {word: [[syllable] for syllable in said.split()] for word, said in _READINGS.items()}
    )
