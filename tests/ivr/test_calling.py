"""The line rings people: each once for one thing, also when it dies in the middle of it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.db.databases import make_engine, make_sessions
from backend.db.models import Callout, Link, Notice
from backend.domain.callouts import CalloutState, Missed, Reason
from backend.seed.town import Seeded
from backend.services.callout_of_notice import call_about
from backend.services.callouts import call_out, phone_account, settle_callout
from backend.services.change_order import OrderChange, change_order
from backend.services.place_order import place_order
from backend.services.ring_callout import LEASE, Leased, settle_overdue
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work
from ivr.callbook import CallBook
from ivr.calling import Calling, Conversed
from ivr.desk import Ring
from ivr.sip.dialling import NotReached, WhyNot
from nlu.dialogue.turns import Reply
from nlu.expected import Slot
from tests.backend.people import at, lunch
from tests.conftest import NOW
from tests.docker.files import ROOT
from tests.ivr.lines import a_line

NUMBERS = tuple(f"154000090{n}" for n in range(10, 30))


class Clock:
    """The house's clock, moved by the story."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def passes(self, **lapse: float) -> None:
        self.now += timedelta(**lapse)


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Ten in the morning."""
    hours = Clock(at(10))
    monkeypatch.setattr(clock, "now", lambda: hours.now)
    return hours


@pytest.fixture
def sessions(engine: Engine) -> Iterator[sessionmaker[Session]]:
    """Real transactions; what they leave is taken away afterwards."""
    yield make_sessions(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM callouts"))
        connection.execute(text("DELETE FROM tickets"))
        connection.execute(text("DELETE FROM accounts WHERE identifier LIKE '154000090%'"))
        connection.execute(text("DELETE FROM procrastinate_jobs"))


def news(
    sessions: sessionmaker[Session], *numbers: str, why: Reason = Reason.NEWS, **data: int
) -> None:
    """Somebody is to be told something at each of these numbers."""
    with unit_of_work(sessions) as work:
        for number in numbers:
            account = phone_account(work, number)
            call_out(work, account.id, why, f"news:{number}", data=data)


def books(sessions: sessionmaker[Session]) -> list[Callout]:
    with sessions() as session:
        return list(session.scalars(select(Callout).order_by(Callout.id)))


@dataclass
class Town:
    """The telephones of the town: who answers how, who was rung, and what was heard there."""

    outcomes: dict[str, list[WhyNot | Conversed]] = field(default_factory=dict)
    rung: list[str] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)
    excuses: list[str] = field(default_factory=list)
    most_at_once: int = 0
    on: int = 0
    hold: asyncio.Event | None = None
    """While it is not set, those who answered go on talking."""
    in_call: Callable[[int], Awaitable[None]] | None = None

    async def dial(self, number: str) -> str:
        self.rung.append(number)
        await asyncio.sleep(0)
        outcome = (self.outcomes.get(number) or [Conversed(True, True)])[0]
        if isinstance(outcome, WhyNot):
            self.outcomes[number].pop(0)
            raise NotReached(outcome)
        return number

    async def converse(self, number: str, callout_id: int) -> Conversed:
        self.on += 1
        self.most_at_once = max(self.most_at_once, self.on)
        self.heard.append(callout_id)
        if self.hold is not None:
            await self.hold.wait()
        if self.in_call is not None:
            await self.in_call(callout_id)
        self.on -= 1
        planned = self.outcomes.get(number)
        outcome = planned.pop(0) if planned else Conversed(True, True)
        assert isinstance(outcome, Conversed)
        return outcome

    async def excuse(self, number: str, words: Reply) -> None:
        self.excuses.append(words.text)

    def line(self, book: Any, at_once: int = 4) -> Calling[str]:
        return Calling(
            book, self.dial, self.converse, self.excuse, at_once=at_once, look_every_s=0.02
        )


async def until(found: Callable[[], object]) -> None:
    """Let the line run until something is so."""
    async with asyncio.timeout(60):
        while not found():
            await asyncio.sleep(0.01)


async def runs(line: Calling[str], found: Callable[[], object]) -> None:
    """The line runs until something is so, then closes."""
    closing = asyncio.Event()
    running = asyncio.create_task(line.run(closing))
    try:
        await until(lambda: found() or running.done())
        closing.set()
        await asyncio.wait_for(running, 60)
    finally:
        running.cancel()


def states(sessions: sessionmaker[Session]) -> set[CalloutState]:
    return {callout.state for callout in books(sessions)}


def test_everyone_is_rung_once_and_no_more_than_a_few_at_a_time(
    sessions: sessionmaker[Session], hours: Clock
) -> None:
    news(sessions, *NUMBERS)
    town = Town()
    asyncio.run(
        runs(town.line(CallBook(sessions), 3), lambda: states(sessions) == {CalloutState.DONE})
    )
    assert sorted(town.rung) == sorted(NUMBERS)
    assert sorted(town.heard) == [callout.id for callout in books(sessions)]
    assert 1 <= town.most_at_once <= 3


@pytest.mark.parametrize(("why", "missed", "misses"), [
    (WhyNot.BUSY, Missed.BUSY, 1),
    (WhyNot.NO_ANSWER, Missed.NO_ANSWER, 1),
    (WhyNot.REFUSED, Missed.REFUSED, 1),
    (WhyNot.UNREACHABLE, Missed.UNREACHABLE, 0),
    (Conversed(heard=False, spoke=False), Missed.REFUSED, 1),
])  # fmt: skip
def test_who_was_not_reached_is_rung_again_later_and_told_once(
    sessions: sessionmaker[Session],
    hours: Clock,
    why: WhyNot | Conversed,
    missed: Missed,
    misses: int,
) -> None:
    news(sessions, NUMBERS[0])
    town = Town({NUMBERS[0]: [why]})
    line = town.line(CallBook(sessions))
    asyncio.run(runs(line, lambda: states(sessions) == {CalloutState.NO_ANSWER}))
    (callout,) = books(sessions)
    assert (callout.last_missed, callout.misses) == (missed, misses)
    assert callout.next_at > hours.now
    hours.now = callout.next_at
    asyncio.run(runs(line, lambda: states(sessions) == {CalloutState.DONE}))
    assert town.rung == [NUMBERS[0]] * 2


def test_a_number_that_is_none_is_given_up(sessions: sessionmaker[Session], hours: Clock) -> None:
    news(sessions, NUMBERS[0])
    town = Town({NUMBERS[0]: [WhyNot.NOT_A_NUMBER]})
    line = town.line(CallBook(sessions))
    asyncio.run(runs(line, lambda: states(sessions) == {CalloutState.GIVEN_UP}))
    assert town.rung == [NUMBERS[0]]


def test_with_all_lines_taken_it_waits_and_no_try_is_lost(
    sessions: sessionmaker[Session], hours: Clock
) -> None:
    news(sessions, NUMBERS[0])
    town = Town({NUMBERS[0]: [WhyNot.NO_LINE] * 3})
    line = town.line(CallBook(sessions))
    for _ in range(3):
        before = len(town.rung)

        def was_given_back(before: int = before) -> bool:
            return len(town.rung) > before and states(sessions) == {CalloutState.PENDING}

        asyncio.run(runs(line, was_given_back))
        hours.passes(minutes=1)
    asyncio.run(runs(line, lambda: states(sessions) == {CalloutState.DONE}))
    (callout,) = books(sessions)
    assert (callout.attempts, callout.misses) == (1, 0)


def test_a_line_that_closes_finishes_its_calls_and_begins_none(
    sessions: sessionmaker[Session], hours: Clock
) -> None:
    news(sessions, *NUMBERS[:5])
    town = Town()

    async def story() -> None:
        town.hold, closing = asyncio.Event(), asyncio.Event()
        running = asyncio.create_task(town.line(CallBook(sessions), 2).run(closing))
        await until(lambda: town.on == 2)
        closing.set()
        await asyncio.sleep(0.1)
        assert not running.done()
        town.hold.set()
        await asyncio.wait_for(running, 60)

    asyncio.run(story())
    found = [callout.state for callout in books(sessions)]
    assert found.count(CalloutState.DONE) == 2
    assert found.count(CalloutState.PENDING) == 3


def test_what_was_settled_while_it_rang_is_not_told(
    sessions: sessionmaker[Session], hours: Clock
) -> None:
    news(sessions, NUMBERS[0], why=Reason.JOB_OFFER, offer_id=0)

    class Gone(CallBook):
        def take(self, most: int) -> list[Leased]:
            with unit_of_work(sessions) as work:
                # No offer stands behind it: leased as if one had a moment ago.
                callout = work.session.scalars(select(Callout)).one()
                if callout.state is not CalloutState.PENDING:
                    return []
                callout.state, callout.attempts = CalloutState.RINGING, 1
                callout.lease_until = work.now + LEASE
                return [Leased(callout.id, NUMBERS[0], callout.why, 1)]

    town = Town()
    asyncio.run(runs(town.line(Gone(sessions)), lambda: states(sessions) == {CalloutState.LAPSED}))
    assert town.heard == []
    assert len(town.excuses) == 1


class Away:
    """A database that is away for a while, whichever step comes."""

    def __init__(self, book: CallBook, step: str, times: int) -> None:
        self._book, self._step, self._times = book, step, times

    def __getattr__(self, name: str) -> Any:
        def act(*given: Any, **how: Any) -> Any:
            if name == self._step and self._times > 0:
                self._times -= 1
                raise OperationalError("away", {}, Exception("away"))
            return getattr(self._book, name)(*given, **how)

        return act


def test_a_database_that_is_away_when_they_pick_up_is_told_and_tried_again(
    sessions: sessionmaker[Session], hours: Clock
) -> None:
    news(sessions, NUMBERS[0])
    town = Town()
    line = town.line(Away(CallBook(sessions), "answered", 1))
    asyncio.run(runs(line, lambda: states(sessions) == {CalloutState.NO_ANSWER}))
    assert town.heard == []
    assert "稍后" in town.excuses[0]
    hours.passes(minutes=3)
    asyncio.run(runs(line, lambda: states(sessions) == {CalloutState.DONE}))
    assert len(town.heard) == 1


@pytest.mark.parametrize("step", ["take", "told"])
def test_a_database_that_comes_back_finds_what_became_of_the_call(
    sessions: sessionmaker[Session],
    hours: Clock,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    monkeypatch.setattr("ivr.calling.RETRY_S", 0.01)
    news(sessions, NUMBERS[0])
    town = Town()
    line = town.line(Away(CallBook(sessions), step, 3))
    asyncio.run(runs(line, lambda: states(sessions) == {CalloutState.DONE}))
    assert len(town.rung) == 1


def test_a_fault_in_a_call_is_no_end_of_the_line(
    sessions: sessionmaker[Session], hours: Clock
) -> None:
    news(sessions, *NUMBERS[:3])
    town = Town()
    faults = itertools.count()

    async def fails_once(callout_id: int) -> None:
        if next(faults) == 0:
            raise RuntimeError("a fault nobody foresaw")

    town.in_call = fails_once
    wanted = {CalloutState.DONE, CalloutState.NO_ANSWER}
    asyncio.run(runs(town.line(CallBook(sessions)), lambda: states(sessions) == wanted))
    found = [callout.state for callout in books(sessions)]
    assert found.count(CalloutState.DONE) == 2


def test_a_daughter_s_change_is_confirmed_by_a_key(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, seeded: Seeded
) -> None:
    """Through the desk, as a call has it: rung, picked up, asked, answered, settled."""
    with a_line(engine, monkeypatch, NOW) as line:

        def changes(work: Work) -> None:
            account = phone_account(work, NUMBERS[0], "李桂兰")
            link = Link(account_id=account.id, elder_id=seeded.li_guilan, relation="self")
            work.session.add(link)
            order = place_order(work, lunch(seeded.li_guilan), "k1")
            change_order(work, order.id, OrderChange(quantity=2))
            for notice in work.session.scalars(select(Notice)):
                call_about(work, notice)

        line.do(changes)
        book = CallBook(line.sessions)
        (leased,) = book.take(5)
        ring = Ring("sip-out", NOW, leased.number, incoming=False)
        call = line.desk.open_call(ring)
        assert book.answered(leased)
        first = line.desk.begin_callout(call, leased.id)
        assert first.speech[0].startswith("您好，李奶奶")
        assert "午餐" in first.speech[1]
        assert first.expected.slots == {Slot.YES_NO}
        assert line.desk.begin_callout(call, leased.id) == first  # asked for twice, begun once
        assert "就照这样" in "".join(line.desk.utter(call, 1, keys="1").speech)
        (callout,) = line.all(Callout)
        assert callout.settled_at == NOW
        book.told(leased, spoke=True)
        (callout,) = line.all(Callout)
        assert callout.state is CalloutState.DONE


# ---- kill -9


class Killed(BaseException):
    """The process dies here, whatever it was about to do."""


class Dying:
    """A book whose process dies before or after one of its steps: what was committed stays."""

    def __init__(self, book: CallBook, step: str, *, after: bool) -> None:
        self._book, self._step, self._after = book, step, after
        self.dead = False

    def __getattr__(self, name: str) -> Any:
        def act(*given: Any, **how: Any) -> Any:
            if self.dead or (name == self._step and not self._after):
                self.dead = True
                raise Killed
            found = getattr(self._book, name)(*given, **how)
            if name == self._step:
                self.dead = True
                raise Killed
            return found

        return act


DEATHS = [(step, after) for step in ("take", "answered", "told") for after in (False, True)]


def dies(town: Town, dying: Dying) -> None:
    """A line runs until its process is dead."""

    async def story() -> None:
        line = town.line(dying)
        running = asyncio.create_task(line.run(asyncio.Event()))
        try:
            await until(lambda: dying.dead)
        finally:
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.gather(running, return_exceptions=True)

    with contextlib.suppress(Killed):
        asyncio.run(story())
    assert dying.dead


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize(("step", "after"), DEATHS)
def test_a_line_killed_between_any_two_steps_loses_nobody_and_settles_nothing_twice(
    sessions: sessionmaker[Session], hours: Clock, step: str, after: bool, settled: bool
) -> None:
    """`settled`: the words said in the call did what it was for, in their own transaction."""
    news(sessions, NUMBERS[0])
    town = Town()
    done: list[int] = []

    async def settles(callout_id: int) -> None:
        with unit_of_work(sessions) as work:
            settle_callout(work, callout_id)
        done.append(callout_id)

    if settled:
        town.in_call = settles
    dies(town, Dying(CallBook(sessions), step, after=after))
    first = len(town.heard)
    hours.passes(seconds=LEASE.total_seconds() + 1)
    alive = town.line(CallBook(sessions))
    found = {CalloutState.NO_ANSWER, CalloutState.DONE}
    asyncio.run(runs(alive, lambda: states(sessions) <= found))
    hours.passes(minutes=3)
    asyncio.run(runs(alive, lambda: states(sessions) == {CalloutState.DONE}))
    assert len(town.heard) >= 1
    if settled or (step, after) == ("told", True):
        assert len(town.heard) == 1  # what was done is never done again
    elif first:
        assert len(town.heard) == 2  # heard, but nobody could know: rather twice than never
    assert len(done) <= 1


LINE_PROCESS = """
import asyncio, sys
from backend.db.databases import make_engine, make_sessions
from backend.services.work import Work
from ivr.callbook import CallBook
from ivr.calling import Calling, Conversed

