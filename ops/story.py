"""The story of the demo: one sentence of 王芳's becomes two finished, rated, paid visits; then her
mother rings and orders a third.

Every step is done on a phone and waits for what the people must see; what the database must
then hold is asserted. Nothing here reaches into a process: only sockets and, to look, SQL.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from rich.console import Console
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.db.models import Incident, LedgerEntry, Notice, Offer, Order, Review
from backend.domain.orders import OrderState
from backend.seed.duty import OnDuty, put_on_duty
from backend.seed.town import Seeded
from backend.services.bind import make_family_code, make_worker_code
from backend.services.ledger import is_balanced
from backend.services.lookup import Balance, balance
from backend.services.unit_of_work import unit_of_work
from backend.settings import TIMEZONE
from ops.phone_scene import PhoneScene
from ops.stage import Stage
from ops.transcript import Transcript
from tests.standin.wechat.phone import Message, Phone

PATIENCE_S = 20.0


def words_of(message: Message) -> str:
    """What a message shows, chat or template."""
    return message.text or " ".join(message.data.values())


class Story:
    """王芳, her mother 李桂兰, a canteen, two nurses and the people on duty."""

    def __init__(
        self,
        stage: Stage,
        sessions: sessionmaker[Session],
        seeded: Seeded,
        transcript: Transcript,
        telephone: PhoneScene,
    ) -> None:
        self.stage, self.sessions, self.seeded, self.transcript = (
            stage, sessions, seeded, transcript,
        )  # fmt: skip
        self.telephone = telephone
        self.daughter = stage.phone("王芳")
        self.first_rider = stage.phone("梁志强")
        self.second_rider = stage.phone("何秀英")
        self.nurse = stage.phone("陈敏")
        self.agent = stage.phone("值班员小林")
        self.day = (clock.now() + timedelta(days=2)).astimezone(TIMEZONE).date()
        self.month = f"{self.day:%Y-%m}"
        self.before: Balance | None = None
        self.after: Balance | None = None

    def play(self, console: Console) -> None:
        """All steps in order, a progress line each."""
        steps: list[tuple[str, Callable[[], None]]] = [
            ("The workers scan their providers' QR codes; an agent is on duty", self.staff),
            ("王芳 binds to her mother with the code that the agent gave", self.bind),
            ("One sentence: lunch and a dressing; she corrects the day; price; yes", self.order),
            ("One canteen worker declines, the next accepts; the nurse accepts", self.dispatch),
            ("A fall is reported in the middle of another order", self.fall),
            ("The day has come: the lunch is brought, checked in with the code", self.lunch),
            ("The nurse runs late, arrives (checked in by place), finishes", self.dressing),
            ("王芳 rates both", self.rate),
            ("The ledger", self.ledger),
            ("Her mother rings: lunch, by telephone, in her own words", self.call),
        ]
        for number, (title, step) in enumerate(steps, start=1):
            began = time.monotonic()
            console.print(f"[bold yellow][{number}/{len(steps)}] {title}[/]")
            step()
            self.transcript.look()
            console.print(f"  [dim]{time.monotonic() - began:.1f} s[/]\n")

    # -- the steps ---------------------------------------------------------------------------

    def staff(self) -> None:
        seeded = self.seeded
        with unit_of_work(self.sessions) as work:
            put_on_duty(work.session, work.now, [OnDuty("wechat", self.agent.openid, "值班员小林")])
            codes = [
                (self.first_rider, make_worker_code(work, seeded.liang_zhiqiang)),
                (self.second_rider, make_worker_code(work, seeded.he_xiuying)),
                (self.nurse, make_worker_code(work, seeded.chen_min)),
            ]
        for phone, code in codes:
            answer = phone.scan(code).reply
            assert answer and phone.name in answer, answer
        self.agent.say("你好")  # opens WeChat's 48 hours

    def bind(self) -> None:
        with unit_of_work(self.sessions) as work:
            code = make_family_code(work, self.seeded.li_guilan, "daughter")
            self.before = balance(work, self.seeded.li_guilan, self.month)
        self.daughter.follow()
        answer = self.daughter.say(code).reply
        assert answer and "李桂兰" in answer, answer

    def order(self) -> None:
        say = self._say
        say(self.daughter, "明天中午给我妈订一份午餐,要软一点,下午再约护士上门换药", "李桂兰")
        say(self.daughter, "不是明天,是后天", "自付")
        say(self.daughter, "好的", "订好")
        orders = self._orders()
        assert [o.code for o in orders] == ["meal.lunch", "nursing.wound"], orders
        assert {o.service_day for o in orders} == {self.day}
        assert orders[0].diet and "soft" in orders[0].diet

    def dispatch(self) -> None:
        self._wait_push(self.first_rider, "午餐")
        self._say(self.first_rider, "不接,家里有事")
        self._wait_push(self.second_rider, "午餐")
        self._say(self.second_rider, "接单", "李桂兰")
        self._wait_push(self.nurse, "伤口")
        self._say(self.nurse, "接", "李桂兰")
        self._wait_push(self.daughter, "何秀英")
        self._wait_push(self.daughter, "陈敏")
        assert [o.state for o in self._orders()] == [OrderState.ACCEPTED] * 2

    def fall(self) -> None:
        self._say(self.daughter, "大后天再给我妈订个晚饭")
        self._say(self.daughter, "我妈刚打电话说她摔倒了起不来", "120")
        self._wait_push(self.agent, "摔倒")
        self._say(self.agent, "收到")
        self._wait_push(self.daughter, "有人处理")
        self._say(self.agent, "已处理,邻居扶起来了,老人没事")
        self._say(self.daughter, "晚饭先算了", "不订了")
        with self.sessions() as session:
            incident = session.scalars(select(Incident)).one()
            assert incident.acknowledged_at and incident.resolved_at, incident.state

    def lunch(self) -> None:
        order = self._orders()[0]
        self.stage.jump_to(order.window_start)
        self._say(self.second_rider, "出发了")
        self._say(self.second_rider, f"到了 {order.visit_code}")
        self._say(self.second_rider, "送到了,老人家在吃了,完成")
        self._wait_push(self.daughter, "午餐做完了")
        assert self._orders()[0].state is OrderState.FINISHED

    def dressing(self) -> None:
        order = self._orders()[1]
        self.stage.jump_to(order.window_start - timedelta(minutes=20))
        self._say(self.nurse, "出发了")
        self._say(self.nurse, "要晚到20分钟")
        self._wait_push(self.daughter, "20")
        with self.sessions() as session:
            address = session.get_one(Order, order.id).address
            lat, lon = address.lat, address.lon
        assert lat is not None and lon is not None
        self.stage.jump_to(order.window_start + timedelta(minutes=20))
        self.nurse.locate(lat + 0.0004, lon)
        self.stage.jump_to(order.window_start + timedelta(minutes=55))
        self._say(self.nurse, "做完了,伤口愈合得不错")
        self._wait_push(self.daughter, "陈敏已做完")
        assert self._orders()[1].state is OrderState.FINISHED

    def rate(self) -> None:
        self._say(self.daughter, "五星,护士很细心")
        self._say(self.daughter, "午饭四星")
        with self.sessions() as session:
            stars = dict(session.execute(select(Order.code, Review.stars).join(Review)).all())
        assert stars == {"nursing.wound": 5, "meal.lunch": 4}, stars

    def ledger(self) -> None:
        with unit_of_work(self.sessions) as work:
            self.after = balance(work, self.seeded.li_guilan, self.month)
            assert is_balanced(work)
        orders = self._orders()
        assert self.before is not None
        assert self.after.reserved_fen == 0
        assert self.after.spent_fen == sum(o.subsidy_fen for o in orders)

    def call(self) -> None:
        riders = (self.first_rider, self.second_rider)
        before = self.transcript.seen
        call = self.telephone.play()
        *_, order = self._orders()
        assert (order.channel, order.code) == ("voice", "meal.lunch"), order
        assert order.placed_by_account_id == call.account_id
        day = order.window_start.astimezone(TIMEZONE)
        self.transcript.note(
            f"order {order.number} of {day:%m-%d %H:%M}: {_yuan(order)}, by {order.channel}"
        )
        rider = self._asked(riders, "午餐", before)
        self._say(rider, "接单", "李桂兰")
        assert self._orders()[-1].state is OrderState.ACCEPTED

    # -- what the steps share ----------------------------------------------------------------

    def _say(self, phone: Phone, text: str, expected: str = "") -> str:
        """Say something; the answer, which must contain `expected`."""
        answer = phone.say(text).reply
        self.transcript.look()
        assert answer and expected in answer, f"{phone.name} said {text!r}, got {answer!r}"
        return answer

    def _wait_push(self, phone: Phone, text: str) -> Message:
        """Wait for a pushed message with `text` in it, even one that came before."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            for message in phone.inbox():
                if message.via in ("customer", "template") and text in words_of(message):
                    self.transcript.look()
                    return message
            time.sleep(0.1)
        self.transcript.look()
        raise AssertionError(f"{phone.name} was never told of {text!r}")

    def _asked(self, phones: Sequence[Phone], text: str, after: int) -> Phone:
        """The one of them who is told of `text` next, later than line `after` of the transcript."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            for phone in phones:
                if any(text in words_of(message) for message in phone.inbox(after=after)):
                    self.transcript.look()
                    return phone
            time.sleep(0.1)
        raise AssertionError(f"nobody of {', '.join(p.name for p in phones)} was asked: {text}")

    def _orders(self) -> list[Order]:
        with self.sessions() as session:
            return list(session.scalars(select(Order).order_by(Order.id)))

    def figures(self) -> list[tuple[str, str]]:
        """For the summary."""
        assert self.before is not None and self.after is not None
        with self.sessions() as session:

            def count(column: Any) -> str:
                return str(session.scalar(select(func.count(column))))

            orders = self._orders()
            return [
                ("orders finished and rated", count(Review.order_id)),
                ("orders by telephone", str(sum(order.channel == "voice" for order in orders))),
                ("offers made (one declined)", count(Offer.id)),
                ("messages pushed", count(Notice.id)),
                ("incidents raised, answered, resolved", count(Incident.id)),
                ("ledger entries, balanced", count(LedgerEntry.posting_id)),
                ("lunch: total / subsidy / self-pay", _yuan(orders[0])),
                ("dressing: total / subsidy / self-pay", _yuan(orders[1])),
                (
                    f"allowance left of {self.after.month}, before → after",
                    f"{self.before.available_fen / 100:.2f} → "
                    f"{self.after.available_fen / 100:.2f} 元",
                ),
            ]


def _yuan(order: Order) -> str:
    parts = (order.total_fen, order.subsidy_fen, order.self_pay_fen)
    return " / ".join(f"{fen / 100:.2f}" for fen in parts) + " 元"
