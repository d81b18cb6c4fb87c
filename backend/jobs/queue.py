"""Put work off, in the same transaction as the change that causes it.

Only names and arguments here; `backend.jobs.tasks` says what each job does. Rows in our own
tables stay the truth: a sweep (`backend.jobs.sweeps`) finds whatever a lost job would have done.
"""

from datetime import datetime
from typing import Any

from procrastinate import SyncPsycopgConnector
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from sqlalchemy.orm import Session

from backend import clock

URGENT = 10
"""Priority of what saves lives; everything else is 0."""

_manager = JobManager(SyncPsycopgConnector())  # never opened: every call brings its connection


def enqueue(
    session: Session, task: str, at: datetime | None = None, priority: int = 0, **args: Any
) -> None:
    """Run the task named `task` with `args` after the session's transaction has committed.

    `at` (aware) puts it off further.
    """
    connection = session.connection().connection.driver_connection
    job = Job(
        id=None,
        queue="default",
        lock=None,
        queueing_lock=None,
        task_name=task,
        task_kwargs=args,
        scheduled_at=clock.real(at) if at is not None else None,
        priority=priority,
    )
    _manager.defer_job(job, connection=connection)


def deferred(task: str, **columns: str) -> str:
    """SQL that does what `enqueue` does, for a statement that must not cost another round trip.

    `columns` are SQL expressions for the task's arguments; they and `task` are code, never what
    people wrote.
    """
    arguments = ", ".join(f"'{name}', {column}" for name, column in columns.items())
    return (
        "procrastinate_defer_jobs_v1(ARRAY[ROW('default', "
        f"'{task}', 0, NULL, NULL, jsonb_build_object({arguments}), NULL"
        ")::procrastinate_job_to_defer_v1])"
    )
