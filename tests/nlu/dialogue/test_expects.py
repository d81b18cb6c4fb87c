"""What the conversation asks is what the next words are listened to for."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import sessionmaker

import nlu.dialogue
from backend.db.models import Dish
from backend.domain.orders import OrderState
from backend.seed.town import Seeded
from backend.services.work import Work
from nlu.dialogue.by_ear import by_ear
from nlu.dialogue.engine import respond
from nlu.dialogue.expects import QUESTIONS, Around, expectation, expects
from nlu.dialogue.memory import Remembered
from nlu.dialogue.state import DialogueState
from nlu.dialogue.turns import Alternative
from nlu.dialogue.worker_state import JobAction, Question, WorkerState
from nlu.expected import Expected, Slot
from nlu.rasa_client import IntentGuess
from nlu.understand import Understander
from tests.nlu.dialogue.people import Chat
from tests.nlu.saying import NOW


@pytest.fixture
def fang(work: Work, seeded: Seeded) -> Chat:
    """王芳, who cares for both her parents."""
    return Chat(work, daughter=seeded.li_guilan, daughter2=seeded.wang_jianguo)


@pytest.fixture
def daughter(work: Work, seeded: Seeded) -> Chat:
    """A daughter with her mother only."""
    return Chat(work, daughter=seeded.li_guilan)


def expected(chat: Chat) -> Expected:
    return expectation(chat.work, chat.account)


def words(chat: Chat) -> set[str]:
    return {phrase.words for phrase in expected(chat).phrases}


class Inform:
    """A classifier for which everything but a dish is an answer."""

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        return IntentGuess("inform", 0.8, (("inform", 0.8),))


def hears(chat: Chat, *texts: str) -> str:
    """The channel hears these, likeliest first; returns what is answered to the choice."""
    sessions = sessionmaker(
        chat.work.session.connection(), join_transaction_mode="create_savepoint"
    )
    heard = [Alternative(text, 0.6**place) for place, text in enumerate(texts)]
    utterance = by_ear(
        sessions, Understander(Inform()), chat.account.id, heard, chat.work.now, source_id=texts[0]
    )
    assert utterance.heard == tuple(heard)
    chat.turn = respond(chat.work, chat.account, utterance)
    return "\n".join(reply.text for reply in chat.turn.replies)


def test_an_order_is_made_by_ear_from_the_day_to_the_yes(daughter: Chat) -> None:
    daughter.says("给我妈订一份午餐", "order_meal")
    assert expected(daughter).slots == {Slot.DATE}
    assert {"今天", "明天", "后天"} <= words(daughter)
    assert "明天（3月5日周四）" in hears(daughter, "名天", "明天", "明添")
    assert expected(daughter).slots == {Slot.YES_NO}
    assert "订好了" in hears(daughter, "是得", "十的")
    assert len(daughter.orders()) == 1


def test_an_order_is_not_placed_by_a_no_heard_first(daughter: Chat) -> None:
    daughter.says("明天给我妈订一份午餐", "order_meal")
    hears(daughter, "不是", "是")
    assert not daughter.orders()


def test_for_whom_lists_the_elders_as_people_call_them(fang: Chat) -> None:
    fang.says("明天中午订一份午餐", "order_meal")
    asked = expected(fang)
    assert asked.slots == {Slot.PERSON}
    assert asked.is_closed
    assert {"李桂兰", "桂兰", "李奶奶", "王建国", "王大爷"} <= words(fang)
    assert "给王建国" in hears(fang, "王见国")


def test_of_which_service_lists_the_kinds_own(daughter: Chat) -> None:
    daughter.says("我想请护士上门", "order_nursing")
    assert expected(daughter).slots == {Slot.SERVICE}
    assert "伤口换药" in words(daughter)
    assert "午餐" not in words(daughter)


def test_a_meal_is_talked_of_by_the_dishes_of_the_next_days(daughter: Chat, work: Work) -> None:
    assert not words(daughter)
    daughter.says("明天给我妈订午餐", "order_meal")
    cooked = set(work.session.scalars(select(Dish.name).where(Dish.code == "meal.lunch")))
    assert words(daughter) & cooked


def test_dishes_read_out_may_be_named_and_others_not(daughter: Chat) -> None:
    told = daughter.says("明天中午吃什么", "query_menu")
    dishes = {word for word in words(daughter) if word in told}
    assert dishes
    assert words(daughter) <= dishes | set(daughter.choices)


def test_which_of_two_orders_is_answered_by_its_place(daughter: Chat) -> None:
    for day in ("明天", "后天"):
        daughter.says(f"{day}给我妈订午餐", "order_meal")
        daughter.says("好的", "affirm")
    daughter.says("我要取消订单", "cancel_order")
    assert expected(daughter).slots == {Slot.ORDER}
    assert {"第一个", "第二个"} <= words(daughter)
    assert "第三个" not in words(daughter)
    assert "确定" in hears(daughter, "弟二个")
    assert expected(daughter).is_closed
    hears(daughter, "确定取笑")
    assert [order.state for order in daughter.orders()].count(OrderState.CANCELLED) == 1


def test_after_an_hour_of_silence_nothing_is_asked_any_more(daughter: Chat) -> None:
    daughter.says("给我妈订一份午餐", "order_meal")
    daughter.wait(hours=2)
    assert not expected(daughter).is_question


def test_someone_who_never_spoke_is_asked_nothing(work: Work) -> None:
    stranger = Chat(work)
    assert expected(stranger) == Expected()


def test_the_conversation_moved_on_while_we_listened(daughter: Chat) -> None:
    """The words were chosen as a day; what they mean is settled where the talk now stands."""
    daughter.says("给我妈订一份午餐", "order_meal")
    sessions = sessionmaker(
        daughter.work.session.connection(), join_transaction_mode="create_savepoint"
    )
    utterance = by_ear(
        sessions, Understander(Inform()), daughter.account.id, [Alternative("名天")],
        daughter.work.now, source_id="m-late",
    )  # fmt: skip
    daughter.says("算了", "deny")
    turn = respond(daughter.work, daughter.account, utterance)
    assert turn.replies
    assert not daughter.orders()


@pytest.mark.parametrize(
    ("question", "slot"),
    [
        (Question(action=JobAction.DELAY, order_id=1, at=NOW), Slot.MINUTES),
        (Question(action=JobAction.CHECK_IN, order_id=1, at=NOW), Slot.CODE),
        (Question(action=JobAction.WITHDRAW, order_id=1, at=NOW), Slot.YES_NO),
        (Question(action=JobAction.DEPART, at=NOW), Slot.ORDER),
    ],
)
def test_a_worker_is_asked_for_minutes_a_code_a_yes_or_which(
    question: Question, slot: Slot
) -> None:
    state = DialogueState(worker=WorkerState(question=question))
    asked = expects(state, NOW, Around(works=True))
    assert asked.slots == {slot}
    assert asked.by_worker
    later = NOW + timedelta(hours=2)
    assert not expects(state, later, Around(works=True)).is_question


def test_an_offer_that_waits_and_a_visit_to_rate_are_questions_too() -> None:
    offered = expects(DialogueState(), NOW, Around(works=True, offered=True))
    assert {"接", "不接"} <= {phrase.words for phrase in offered.phrases}
    assert expects(DialogueState(), NOW, Around(to_rate=True)).slots == {Slot.RATING}


def test_quick_answers_shown_last_are_listed_once() -> None:
    shown = Remembered(text="?", speech="?", choices=["今天", "明天"])
    listed = expects(DialogueState(last_replies=[shown], heard_at=NOW), NOW, Around()).phrases
    assert [phrase.words for phrase in listed] == ["今天", "明天"]


def test_every_question_that_any_task_asks_is_in_the_table() -> None:
    folder = Path(nlu.dialogue.__file__).parent
    asked = {
        name
        for file in folder.glob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r"\basked\b", line)
        for name in re.findall(r'"([a-z_]+)"', line.partition("asked")[2].partition("(")[0])
    }
    assert {"date", "confirm", "stars"} <= asked
    assert asked - {question.partition(".")[2] for question in QUESTIONS} == set()
