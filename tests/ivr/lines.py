"""A desk with people on the line: for stories told without sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar

import pytest
from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work
from ivr.desk import Answered, Desk, Ending, OpenCall, Ring
from nlu.dialogue.turns import Alternative
from nlu.errors import RasaUnavailable
from nlu.rasa_client import IntentGuess
from nlu.understand import Understander

T = TypeVar("T")
_ids = count(1)


class Guesses:
    """A classifier that knows the sentences of the stories; `away`: none at all."""

    def __init__(self) -> None:
        self.known = {
            "明天中午送一份午餐": "order_meal",
            "明天上午打扫": "order_home_help",
            "我的补贴还剩多少": "query_balance",
            "查一下订单": "query_order",
            "转人工": "transfer_agent",
            "再见": "goodbye",
        }
        self.away = False
        self.breaks = False
        self.asked: list[str] = []

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        self.asked.append(text)
        if self.away:
            raise RasaUnavailable("away")
        if self.breaks:
            raise RuntimeError("nobody foresaw this")
        intent = self.known.get(text, "inform")
        return IntentGuess(intent, 0.95, ((intent, 0.95), ("emergency", 0.001)))


@dataclass
class Line:
    """The desk, its clock and its database."""

    sessions: sessionmaker[Session]
    now: datetime
    guesses: Guesses = field(default_factory=Guesses)

    def __post_init__(self) -> None:
        self.desk = Desk(self.sessions, Understander(self.guesses))

    def wait(self, **lapse: float) -> None:
        self.now += timedelta(**lapse)

    def ring(self, number: str | None, *, alarm: str | None = None, sip_id: str = "") -> Talker:
        """Somebody rings, and is answered."""
        ring = Ring(sip_id or f"sip-{next(_ids)}", self.now, number, "96993", alarm)
        call = self.desk.open_call(ring)
        return Talker(self, ring, call)

    def do(self, act: Callable[[Work], T]) -> T:
        with unit_of_work(self.sessions) as work:
            return act(work)

    def all(self, model: type[T]) -> list[T]:
        """Every row, oldest first."""
        with self.sessions() as session:
            return list(session.scalars(select(model).order_by(*inspect(model).primary_key)))


@contextmanager
def a_line(engine: Engine, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Iterator[Line]:
    """A desk on the town's own database; all that it wrote is undone afterwards. Its clock, which
    stands until it is told to `wait`, is everybody's."""
    with engine.connect() as connection:
        connection.begin()
        line = Line(sessionmaker(connection, join_transaction_mode="create_savepoint"), now)
        monkeypatch.setattr(clock, "now", lambda: line.now)
        yield line


class Talker:
    """Somebody on the line."""

    def __init__(self, line: Line, ring: Ring, call: OpenCall) -> None:
        self.line, self.ring, self.call = line, ring, call
        self.began = line.now
        self.no = 0
        assert call.opening is not None
        self.last: Answered = call.opening

    @property
    def opening(self) -> str:
        assert self.call.opening is not None
        return "".join(self.call.opening.speech)

    def says(self, *heard: str, unheard: bool = False) -> str:
        """Say something; what the recogniser may have heard, likeliest first."""
        self.no += 1
        shares = [Alternative(text, 0.8 / 3**place) for place, text in enumerate(heard)]
        return self._taken(self.line.desk.utter(self.call, self.no, shares, unheard=unheard))

    def presses(self, keys: str) -> str:
        self.no += 1
        return self._taken(self.line.desk.utter(self.call, self.no, keys=keys))

    def _taken(self, answered: Answered) -> str:
        self.last = answered
        return "".join(answered.speech)

    def hangs_up(self) -> None:
        self.line.desk.close_call(self.call, Ending("caller", self.began))
