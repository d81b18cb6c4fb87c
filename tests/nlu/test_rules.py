"""Calls for help, yes and no: by rule, with nothing else running."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings

from nlu.alarms import Alarms, Certainty, Phrase
from nlu.rules import DATA, alarms, danger, emergency, maybe_emergency, yes_no
from nlu.values.text import normalise
from tests.nlu.saying import any_text

EMERGENCY = yaml.safe_load((DATA / "emergency.yaml").read_text(encoding="utf-8"))
ANSWERS = yaml.safe_load((DATA / "yes_no.yaml").read_text(encoding="utf-8"))
PHRASES = sorted(set(alarms().phrases()), key=lambda phrase: (phrase.frame, phrase.text))
TAKEN_BACK = [
    (name, example)
    for name, guard in EMERGENCY["guards"].items()
    if "leaves" not in guard
    for example in guard["examples"]
]
ASKED_ABOUT = [
    (name, example)
    for name, guard in EMERGENCY["guards"].items()
    if "leaves" in guard
    for example in guard["examples"]
]


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: f"{phrase.frame}:{phrase.text}")
def test_each_word_of_each_frame_is_heard(phrase: Phrase) -> None:
    assert phrase.frame in alarms().frames_in(normalise(phrase.text).text)
    text = f"突然{phrase.text}"
    assert emergency(text) or maybe_emergency(text)


@pytest.mark.parametrize(("guard", "text"), TAKEN_BACK)
def test_each_guard_takes_its_examples_back(guard: str, text: str) -> None:
    assert emergency(text) is None
    assert maybe_emergency(text) is None


@pytest.mark.parametrize(("guard", "text"), ASKED_ABOUT)
def test_each_doubting_guard_leaves_a_question(guard: str, text: str) -> None:
    assert emergency(text) is None
    assert maybe_emergency(text)


@pytest.mark.parametrize("guard", EMERGENCY["guards"])
def test_each_guard_is_needed(guard: str) -> None:
    """Without it one of its examples would be raised or asked about."""
    others = {name: g for name, g in EMERGENCY["guards"].items() if name != guard}
    without = Alarms(
        {**EMERGENCY, "guards": others, "beyond doubt": {**EMERGENCY["beyond doubt"], "guards": []}}
    )
    assert any(
        without.judge(normalise(text).text).certainty
        > alarms().judge(normalise(text).text).certainty
        for text in EMERGENCY["guards"][guard]["examples"]
    )


@pytest.mark.parametrize(
    "text",
    [
        "我妈摔倒了", "李奶奶不小心摔倒了", "没站稳摔倒了", "我妈又摔倒了,快来",
        "老伴晕倒了叫不醒", "我起不来了",
        "胸口有点疼,喘不上气", "心口好痛", "喘不上汽", "我爸中风了,嘴都歪了", "半边身子突然动不了",
        "吐血了",
        "吃饭噎住了", "煤气漏了", "厨房着火了快来", "救命", "救命啊救命", "快来人啊", "帮我打120",
        "120", "叫救护车",
        "我不想活了", "我怕她想不开", "别想不开", "老伴走丢了", "昨天摔的,现在腿还肿,起不来",
        "我快死了",
        "我媽跌倒咗", "唞唔到气", "我妈摔了", "怕是骨折了", "被车撞了", "头磕破了一直流血",
        "我 妈 摔 倒 了",
        "上次摔倒没去医院,现在腿肿了", "我不行了", "有小偷进来了", "家里全是烟", "被锁在厕所出不去",
    ],
)  # fmt: skip
def test_people_calling_for_help(text: str) -> None:
    assert emergency(text)
    assert danger(text).certainty is not Certainty.TAKEN_BACK


@pytest.mark.parametrize(
    "text",
    [
        "昨天摔了一跤,现在没事", "前几天晕倒过,已经好了", "去年摔断过腿,想约康复",
        "上周摔伤的,伤口要换药",
        "打120多少钱一次", "救护车怎么收费", "摔倒了怎么预防", "老人摔倒了你们能知道吗",
        "中风有什么症状",
        "胸口疼挂什么科", "没有摔倒", "没着火", "没晕倒", "我怕摔倒", "担心老人摔倒", "小心别摔倒",
        "预防跌倒",
        "如果摔倒了打什么电话", "万一晕倒怎么办", "电视里说着火了", "听说隔壁小区着火了",
        "做梦梦见救命",
        "救命药没了", "他是我的救命恩人", "手机没反应", "按了按钮没反应", "碗摔了", "笑得喘不上气",
        "热死了饿得快死了",
        "我爸中风三年了,要做康复", "脑梗后遗症", "早上起不来", "卧床好几年起不来",
        "我想买个报警器", "不用报警",
        "要不要打120", "燃气灶点不着火了", "燃气卡没气了", "马桶堵了快来人修",
        "没反应过来,再说一遍", "试一下报警",
        "刚才误报,没人摔倒", "得过心梗", "曾经中风", "我妈去年中风过", "想学急救知识",
        "看新闻说有人跳楼",
    ],
)  # fmt: skip
def test_what_only_sounds_urgent(text: str) -> None:
    assert emergency(text) is None
    assert danger(text).certainty is Certainty.TAKEN_BACK


@pytest.mark.parametrize(
    "text",
    [
        "明天中午订一份午餐", "血压120", "120多少钱一次", "120块钱", "交煤气费", "我有心脏病",
        "头有点晕,想咨询一下", "约护士换药", "心情不好",
        "我上火了", "打针", "防滑垫", "",
    ],
)  # fmt: skip
def test_everyday_words(text: str) -> None:
    assert emergency(text) is None
    assert danger(text).certainty is not Certainty.TAKEN_BACK


def test_the_words_come_back_as_said() -> None:
    assert emergency("我媽 摔 倒 了") == "摔倒"
    assert emergency("胸口有点疼") == "胸口有点疼"


@pytest.mark.parametrize("word", ANSWERS["affirm"])
def test_every_yes(word: str) -> None:
    assert yes_no(word) == "affirm"


@pytest.mark.parametrize("word", ANSWERS["deny"])
def test_every_no(word: str) -> None:
    assert yes_no(word) == "deny"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("好的好的", "affirm"), ("好的,谢谢", "affirm"), ("嗯,可以", "affirm"), ("係", "affirm"),
        ("OK", "affirm"), ("👌", "affirm"), ("👍🏻", "affirm"), ("对对对", "affirm"),
        ("好!", "affirm"),
        ("好，就这样吧", "affirm"), ("不用了,谢谢", "deny"), ("唔使喇", None), ("不是的", "deny"),
        ("❌", "deny"),
        ("不要不要", "deny"), ("那就算了", "deny"), ("不,好的", None), ("好不好", None),
        ("是不是", None),
        ("可以吗", None), ("嗯?", None), ("好的,不过改到后天", None), ("不是明天", None),
        ("谢谢", None),
        ("不要鱼", None), ("好的好的好的好的好的好的好的好的", None), ("", None), ("明天", None),
        ("不对,是后天", None),
    ],
)  # fmt: skip
def test_only_a_whole_yes_or_no(text: str, answer: str | None) -> None:
    assert yes_no(text) == answer


@settings(max_examples=300, deadline=None)
@given(text=any_text)
def test_any_text(text: str) -> None:
    phrase = emergency(text)
    assert phrase is None or phrase in "".join(text.split())
    assert yes_no(text) in {"affirm", "deny", None}
