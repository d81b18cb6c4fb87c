"""Who asks for a human again, before one has rung, is rung once about all of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backend.db.models import Account, Duty, Notice
from backend.seed.town import Seeded
from backend.services.close_ticket import close_ticket
from backend.services.work import Work
from tests.nlu.dialogue.people import Caller, Chat

WORDS = ("叫人给我打回来", "有人给我打回来没有,叫人打给我", "还没有人打给我")


@pytest.fixture
def guilan(work: Work, seeded: Seeded) -> Chat:
    return Chat(work, "李桂兰", self=seeded.li_guilan)


def asks_about_her_health(her: Chat, words: str) -> str:
    her.says(words, "health_consult")
    return her.says("好的")


def test_two_questions_for_the_nurse_are_one_call(guilan: Chat, work: Work) -> None:
    """And whoever is on duty hears of both."""
    duty = Account(channel="wechat", identifier="on-duty")
    work.session.add(duty)
    work.session.flush()
    work.session.add(Duty(account_id=duty.id, role="agent", starts_at=work.now))
    assert "记下了" in asks_about_her_health(guilan, "我血压一百六,药要不要加量")
    assert "前面说的事记在一起" in asks_about_her_health(guilan, "我脚肿了要不要紧")
    (ticket,) = guilan.tickets()
    assert ticket.kind == "call_back"
    assert "血压一百六" in ticket.summary
    assert "脚肿" in ticket.summary
    news = work.session.scalars(select(Notice.data).where(Notice.kind == "ticket_opened")).all()
    assert [one["ticket_id"] for one in news] == [ticket.id] * 2
    assert "脚肿" in news[-1]["summary"]


def test_after_they_were_rung_a_new_wish_is_a_new_ticket(guilan: Chat, work: Work) -> None:
    asks_about_her_health(guilan, "我血压一百六,药要不要加量")
    (first,) = guilan.tickets()
    close_ticket(work, first.id, "已回电")
    assert "记下了" in asks_about_her_health(guilan, "我脚肿了要不要紧")
    assert len(guilan.tickets()) == 2


def test_a_daughters_wishes_for_her_mother_and_her_father_stay_apart(
    work: Work, seeded: Seeded
) -> None:
    fang = Chat(work, daughter=seeded.li_guilan, daughter2=seeded.wang_jianguo)
    for who in ("我爸", "我爸"):
        fang.says(f"明天上午给{who}打针", "order_nursing")
        fang.says("好的")
    (fathers,) = fang.tickets()
    assert fathers.elder_id == seeded.wang_jianguo
    mother = Chat(work, "李桂兰", self=seeded.li_guilan)
    asks_about_her_health(mother, "我脚肿了要不要紧")
    assert [one.id for one in mother.tickets()] != [fathers.id]


@pytest.mark.parametrize("kind", [Chat, Caller])
def test_who_asks_twice_to_be_rung_back_is_rung_once(
    work: Work, seeded: Seeded, kind: type[Chat]
) -> None:
    her = kind(work, "李桂兰", self=seeded.li_guilan)
    for words in WORDS:
        assert "请同事来帮您" in her.says(words, "transfer_agent")
        assert her.commands == ["open_ticket"]  # a human is brought to the call each time
        her.wait(minutes=1)
    (ticket,) = her.tickets()
    assert ticket.kind == "handover"
    assert "打给我" in ticket.summary
    assert [turn["text"] for turn in ticket.transcript["turns"]] == list(WORDS)


def test_a_call_back_and_a_handover_are_two_things(guilan: Chat) -> None:
    """One may wait half an hour, the other five minutes."""
    asks_about_her_health(guilan, "我血压一百六,药要不要加量")
    guilan.says("转人工", "transfer_agent")
    assert sorted(one.kind for one in guilan.tickets()) == ["call_back", "handover"]
