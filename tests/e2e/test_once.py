"""WeChat delivers everything three times, to whichever web process; each message counts once."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Account, Message, Notice, Order, OrderLine
from backend.domain.orders import OrderState
from backend.services.ledger import is_balanced
from backend.services.unit_of_work import unit_of_work
from tests.e2e.conftest import StageMaker
from tests.e2e.people import families
from tests.standin.wechat.phone import Phone

FAMILIES = 100
WORDS = ("明天中午给老人订一份午餐", "要两份", "好的")


def test_300_messages_three_times_each_have_300_effects(set_up: StageMaker, big_town: str) -> None:
    with set_up(webs=2, database_url=big_town) as (stage, sessions):
        phones = families(stage, sessions, FAMILIES)

        def talk(phone: Phone) -> list[int]:
            return [len(phone.say(words, copies=3).tries) for words in WORDS]

        with ThreadPoolExecutor(12) as crowd:
            copies = list(crowd.map(talk, phones))
        assert sum(map(sum, copies)) >= FAMILIES * len(WORDS) * 3
        for phone in phones:
            phone.wait_for(lambda message: "订好" in message.text)
        with unit_of_work(sessions) as work:
            session = work.session
            assert session.scalar(select(func.count(Message.id))) == FAMILIES * len(WORDS)
            assert session.scalar(select(func.count(Order.id))) == FAMILIES
            portions = select(OrderLine.quantity).where(OrderLine.code == "meal.lunch")
            assert set(session.scalars(portions)) == {2}
            assert is_balanced(work)
        news = wait_for_news(sessions)
        for phone in phones:
            shown = [m for m in phone.inbox() if m.via in ("reply", "customer", "template")]
            assert len(shown) == len(WORDS) + news[phone.openid], [m.text for m in shown]
            assert len([m for m in shown if "订好" in m.text]) == 1


def wait_for_news(sessions: sessionmaker[Session]) -> Counter[str]:
    """How many notices each phone was sent, once nothing is on its way any more: answers that
    were too late for their connection are pushed."""
    for _ in range(120):
        with sessions() as session:
            waiting = select(func.count(Notice.id)).where(Notice.state == "pending")
            searching = select(func.count(Order.id)).where(Order.state == OrderState.PLACED)
            unsent = select(func.count(Message.id)).where(Message.sent_at.is_(None))
            if not any(session.scalar(count) for count in (waiting, searching, unsent)):
                sent = select(Account.identifier).join(Notice).where(Notice.state == "sent")
                return Counter(session.scalars(sent))
        time.sleep(0.5)
    raise AssertionError("answers or notices are still on their way")
