"""Processes that place orders, one after the other, as fast as they are placed."""

import multiprocessing
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.databases import make_engine, make_sessions
from backend.db.models import Assessment, Elder, ServiceItem
from backend.domain.errors import DomainError
from backend.services.place_order import place_order
from backend.services.quote_order import OrderRequest
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Actor
from backend.settings import TIMEZONE
from ops.bench.stored_orders import COPY_STEP

WARM_UP = 50
"""Orders a client places before its time is taken: pgbench needs no warming, Python does."""
WISHES = {
    "meal.lunch": 45,
    "meal.dinner": 20,
    "meal.breakfast": 10,
    "home.clean": 15,
    "nursing.wound": 10,
}
"""What is ordered, by weight."""
DAYS_AHEAD = 55


@dataclass(frozen=True)
class Placed:
    """What came of some seconds."""

    orders: int
    refused: int


class OrderClients:
    """So many processes with a connection each, idle but while `place_for` runs."""

    def __init__(self, url: str, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes: list[SpawnProcess] = []
        for _ in range(count):
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(url, random.random(), there))
            process.start()
            there.close()
            self._pipes.append(here)
            self._processes.append(process)

    def __enter__(self) -> Self:
        for pipe in self._pipes:
            pipe.recv()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join()

    def place_for(self, seconds: float) -> Placed:
        """Everyone places orders for so long. Raises EOFError when a process has died."""
        for pipe in self._pipes:
            pipe.send(seconds)
        told = [pipe.recv() for pipe in self._pipes]
        return Placed(sum(p.orders for p in told), sum(p.refused for p in told))


def _serve(url: str, seed: float, pipe: Connection) -> None:
    """One process: says when it is warm, then does what it is told until the pipe closes."""
    engine = make_engine(url)
    sessions = make_sessions(engine)
    with sessions() as session:
        wishes = Wishes(session, random.Random(seed))

    def place(key: str) -> bool:
        request = wishes.draw()
        actor = Actor(f"account:{request.elder_id}", "wechat", request.elder_id)
        try:
            with unit_of_work(sessions, actor) as work:
                place_order(work, request, key)
        except DomainError:
            return False
        return True

    for number in range(WARM_UP):
        place(f"warm:{seed}:{number}")
    pipe.send("warm")
    number = 0
    while True:
        try:
            seconds = pipe.recv()
        except EOFError:
            break
        deadline = time.perf_counter() + seconds
        placed = refused = 0
        while time.perf_counter() < deadline:
            if place(f"bench:{seed}:{number}"):
                placed += 1
            else:
                refused += 1
            number += 1
        pipe.send(Placed(placed, refused))
    engine.dispose()


class Wishes:
    """What people ask for: some service, on some day of the coming weeks."""

    def __init__(self, session: Session, dice: random.Random) -> None:
        self.dice = dice
        self.items = {i.code: i for i in session.scalars(select(ServiceItem))}
        self.today = datetime.now(TIMEZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        # The accounts of copied elders have the elder's id.
        self.elders = session.scalars(select(Elder.id).where(Elder.id > COPY_STEP)).all()
        last_day = self.today.date() + timedelta(days=DAYS_AHEAD)
        self.assessed = session.scalars(
            select(Assessment.elder_id)
            .where(Assessment.elder_id > COPY_STEP)
            .group_by(Assessment.elder_id)
            .having(func.max(Assessment.valid_until) >= last_day)
        ).all()

    def draw(self) -> OrderRequest:
        item = self.items[self.dice.choices(list(WISHES), list(WISHES.values()))[0]]
        day = self.today + timedelta(days=self.dice.randint(1, DAYS_AHEAD))
        start = day.replace(hour=item.hours_from.hour, minute=item.hours_from.minute)
        return OrderRequest(
            elder_id=self.dice.choice(self.assessed if item.needs_assessment else self.elders),
            code=item.code,
            window_start=start,
            window_end=start + timedelta(minutes=item.window_min),
        )
