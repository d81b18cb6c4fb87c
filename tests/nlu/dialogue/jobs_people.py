"""People with a telephone in their hand, for the stories of workers and of those on duty."""

from dataclasses import replace
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
from nlu.dialogue.engine import respond
from nlu.dialogue.jobs import respond_worker
from nlu.dialogue.state import DialogueState
from nlu.dialogue.turns import Turn, Utterance
from nlu.prompts import render_notice
from nlu.rasa_client import IntentGuess
from nlu.understand import Understander
from nlu.understanding import Understanding

SHANGHAI = ZoneInfo("Asia/Shanghai")
THURSDAY = date(2026, 3, 5)

_numbers = count(1)


def at(clock: str, day: date = THURSDAY) -> datetime:
    """A local time, e.g. at("10:00")."""
    return datetime.combine(day, time.fromisoformat(clock), SHANGHAI)


class Scripted:
    """A classifier that guesses what the story says; unsure where it says nothing."""

    def __init__(self) -> None:
        self.guess = UNSURE

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        return IntentGuess(*self.guess, (self.guess,))


UNSURE = ("out_of_scope", 0.2)
SCRIPT = Scripted()
UNDERSTANDER = Understander(SCRIPT)


class Phone:
    """Somebody's WeChat: an account, its conversation, and the clock of the moment."""

    def __init__(self, work: Work, name: str, worker_id: int | None = None) -> None:
        self.account = Account(
            channel="wechat", identifier=f"phone-{next(_numbers)}", name=name, worker_id=worker_id
        )
        work.session.add(self.account)
        work.session.flush()
        self.work = Work(work.session, actor_of(self.account), work.now)
        self.turn = Turn(())

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

    def says(self, text: str, intent: str | None = None) -> str:
        """Say something to the engine; what comes back. Without an intent only the rules and
        the values of the sentence speak: the classifier is unsure."""
        return self._answered(respond(self.work, self.account, self._heard(text, intent)))

    def shares(self, lat: float, lon: float) -> str:
        """Send a location."""
        utterance = replace(self._heard("", None), place=Place(lat, lon))
        return self._answered(respond(self.work, self.account, utterance))

    def presses(self, key: str) -> str:
        """Press a key of the menu."""
        utterance = replace(self._heard("", None), event=f"menu:{key}")
        return self._answered(respond(self.work, self.account, utterance))

    def leaves(self, text: str, intent: str | None = None) -> bool:
        """Whether neither the duty part nor the worker's part takes these words up."""
        utterance, state = self._heard(text, intent), DialogueState()
        session = self.work.session
        if respond_duty(self.work, self.account, utterance, state) is not None:
            return False
        if self.account.worker_id is None:
            return True
        worker = session.get_one(Worker, self.account.worker_id)
        return respond_worker(self.work, self.account, worker, utterance, state) is None

    def _heard(self, text: str, intent: str | None) -> Utterance:
        SCRIPT.guess = (intent, 0.95) if intent is not None else UNSURE
        understanding = (
            UNDERSTANDER.understand(text, self.work.local_now)
            if text
            else Understanding("", "inform", 0.0)
        )
        return Utterance(f"m{next(_numbers)}", "wechat", text, understanding)

    def _answered(self, turn: Turn) -> str:
        self.turn = turn
        return "\n".join(reply.text for reply in turn.replies)

    @property
    def done(self) -> list[str]:
        """The use cases carried out in the last turn."""
        return [command.name for command in self.turn.commands]

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
