"""`kill -9` at twenty random moments of the story's orders: nothing lost, nothing doubled."""

import random
import signal
import time

from sqlalchemy import func, select

from backend.db.models import Account, LedgerPosting, Message, Order, OrderEvent, Review
from backend.domain.ledger import PostingKind
from backend.domain.orders import OrderState
from backend.seed.town import Seeded
from backend.services.ledger import is_balanced
from backend.services.unit_of_work import unit_of_work
from ops.stage import Stage
from tests.e2e.conftest import StageMaker
from tests.e2e.people import bind
from tests.standin.wechat.phone import Phone

KILLS = 20
FAMILIES = 4
PATIENCE_S = 60.0


class Killer:
    """Kills a random process now and then while the others go on; the house starts it again."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self._dice = random.Random(seed)
        self._victims = [p for p in stage.house.processes if p.name.startswith(("web", "worker"))]
        self.kills = 0

    def strike(self) -> None:
        """Wait a random moment of the work under way, then `kill -9` one."""
        if self.kills >= KILLS:
            return
        time.sleep(self._dice.uniform(0.0, 0.4))
        self._dice.choice(self._victims).kill(signal.SIGKILL)
        self.kills += 1


def insist(phone: Phone, text: str, killer: Killer, expected: str) -> None:
    """Say something once while processes die; wait for the answer, whichever way it comes."""
    before = len(phone.inbox())
    phone.say(text, wait=False)
    killer.strike()
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if any(expected in m.text for m in phone.inbox()[before:]):
            return
        time.sleep(0.2)
    seen = "\n".join(f"[{m.via}] {m.text}" for m in phone.inbox()[before:])
    raise AssertionError(f"{phone.name} said {text!r} and never got {expected!r}, but:\n{seen}")


def shows_it(phone: Phone, number: str) -> None:
    """Wait until the card of an order is on the phone."""
    until = time.monotonic() + PATIENCE_S
    while not any("新单" in m.text and number in m.text for m in phone.inbox()):
        assert time.monotonic() < until, f"{number} was never offered"
        time.sleep(0.2)


def test_nothing_is_lost_or_doubled(set_up: StageMaker, seeded: Seeded) -> None:
    with set_up(webs=2, workers=2, standin_options=("--retries", "3", "--retry-pause", "4")) as (
        stage,
        sessions,
    ):
        stage.house.watch()
        killer = Killer(stage, seed=20260304)
        rider = stage.phone("rider")
        bind(sessions, rider, worker_id=seeded.liang_zhiqiang)
        daughters = [stage.phone(f"daughter{n}") for n in range(FAMILIES)]
        for daughter in daughters:
            bind(sessions, daughter, elder_id=seeded.li_guilan)
        rider.say("我的任务")  # opens her 48 hours
        for daughter in daughters:
            insist(daughter, "明天中午给我妈订一份午餐", killer, "对的话说")
            insist(daughter, "好的", killer, "订好")
        with sessions() as session:
            orders = session.scalars(select(Order).order_by(Order.id)).all()
        assert len(orders) == FAMILIES
        for order in orders:
            shows_it(rider, order.number)
            insist(rider, f"接单 {order.number}", killer, "接单成功")
        with sessions() as session:
            orders = session.scalars(select(Order).order_by(Order.id)).all()
            assert {o.state for o in orders} == {OrderState.ACCEPTED}
        stage.jump_to(orders[0].window_start)
        for order in orders:
            insist(rider, f"到了 {order.visit_code}", killer, "签到好了")
            insist(rider, "完事了", killer, "辛苦了")
        for daughter in daughters:
            insist(daughter, "五星,很好", killer, "记下了")
        assert killer.kills == KILLS

        with unit_of_work(sessions) as work:
            session = work.session
            assert set(session.scalars(select(Order.state))) == {OrderState.REVIEWED}
            assert session.scalar(select(func.count(Review.order_id))) == FAMILIES
            moves = session.execute(
                select(OrderEvent.order_id, OrderEvent.move, func.count()).group_by(
                    OrderEvent.order_id, OrderEvent.move
                )
            ).all()
            once = {"place", "accept", "check_in", "check_out", "review"}
            assert all(count == 1 for _, move, count in moves if move in once), moves
            kinds = dict(
                session.execute(
                    select(LedgerPosting.kind, func.count())
                    .where(LedgerPosting.order_id.is_not(None))
                    .group_by(LedgerPosting.kind)
                ).all()
            )
            assert kinds[PostingKind.RESERVE] == kinds[PostingKind.CAPTURE] <= FAMILIES
            assert is_balanced(work)
            unanswered = select(func.count(Message.id)).where(Message.sent_at.is_(None))
            assert session.scalar(unanswered) == 0
            assert session.scalar(select(func.count(Account.id))) == FAMILIES + 1
