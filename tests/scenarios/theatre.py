"""One stage for all scenarios: the same processes, and for each scenario the town as new.

Starting web and worker anew for every scenario would cost seconds each. Instead the tables are
put back, in one transaction that holds the job queue still, to what stood in them at first. Ids
and numbers go on counting, so nothing that a process still remembers can be mistaken.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Base
from backend.jobs.queue import enqueue
from ops.processes import Process
from ops.stage import Stage

PATIENCE_S = 60.0
_TABLES = [table.name for table in Base.metadata.sorted_tables]
_RUNNING = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")
_UNDER_WAY = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
    " OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()"
    # What failed to be delivered is tried again within seconds.
    " OR (scheduled_at <= now() + interval '12 s'"
    " AND task_name IN ('deliver_notice', 'answer_message', 'push_answer'))))"
)

_BRING_FORWARD = text(
    "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - :by WHERE status = 'todo'"
)


class NotQuiet(AssertionError):
    """The house is still at work after all our patience."""


class Theatre:
    """The stage, its clock, and the town's tables as they were."""

    def __init__(self, stage: Stage, engine: Engine, sessions: sessionmaker[Session]) -> None:
        self.stage, self.sessions = stage, sessions
        self._engine = engine
        self._asleep: list[Process] = []
        with engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA pristine"))
            for name in _TABLES:
                connection.execute(text(f"CREATE TABLE pristine.{name} AS TABLE public.{name}"))

    def set_up(self, now: datetime) -> None:
        """The town as new, at this moment (aware)."""
        self.wake()

        def put_back(connection: Connection) -> None:
            connection.execute(text("UPDATE procrastinate_periodic_defers SET job_id = NULL"))
            connection.execute(text("DELETE FROM procrastinate_jobs"))
            connection.execute(text(f"TRUNCATE {', '.join(_TABLES)}"))
            for name in _TABLES:
                connection.execute(text(f"INSERT INTO {name} TABLE pristine.{name}"))
            self.stage.jump_to(now)

        self._while_no_job_runs(put_back)

    def jump_to(self, moment: datetime) -> None:
        """Make it that moment, as if the time between had gone by: what was put off comes due,
        WeChat's windows close, and the sweep that would have come by comes."""
        by = moment - self.stage.now()
        if by < timedelta(0):
            raise ValueError("a story's clock goes forward only")
        httpx.post(
            f"{self.stage.standin_url}/_standin/clock",
            json={"advance_s": by.total_seconds()},
            trust_env=False,
        ).raise_for_status()

        def bring_forward(connection: Connection) -> None:
            self.stage.jump_to(moment)
            connection.execute(_BRING_FORWARD, {"by": by})
            with Session(connection) as session:
                enqueue(session, "sweep", timestamp=0)

        self._while_no_job_runs(bring_forward)

    def quiet(self) -> None:
        """Wait until no job is due or under way. Raises NotQuiet."""
        until = time.monotonic() + PATIENCE_S
        while not self.at_rest():
            if time.monotonic() > until:
                raise NotQuiet(f"still at work after {PATIENCE_S} s")
            time.sleep(0.02)

    def at_rest(self) -> bool:
        """Whether no job is due or under way, or none can be."""
        if self._asleep:
            return True
        with self._engine.connect() as connection:
            return not connection.scalar(_UNDER_WAY)

    def _while_no_job_runs(self, act: Callable[[Connection], None]) -> None:
        """Act in a transaction during which no job runs or can begin."""
        until = time.monotonic() + PATIENCE_S
        while True:
            with self._engine.begin() as connection:
                connection.execute(text("LOCK TABLE procrastinate_jobs IN ACCESS EXCLUSIVE MODE"))
                if not connection.scalar(_RUNNING):
                    act(connection)
                    return
            if time.monotonic() > until:
                raise NotQuiet("a job does not end")
            time.sleep(0.05)

    def put_to_sleep(self, name: str) -> None:
        """A process does nothing any more, until it is woken."""
        self._asleep.append(self.stage.process(name))
        self._asleep[-1].kill(signal.SIGSTOP)

    def wake(self) -> None:
        """All processes go on."""
        while self._asleep:
            self._asleep.pop().kill(signal.SIGCONT)

    def alive(self) -> None:
        """Every process still runs. Raises AssertionError."""
        for process in self.stage.house.processes:
            assert process.popen is not None and process.popen.poll() is None, (
                f"{process.name} died:\n{process.last_words()}"
            )
