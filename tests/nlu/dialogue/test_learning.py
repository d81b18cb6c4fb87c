"""Stories of learning from use: asked gently and once, kept masked, taken back by one sentence."""

from __future__ import annotations

import hashlib

import pytest
import yaml
from sqlalchemy import select

from backend.db.models import Consent, Contact, Misunderstanding
from backend.domain.learning import WhyKept
from backend.seed.town import Seeded
from backend.services.work import Work
from nlu.dialogue.engine import respond
from nlu.dialogue.learning import TEXT_VERSION, agree, may_agree
from nlu.dialogue.turns import Alternative, Utterance
from nlu.prompts import FOLDER
from nlu.understanding import Understanding
from tests.backend.people import Cast
from tests.nlu.dialogue.people import Chat

ASKED = "请您拿主意"
LUNCH = "明天中午给我妈订一份午餐"


@pytest.fixture
def daughter(work: Work, seeded: Seeded) -> Chat:
    return Chat(work, daughter=seeded.li_guilan)


@pytest.fixture
def willing(daughter: Chat) -> Chat:
    """She has agreed."""
    stumble(daughter)
    daughter.says("谢谢", "thanks")
    daughter.says("同意")
    return daughter


def stumble(chat: Chat, text: str = "乌拉乌拉") -> str:
    """Say something nobody understands."""
    return chat.says(text, "out_of_scope", confidence=0.1)


def kept(chat: Chat) -> list[Misunderstanding]:
    """What was kept of everyone, in order."""
    rows = select(Misunderstanding).order_by(Misunderstanding.id)
    return list(chat.work.session.scalars(rows.execution_options(populate_existing=True)))


def consents(chat: Chat) -> list[Consent]:
    mine = Consent.account_id == chat.account.id
    return list(chat.work.session.scalars(select(Consent).where(mine).order_by(Consent.id)))


# ------------------------------------------------------------------ asking


def test_she_is_asked_when_a_misunderstanding_is_sorted_out(daughter: Chat) -> None:
    assert ASKED not in stumble(daughter, "我要那个啥")
    assert ASKED not in daughter.says(LUNCH, "order_meal")
    said = daughter.says("好")
    assert "订好了" in said
    assert ASKED in said
    assert daughter.choices == ("同意", "不同意")
    (asked,) = consents(daughter)
    assert (asked.kind, asked.text_version, asked.asked_through) == ("learning", "1", "wechat")
    assert (asked.given_at, asked.refused_at) == (None, None)


def test_or_when_she_says_thank_you(daughter: Chat) -> None:
    stumble(daughter)
    assert ASKED not in daughter.says("你好", "greet")
    assert ASKED in daughter.says("谢谢", "thanks")


def test_who_was_never_misunderstood_is_never_asked(daughter: Chat) -> None:
    daughter.says(LUNCH, "order_meal")
    assert ASKED not in daughter.says("好")
    assert ASKED not in daughter.says("谢谢", "thanks")


def test_once_and_never_again(daughter: Chat) -> None:
    stumble(daughter)
    daughter.says("谢谢", "thanks")
    daughter.says("你好", "greet")  # goes on without an answer: that is one, too
    stumble(daughter)
    assert ASKED not in daughter.says("谢谢", "thanks")
    assert not kept(daughter)
    assert len(consents(daughter)) == 1


def test_nobody_is_asked_with_a_question_open(daughter: Chat) -> None:
    stumble(daughter)
    daughter.says(LUNCH, "order_meal")
    assert ASKED not in daughter.says("谢谢", "thanks")


def test_nobody_is_asked_in_an_emergency(daughter: Chat) -> None:
    stumble(daughter)
    assert ASKED not in daughter.says("救命,我妈摔倒了起不来")
    assert ASKED not in daughter.says("谢谢", "thanks")


def test_nobody_is_asked_who_had_to_be_handed_over(daughter: Chat) -> None:
    stumble(daughter)
    assert "请同事来帮您" in stumble(daughter, "咕噜咕噜")
    assert ASKED not in daughter.says("谢谢", "thanks")


