"""Put work off, in the same transaction as the change that causes it.

Only names and arguments here; `backend.jobs.tasks` says what each job does. Rows in our own
tables stay the truth: a sweep (`backend.jobs.sweeps`) finds whatever a lost job would have done.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend import clock

URGENT = 10
"""Priority of what saves lives; everything else is 0."""

# What procrastinate itself calls; its own wrapper costs a third of placing an order, and hides a
# database that is away behind an error of its own.
_DEFER = (
    "procrastinate_defer_jobs_v1(ARRAY[ROW('default', {task}, {priority}, NULL, NULL, {args}, {at}"
    ")::procrastinate_job_to_defer_v1])"
)
_ENQUEUE = "SELECT " + _DEFER.format(
    task="%(task)s",
    priority="CAST(%(priority)s AS int)",
    args="CAST(%(args)s AS jsonb)",
    at="CAST(%(at)s AS timestamptz)",
)


def enqueue(
    session: Session, task: str, at: datetime | None = None, priority: int = 0, **args: Any
) -> None:
    """Run the task named `task` with `args` after the session's transaction has committed.

    `at` (aware) puts it off further.
    """
    due = clock.real(at) if at is not None else None
    values = {"task": task, "at": due, "priority": priority, "args": json.dumps(args)}
    session.connection().exec_driver_sql(_ENQUEUE, values)


def deferred(task: str, **columns: str) -> str:
    """SQL that does what `enqueue` does, for a statement that must not cost another round trip.

    `columns` are SQL expressions for the task's arguments; they and `task` are code, never what
    people wrote.
    """
    args = ", ".join(f"'{name}', {column}" for name, column in columns.items())
    return _DEFER.format(
        task=f"'{task}'", priority=0, args=f"jsonb_build_object({args})", at="NULL"
    )
