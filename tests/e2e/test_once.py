"""WeChat delivers everything three times, to whichever web process; each message counts once."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from backend.db.models import Message, Order, OrderLine
from backend.services.ledger import is_balanced
from backend.services.unit_of_work import unit_of_work
from tests.e2e.conftest import StageMaker
from tests.e2e.people import families
from tests.standin.wechat.phone import Phone

FAMILIES = 100
WORDS = ("明天中午给老人订一份午餐", "要两份", "好的")


def test_300_messages_three_times_each_have_300_effects(set_up: StageMaker) -> None:
    with set_up(webs=2) as (stage, sessions):
        phones = families(stage, sessions, FAMILIES)

        def talk(phone: Phone) -> list[int]:
            return [len(phone.say(words, copies=3).tries) for words in WORDS]

        with ThreadPoolExecutor(12) as crowd:
            copies = list(crowd.map(talk, phones))
        assert sum(map(sum, copies)) >= FAMILIES * len(WORDS) * 3
        for phone in phones:
            phone.wait_for(lambda message: "订好" in message.text, timeout=30)
        with unit_of_work(sessions) as work:
            session = work.session
            assert session.scalar(select(func.count(Message.id))) == FAMILIES * len(WORDS)
            assert session.scalar(select(func.count(Order.id))) == FAMILIES
            portions = select(OrderLine.quantity).where(OrderLine.code == "meal.lunch")
            assert set(session.scalars(portions)) == {2}
            assert is_balanced(work)
        for phone in phones:
            answers = [m for m in phone.inbox() if m.via in ("reply", "customer")]
            said = [m.text for m in answers if "接了" not in m.text and "没有人" not in m.text]
            assert len([t for t in said if "订好" in t]) == 1, said