def test_strangers_workers_and_people_on_duty_are_not_asked(work: Work, seeded: Seeded) -> None:
    stranger = Chat(work, "赵军")
    worker = Chat(work, "陈敏", daughter=seeded.li_guilan)
    worker.account.worker_id = seeded.chen_min
    agent = Chat(work, "小吴", daughter=seeded.li_guilan)
    agent.account = Cast(work).duty("小吴")
    for chat in (stranger, worker, agent):
        stumble(chat)
        assert ASKED not in chat.says("谢谢", "thanks"), chat.account.name


def test_the_wording_and_its_version_go_together() -> None:
    """Whoever changes the words of the consent raises TEXT_VERSION and puts both here."""
    words = yaml.safe_load((FOLDER / "learning.yaml").read_text("utf-8"))["learning.ask"]["text"]
    digest = hashlib.sha256(words.encode()).hexdigest()[:12]
    assert {"1": "08e23f042728"}[TEXT_VERSION] == digest


# ------------------------------------------------------------------ answering


def test_agreeing(daughter: Chat) -> None:
    stumble(daughter)
    daughter.says("谢谢", "thanks")
    assert "谢谢您" in daughter.says("同意")
    (given,) = consents(daughter)
    assert given.given_at == daughter.work.now
    # What went wrong before she agreed is not kept.
    assert not kept(daughter)


def test_a_mere_yes_is_asked_once_more_for_consent_needs_its_own_words(daughter: Chat) -> None:
    stumble(daughter)
    daughter.says("谢谢", "thanks")
    assert "您是同意" in daughter.says("好的")
    assert consents(daughter)[0].given_at is None
    daughter.says("同意")
    assert consents(daughter)[0].given_at is not None


def test_agreeing_on_the_page_holds_in_the_chat(daughter: Chat) -> None:
    stumble(daughter)
    assert kept(daughter) == []
    assert may_agree(daughter.work, daughter.account)
    agree(daughter.work, daughter.account.id)
    assert not may_agree(daughter.work, daughter.account)
    stumble(daughter, "那个那个怎么弄")
    assert [one.text for one in kept(daughter)] == ["那个那个怎么弄"]
    assert ASKED not in daughter.says("谢谢", "thanks")


@pytest.mark.parametrize("words", ["不同意", "不用了", "不要"])
def test_refusing_costs_nothing(daughter: Chat, words: str) -> None:
    stumble(daughter)
    daughter.says("谢谢", "thanks")
    assert "照样" in daughter.says(words)
    assert consents(daughter)[0].refused_at == daughter.work.now
    stumble(daughter)
    assert not kept(daughter)
    assert "我念一遍" in daughter.says(LUNCH, "order_meal")


def test_a_yes_to_something_else_is_no_consent(daughter: Chat) -> None:
    stumble(daughter)
    daughter.says("谢谢", "thanks")
    daughter.says(LUNCH, "order_meal")
    assert "订好了" in daughter.says("同意")
    assert consents(daughter)[0].given_at is None


def test_a_figure_is_no_consent(daughter: Chat) -> None:
    stumble(daughter)
    daughter.says("谢谢", "thanks")
    daughter.says("1")
    assert consents(daughter)[0].given_at is None


def test_who_comes_by_themselves_hears_the_whole_wording_first(daughter: Chat) -> None:
    assert ASKED in daughter.says("你们可以收集我的话", "chitchat")
    daughter.says("同意")
    assert consents(daughter)[0].given_at is not None
    assert "同意过了" in daughter.says("我同意收集我的话", "chitchat")


# ------------------------------------------------------------------ keeping


def test_a_sentence_nobody_understood_is_kept_masked(willing: Chat) -> None:
    stumble(willing, "李桂兰那个呃打13800138000就那个")
    (row,) = kept(willing)
    assert row.text == "{name}那个呃打{phone}就那个"
    assert (row.why, row.intent, row.confidence) == (WhyKept.MISSED, "out_of_scope", 0.1)
    assert (row.channel, row.expected, row.said_at) == ("wechat", "", willing.work.now)
    assert row.label is None


