"""It may be a call for help: one question, and silence is a yes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from backend.db.models import Incident, Notice
from backend.seed.town import Seeded
from backend.services.work import Work, actor_of
from nlu.dialogue.engine import respond, respond_by_rule, respond_silence
from nlu.dialogue.state import DoubtTask, HelpTask, OrderTask, dump_state, load_state
from nlu.dialogue.turns import Utterance
from nlu.errors import RasaUnavailable
from nlu.help import SURE_ALARM, WORTH_ASKING
from nlu.rasa_client import IntentGuess
from nlu.understand import Understander
from nlu.understanding import Understanding
from tests.nlu.dialogue.people import Chat

DOUBTFUL = "我妈手抬不起来"
"""A state that may be old or new: the rules themselves are in doubt."""


@pytest.fixture
def daughter(work: Work, seeded: Seeded) -> Chat:
    return Chat(work, daughter=seeded.li_guilan)


def incidents(work: Work) -> list[Incident]:
    return list(work.session.scalars(select(Incident).order_by(Incident.id)))


def silence(chat: Chat) -> bool:
    """Let the job run that was put off when the question was asked."""
    args, due = chat.work.session.execute(
        text(
            "SELECT args, scheduled_at FROM procrastinate_jobs "
            "WHERE task_name = 'raise_unanswered' ORDER BY id DESC LIMIT 1"
        )
    ).one()
    assert due - chat.work.now <= timedelta(seconds=60)
    chat.wait(seconds=61)
    return respond_silence(chat.work, **args)


def test_a_doubtful_cry_is_a_question_and_nobody_is_rung(daughter: Chat, work: Work) -> None:
    said = daughter.says(DOUBTFUL, "health_consult")
    assert "您是不是需要人马上来" in said
    assert daughter.choices == ("需要，马上来人", "不用，没事")
    assert incidents(work) == []
    assert isinstance(daughter.state.task, DoubtTask)


@pytest.mark.parametrize(
    "answer", ["需要,马上来人", "1", "是的", "要", "快来", "我要个人扶一下,站不起来", "好痛,快叫人"]
)
def test_any_kind_of_yes_raises_it_with_the_words_first_said(
    daughter: Chat, work: Work, seeded: Seeded, answer: str
) -> None:
    daughter.says(DOUBTFUL, "health_consult")
    assert "已经叫人了" in daughter.says(answer, "inform", 0.3)
    (incident,) = incidents(work)
    assert DOUBTFUL in incident.words
    assert incident.elder_id == seeded.li_guilan
    assert isinstance(daughter.state.task, HelpTask)


@pytest.mark.parametrize("answer", ["不用,没事", "2", "没事", "不用了", "没事没事,老毛病了"])
def test_a_no_goes_on_with_what_the_words_meant_instead(
    daughter: Chat, work: Work, answer: str
) -> None:
    daughter.says(DOUBTFUL, "health_consult")
    said = daughter.says(answer, "chitchat", 0.3)
    assert said.startswith("没事就好")
    assert "护士给您回个电话" in said
    assert incidents(work) == []


def test_silence_is_a_yes_and_the_person_is_told(daughter: Chat, work: Work) -> None:
    daughter.says(DOUBTFUL, "health_consult")
    assert silence(daughter)
    (incident,) = incidents(work)
    assert incident.words == DOUBTFUL
    assert incident.account_id == daughter.account.id
    mine = Notice.account_id == daughter.account.id
    assert work.session.scalars(select(Notice.kind).where(mine)).all() == ["help_unanswered"]
    assert isinstance(daughter.state.task, HelpTask)
    # The job may run twice (a worker died): nothing more happens.
    assert not silence(daughter)
    assert len(incidents(work)) == 1


def test_after_an_answer_silence_means_nothing(daughter: Chat, work: Work) -> None:
    daughter.says(DOUBTFUL, "health_consult")
    daughter.says("不用,没事", "deny")
    assert not silence(daughter)
    assert incidents(work) == []


def test_a_second_doubt_asks_anew_and_counts_as_help(daughter: Chat, work: Work) -> None:
    daughter.says(DOUBTFUL, "health_consult")
    assert "已经叫人了" in daughter.says("半边身子发麻", "health_consult")
    (incident,) = incidents(work)
    assert DOUBTFUL in incident.words and "发麻" in incident.words


def test_a_no_that_was_too_quick(daughter: Chat, work: Work) -> None:
    daughter.says(DOUBTFUL, "health_consult")
    daughter.says("没事", "deny")
    assert "已经叫人了" in daughter.says("不对,她倒在地上了", "inform")
    assert len(incidents(work)) == 1


def test_unclear_words_are_asked_again_while_the_clock_runs(daughter: Chat, work: Work) -> None:
    daughter.says(DOUBTFUL, "health_consult")
    assert "是不是需要人马上来" in daughter.says("那个什么", "out_of_scope", 0.2)
    assert silence(daughter)
    assert len(incidents(work)) == 1


def test_another_matter_clearly_said_is_no_silence(daughter: Chat, work: Work) -> None:
    daughter.says(DOUBTFUL, "health_consult")
    assert "晚餐" in daughter.says("明天晚上给我妈订个晚饭", "order_meal")
    assert not silence(daughter)
    assert incidents(work) == []


def test_an_order_under_way_waits_for_the_answer(daughter: Chat, work: Work) -> None:
    daughter.says("明天晚上给我妈订个晚饭", "order_meal")
    before = daughter.state.task
    assert isinstance(before, OrderTask)
    daughter.says("她胸闷", "order_meal", 0.3)
    daughter.says("没事", "deny")
    assert isinstance(daughter.state.task, OrderTask)
    assert daughter.state.task.items[0].code == before.items[0].code


def test_an_order_under_way_is_put_aside_by_a_yes(daughter: Chat, work: Work) -> None:
    daughter.says("明天晚上给我妈订个晚饭", "order_meal")
    daughter.says("她胸闷", "order_meal", 0.3)
    assert "订单先放着" in daughter.says("需要,马上来人", "affirm")
    assert isinstance(daughter.state.paused, OrderTask)


def test_a_place_sent_in_answer_is_a_yes(daughter: Chat, work: Work) -> None:
    daughter.says(DOUBTFUL, "health_consult")
    daughter.shares(23.03, 113.75)
    (incident,) = incidents(work)
    assert incident.words == DOUBTFUL and incident.place["lat"] == 23.03


def test_the_doubt_of_the_classifier_is_a_question_too(daughter: Chat, work: Work) -> None:
    assert "是不是需要人马上来" in daughter.says("家里不大对劲", "emergency", SURE_ALARM - 0.1)
    daughter.says("没事", "deny")
    assert "已经叫人了" in daughter.says("家里不大对劲", "emergency", SURE_ALARM)
    assert len(incidents(work)) == 1


def test_what_the_classifier_only_suspects_is_asked_about() -> None:
    def understood(text: str, danger: float) -> Understanding:
        ranking = (("health_consult", 1 - danger), ("emergency", danger))
        guess = IntentGuess(*ranking[0], ranking)
        script = type("Two", (), {"classify": lambda self, text, within_s: guess})
        return Understander(script()).understand(text, daytime)

    from tests.nlu.saying import NOW as daytime  # noqa: N811

    found = understood("人不大对劲", WORTH_ASKING)
    assert (found.intent, found.doubtful) == ("emergency", True)
    assert found.instead is not None and found.instead.intent == "health_consult"
    assert "doubtful" not in found.to_json() and "instead" not in found.to_json()
    assert understood("人不大对劲", WORTH_ASKING - 0.01).intent == "health_consult"
    # The guards say that it only sounds urgent.
    assert understood("昨天摔了一跤,现在没事了", 0.4).intent == "health_consult"


def test_the_question_is_asked_and_answered_with_rasa_dead(daughter: Chat, work: Work) -> None:
    class Dead:
        def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
            raise RasaUnavailable("down")

    understander = Understander(Dead())
    asked = understander.understand(DOUBTFUL, work.local_now)
    respond(work, daughter.account, Utterance("w:1", "wechat", DOUBTFUL, asked))
    unknown = Understanding("不用,没事", "out_of_scope", 0.0, source="rule")
    turn = respond_by_rule(work, daughter.account, Utterance("w:2", "wechat", "不用,没事", unknown))
    assert turn is not None and "没事就好" in turn.replies[0].text
    respond(work, daughter.account, Utterance("w:3", "wechat", DOUBTFUL, asked))
    other = Understanding("护士几点来", "out_of_scope", 0.0, source="rule")
    held = Utterance("w:4", "wechat", "护士几点来", other)
    assert respond_by_rule(work, daughter.account, held) is None
    chat_work = Work(work.session, actor_of(daughter.account), work.now + timedelta(seconds=61))
    assert respond_silence(chat_work, daughter.account.id, "w:3")
    assert [i.words for i in incidents(work)] == [DOUBTFUL]


def test_what_waits_survives_being_written_down(daughter: Chat) -> None:
    daughter.says("明天晚上给我妈订个晚饭", "order_meal")
    daughter.says("她胸闷", "order_meal", 0.3)
    state = daughter.state
    again = load_state(dump_state(state))
    assert isinstance(again.task, DoubtTask) and again == state
    assert again.task.instead == state.task.instead


def test_while_help_is_called_a_doubtful_word_goes_to_the_helpers(
    daughter: Chat, work: Work
) -> None:
    daughter.says("我妈摔倒了起不来", "emergency")
    assert "已经转给值班同事" in daughter.says("她手也抬不起来", "health_consult")
    assert len(incidents(work)) == 1