url, hangs = sys.argv[1:]

async def step(name):
    print(name, flush=True)
    if name == hangs:
        await asyncio.Event().wait()

async def dial(number):
    await step("dialled")
    return number

async def converse(number, callout_id):
    await step("heard")
    return Conversed(heard=True, spoke=True)

async def excuse(number, words):
    await step("excused")

line = Calling(CallBook(make_sessions(make_engine(url))), dial, converse, excuse)
asyncio.run(line.run(asyncio.Event()))
"""


@pytest.mark.parametrize("hangs", ["dialled", "heard"])
def test_a_process_killed_for_good_leaves_the_call_to_the_next(
    own_database: Callable[[], str], hangs: str
) -> None:
    url = own_database()
    engine = make_engine(url)
    sessions = make_sessions(engine)
    with unit_of_work(sessions) as work:
        account = phone_account(work, NUMBERS[0])
        # On the way and the like ring at any hour: the processes know only the real one.
        call_out(work, account.id, Reason.ALARM_NEWS, "x", data={})

    def line(hangs: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-c", LINE_PROCESS, url, hangs]
        return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def steps(process: subprocess.Popen[str], last: str) -> list[str]:
        assert process.stdout is not None
        said = [process.stdout.readline().strip()]
        while said[-1] not in (last, ""):
            said.append(process.stdout.readline().strip())
        return said

    first = line(hangs)
    try:
        assert steps(first, hangs)[-1] == hangs
    finally:
        first.kill()
        first.wait()
    with unit_of_work(sessions) as work:
        (callout,) = work.session.scalars(select(Callout)).all()
        assert callout.attempts == 1
        callout.lease_until = work.now - timedelta(seconds=1)
        work.session.flush()
        settle_overdue(work)
        callout.next_at = work.now
    second = line("never")
    try:
        assert steps(second, "heard") == ["dialled", "heard"]
        until_done = time.monotonic() + 60
        while states(sessions) != {CalloutState.DONE}:
            assert time.monotonic() < until_done
            time.sleep(0.05)
    finally:
        second.kill()
        second.wait()
        engine.dispose()