def test_it_tells_nobody_who_spoke(willing: Chat) -> None:
    stumble(willing)
    (row,) = kept(willing)
    columns = set(Misunderstanding.__table__.columns.keys())
    assert not {"account_id", "elder_id"} & columns
    for value in (row.text, row.message_key, row.expected):
        assert willing.account.identifier not in value


def test_the_names_of_all_who_are_around_the_elder_are_masked(
    willing: Chat, work: Work, seeded: Seeded
) -> None:
    work.session.add(
        Contact(elder_id=seeded.li_guilan, name="区小妹", relation="邻居", phone="13900139000")
    )
    work.session.flush()
    Chat(work, "欧阳修远", son=seeded.li_guilan)
    stumble(willing, "区小妹和欧阳修远还有王芳那个那个")
    assert kept(willing)[0].text == "{name}和{name}还有{name}那个那个"


def test_what_the_conversation_waited_for_is_kept_with_it(willing: Chat) -> None:
    willing.says("给我妈订一份午餐", "order_meal")
    stumble(willing, "就是那个日子呀")
    assert kept(willing)[0].expected == "order:date"


def test_a_second_miss_brings_a_human_and_says_so(willing: Chat) -> None:
    stumble(willing)
    stumble(willing, "咕噜咕噜")
    assert [row.why for row in kept(willing)] == [WhyKept.MISSED, WhyKept.HANDED_OVER]


def test_what_was_acted_on_with_doubt_is_kept(willing: Chat) -> None:
    willing.says("有什么吃的呀", "query_menu", confidence=0.4)
    willing.says("明天有什么菜", "query_menu", confidence=0.9)
    (row,) = kept(willing)
    assert (row.why, row.intent, row.text) == (WhyKept.UNSURE, "query_menu", "有什么吃的呀")


def test_a_correction_keeps_the_sentence_before(willing: Chat) -> None:
    willing.says("我妈那个饭怎么算的", "query_price")
    said = willing.says("不是这个意思", "out_of_scope", confidence=0.2)
    assert "理解错了" in said
    (row,) = kept(willing)
    assert (row.why, row.intent) == (WhyKept.CORRECTED, "query_price")
    assert row.text == "我妈那个饭怎么算的"


def test_a_correction_says_more_than_a_doubt(willing: Chat) -> None:
    willing.says("有什么吃的呀", "query_menu", confidence=0.4)
    willing.says("你理解错了,查一下订单", "query_order")
    (row,) = kept(willing)
    assert (row.why, row.text) == (WhyKept.CORRECTED, "有什么吃的呀")


def test_two_corrections_in_a_row_still_bring_a_human(willing: Chat) -> None:
    willing.says("我妈那个饭怎么算的", "query_price")
    willing.says("不是这个意思", "out_of_scope", confidence=0.2)
    assert "请同事来帮您" in willing.says("不是这个意思", "out_of_scope", confidence=0.2)


def test_an_alarm_that_was_none_is_kept(willing: Chat) -> None:
    willing.says("头晕得厉害", "health_consult")
    willing.says("不用", "deny")
    (row,) = kept(willing)
    assert (row.why, row.text) == (WhyKept.FALSE_ALARM, "头晕得厉害")


def test_an_alarm_that_was_one_is_not(willing: Chat) -> None:
    willing.says("头晕得厉害", "health_consult")
    willing.says("要", "affirm")
    willing.says("救命,我妈摔倒了起不来")
    assert not kept(willing)


def test_what_else_a_recogniser_heard_is_kept_masked_too(willing: Chat) -> None:
    heard = (Alternative("乌拉李桂兰"), Alternative("乌拉李贵兰3721"))
    nothing = Understanding("乌拉李桂兰", "out_of_scope", 0.1)
    respond(
        willing.work, willing.account, Utterance("v1", "voice", heard[0].text, nothing, heard=heard)
    )
    (row,) = kept(willing)
    assert (row.channel, row.text) == ("voice", "乌拉{name}")
    assert row.alternatives == ["乌拉{name}{code}"]


