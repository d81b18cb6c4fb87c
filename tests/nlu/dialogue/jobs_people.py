"""People with a telephone in their hand, for the stories of workers and of those on duty."""

from datetime import date, datetime, time
from itertools import count
from zoneinfo import ZoneInfo

from sqlalchemy import select

from backend.db.models import Account, Duty, Link, Notice, Order, Worker
from backend.domain.matching import Place
from backend.services.dispatch_order import dispatch_order
from backend.services.place_order import place_order
from backend.services.quote_order import OrderRequest
from backend.services.work import Work, actor_of
from nlu.dialogue.duty import respond_duty
from nlu.dialogue.jobs import respond_worker
from nlu.dialogue.state import DialogueState, dump_state, load_state
from nlu.dialogue.turns import Turn, Utterance
from nlu.prompts import render_notice
from nlu.understanding import ServiceWish, Understanding

SHANGHAI = ZoneInfo("Asia/Shanghai")
THURSDAY = date(2026, 3, 5)

YES = {"好的", "好", "行", "可以", "是", "是的", "嗯"}
NO = {"不", "不要", "不用了", "不行"}
_numbers = count(1)


def at(clock: str, day: date = THURSDAY) -> datetime:
    """A local time, e.g. at("10:00")."""
    return datetime.combine(day, time.fromisoformat(clock), SHANGHAI)


def understood(text: str, intent: str | None = None, **values: object) -> Understanding:
    """What reaches the dialogue: yes and no by rule; else a classifier that is not sure."""
    if intent is not None:
        return Understanding(text=text, intent=intent, confidence=0.95, **values)  # type: ignore[arg-type]
    if text in YES or text in NO:
        intent = "affirm" if text in YES else "deny"
        return Understanding(text=text, intent=intent, confidence=1.0, source="rule")
    return Understanding(text=text, intent="out_of_scope", confidence=0.2, **values)  # type: ignore[arg-type]


class Phone:
    """Somebody's WeChat: an account, its conversation, and the clock of the moment."""

    def __init__(self, work: Work, name: str, worker_id: int | None = None) -> None:
        self.account = Account(
            channel="wechat", identifier=f"phone-{next(_numbers)}", name=name, worker_id=worker_id
        )
        work.session.add(self.account)
        work.session.flush()
        self.work = Work(work.session, actor_of(self.account), work.now)
        self.stored = dump_state(DialogueState())
        self.turn: Turn | None = None

    @property
    def clock(self) -> datetime:
        """What the clock shows."""
        return self.work.now

    @clock.setter
    def clock(self, now: datetime) -> None:
        self.work.now = now.astimezone(ZoneInfo("UTC"))

    def follows(self, elder_id: int, relation: str = "daughter") -> "Phone":
        """Bind this account to an elder."""
        link = Link(account_id=self.account.id, elder_id=elder_id, relation=relation)
        self.work.session.add(link)
        self.work.session.flush()
        return self

    def on_duty(self, role: str = "agent") -> "Phone":
        """Put this account on duty for the whole city."""
        duty = Duty(account_id=self.account.id, role=role, starts_at=self.work.now)
        self.work.session.add(duty)
        self.work.session.flush()
        return self

    def says(
        self,
        text: str,
        intent: str | None = None,
        place: Place | None = None,
        event: str | None = None,
        duty: bool = False,
        **values: object,
    ) -> str:
        """Say something; what comes back, or an empty string when it is left to others.

        The state goes through JSON in between, as it does in the database.
        """
        utterance = Utterance(
            source_id=f"m{next(_numbers)}",
            channel="wechat",
            text=text,
            understanding=understood(text, intent, **values),
            place=place,
            event=event,
        )
        state = load_state(self.stored)
        if duty:
            self.turn = respond_duty(self.work, self.account, utterance, state)
        else:
            worker = self.work.session.get_one(Worker, self.account.worker_id)
            self.turn = respond_worker(self.work, self.account, worker, utterance, state)
        if self.turn is not None:
            state.remember(self.turn.replies, self.work.now)
        self.stored = dump_state(state)
        return "\n".join(reply.text for reply in self.turn.replies) if self.turn else ""

    @property
    def done(self) -> list[str]:
        """The use cases carried out in the last turn."""
        return [command.name for command in self.turn.commands] if self.turn else []

    def told(self, kind: str | None = None) -> list[str]:
        """What notices this phone has been sent, as they read."""
        query = select(Notice).where(Notice.account_id == self.account.id).order_by(Notice.id)
        return [
            render_notice(notice.kind, notice.data).text
            for notice in self.work.session.scalars(query)
            if kind is None or notice.kind == kind
        ]


def ordered(
    work: Work,
    elder_id: int,
    code: str,
    start: str,
    end: str,
    *,
    offer: bool = True,
    **wishes: object,
) -> Order:
    """The house itself orders for an elder on Thursday, and the best worker is asked."""
    request = OrderRequest(
        elder_id=elder_id,
        code=code,
        window_start=at(start),
        window_end=at(end),
        **wishes,  # type: ignore[arg-type]
    )
    order = place_order(work, request, f"order-{next(_numbers)}")
    if offer:
        dispatch_order(work, order.id)
    work.session.flush()
    return order


def lunch(code: str = "meal.lunch") -> tuple[ServiceWish, ...]:
    """The services of a sentence about a meal."""
    return (ServiceWish(code),)