def test_the_same_message_twice_is_kept_once(willing: Chat) -> None:
    for _ in range(2):
        willing.says("乌拉乌拉", "out_of_scope", confidence=0.1, source_id="same")
        willing.says("你好", "greet")
    assert len(kept(willing)) == 1


@pytest.mark.parametrize("text", ["", "😀😀", "hello I want lunch please", "我跟你说啊" * 100])
def test_what_nobody_could_label_is_not_kept(willing: Chat, text: str) -> None:
    stumble(willing, text)
    assert not kept(willing)


def test_what_was_understood_is_not_kept(willing: Chat) -> None:
    willing.says(LUNCH, "order_meal")
    willing.says("好")
    willing.says("谢谢", "thanks")
    assert not kept(willing)


def test_without_consent_nothing_is_remembered_either(daughter: Chat) -> None:
    stumble(daughter, "那个13800138000")
    assert not kept(daughter)
    assert daughter.state.learning.last_said is None


# ------------------------------------------------------------------ taking back


@pytest.mark.parametrize("words", [
    "不要再收集我的话", "你们别再收集我的话了", "我不同意收集了", "撤回同意", "把我的话删掉",
    "别留我的话",
])  # fmt: skip
def test_one_sentence_stops_it_and_deletes(willing: Chat, words: str) -> None:
    stumble(willing)
    assert "1句已经删掉" in willing.says(words, "chitchat")
    assert not kept(willing)
    (consent,) = consents(willing)
    assert (consent.withdrawn_at, consent.withdrawn_through) == (willing.work.now, "wechat")
    stumble(willing)
    assert not kept(willing)
    assert willing.state.learning.last_said is None


def test_it_stops_in_mid_order_and_the_order_goes_on(willing: Chat) -> None:
    willing.says(LUNCH, "order_meal")
    assert "不留您的话了" in willing.says("不要再收集我的话", "chitchat")
    assert "订好了" in willing.says("下单", "affirm")


def test_a_consent_taken_back_elsewhere_counts_here(willing: Chat) -> None:
    consents(willing)[0].withdrawn_at = willing.work.now
    willing.work.session.flush()
    stumble(willing)
    assert not kept(willing)


def test_another_persons_sentences_stay(willing: Chat, work: Work, seeded: Seeded) -> None:
    son = Chat(work, "王强", son=seeded.li_guilan)
    son.says("你们可以收集我的话", "chitchat")
    son.says("同意")
    stumble(son, "咕噜咕噜")
    stumble(willing)
    willing.says("不要再收集我的话", "chitchat")
    assert [row.text for row in kept(son)] == ["咕噜咕噜"]


def test_who_never_agreed_is_reassured(daughter: Chat) -> None:
    assert "没有留" in daughter.says("不要收集我的话", "chitchat")
    assert "没有留" in daughter.says("你们留了我什么", "chitchat")


def test_she_is_shown_what_is_kept(willing: Chat) -> None:
    stumble(willing, "李桂兰那个那个")
    said = willing.says("你们留了我什么", "chitchat")
    assert "某某那个那个" in said
    assert "1句" in said
    assert "不要再收集我的话" in said
    willing.says("不要再收集我的话", "chitchat")
    assert "没有留" in willing.says("你们留了我什么", "chitchat")


def test_agreeing_again_later_is_a_consent_of_its_own(willing: Chat) -> None:
    willing.says("不要再收集我的话", "chitchat")
    assert ASKED in willing.says("可以收集我的话", "chitchat")
    willing.says("同意")
    first, second = consents(willing)
    assert first.withdrawn_at is not None
    assert second.withdrawn_at is None
    stumble(willing)
    assert kept(willing)[0].consent_id == second.id


def test_an_ordinary_sentence_is_not_taken_for_a_withdrawal(willing: Chat) -> None:
    for words in ("别收集餐具了", "把我的订单删掉", "不要留饭了"):
        willing.says(words, "chitchat")
    assert consents(willing)[0].withdrawn_at is None
