"""What each job does. The worker process makes the app with everything its jobs need."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import procrastinate
import structlog
from procrastinate.builtin_tasks import remove_old_jobs
from sqlalchemy.orm import Session, sessionmaker

from backend.jobs import delivery, sweeps
from backend.services.dispatch_order import dispatch_order
from backend.services.escalate_incident import escalate_incident
from backend.services.expire_offer import expire_offer
from backend.services.greet_daily import make_greetings
from backend.services.keep_call_sound import forget_call_sounds
from backend.services.take_tap import forget_old_taps
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work

log = structlog.get_logger()

KEEP_JOBS_H = 24
RETRY = procrastinate.RetryStrategy(max_attempts=8, wait=1, exponential_wait=2)
EVERY_5_S = "* * * * * */5"
HOURLY = "7 * * * *"
EVERY_10_MIN = "*/10 * * * *"


class Inbox(Protocol):
    """What the channels do later with the messages that people sent."""

    def answer_held(self, message_id: int) -> None:
        """Answer a message that could not be answered at once."""
        ...

    def push_answer(self, message_id: int) -> None:
        """Send an answer that the quick way did not carry."""
        ...

    def raise_unanswered(self, account_id: int, source_id: str) -> None:
        """Take it for a yes that nobody answered whether somebody should come."""
        ...

    def end_lost_call(self, call_id: int) -> None:
        """End a call whose process has died; a human takes up what was left undone."""
        ...


def make_app(
    database_url: str,
    sessions: sessionmaker[Session],
    channels: Mapping[str, delivery.Channel],
    inbox: Inbox,
) -> procrastinate.App:
    """The procrastinate app with all jobs bound to these databases and channels."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database_url))

    def in_work(use_case: Callable[..., Any]) -> Callable[..., None]:
        def run(**args: Any) -> None:
            with unit_of_work(sessions) as work:
                use_case(work, **args)

        return run

    jobs: dict[str, Callable[..., None]] = {
        "deliver_notice": lambda notice_id: _deliver(sessions, channels, notice_id),
        "answer_message": inbox_job(inbox.answer_held),
        "push_answer": inbox_job(inbox.push_answer),
        "raise_unanswered": lambda account_id, source_id: inbox.raise_unanswered(
            account_id, source_id
        ),
        "end_lost_call": lambda call_id: inbox.end_lost_call(call_id),
        "dispatch_order": in_work(dispatch_order),
        "expire_offer": in_work(expire_offer),
        "escalate_incident": in_work(escalate_incident),
    }
    for name, run in jobs.items():
        app.task(name=name, retry=RETRY)(run)
    _add_periodic(app, sessions)
    return app


def inbox_job(answer: Callable[[int], None]) -> Callable[..., None]:
    """A job that answers or sends one message."""

    def run(message_id: int) -> None:
        answer(message_id)

    return run


def _deliver(
    sessions: sessionmaker[Session], channels: Mapping[str, delivery.Channel], notice_id: int
) -> None:
    delivery.deliver_notice(sessions, channels, notice_id)


def _add_periodic(app: procrastinate.App, sessions: sessionmaker[Session]) -> None:
    def every(cron: str, name: str, use_case: Callable[[Work], Any]) -> None:
        def run(timestamp: int) -> None:
            with unit_of_work(sessions) as work:
                use_case(work)

        app.periodic(cron=cron)(app.task(name=name, queueing_lock=name, pass_context=False)(run))

    every(EVERY_5_S, "sweep", sweeps.sweep)
    every(HOURLY, "turn_of_month", sweeps.turn_of_month)
    every(EVERY_10_MIN, "make_greetings", make_greetings)
    every(HOURLY, "forget_call_sounds", forget_call_sounds)
    every(HOURLY, "forget_old_taps", forget_old_taps)

    @app.periodic(cron=HOURLY)
    @app.task(name="tidy_jobs", queueing_lock="tidy_jobs", pass_context=True)
    async def tidy_jobs(context: procrastinate.JobContext, timestamp: int) -> None:
        await remove_old_jobs(context, max_hours=KEEP_JOBS_H, remove_failed=False)

    @app.periodic(cron="* * * * *")
    @app.task(name="revive_jobs", queueing_lock="revive_jobs")
    async def revive_jobs(timestamp: int) -> None:
        """Jobs whose worker died are done again."""
        for stalled in await app.job_manager.get_stalled_jobs():
            log.info("job_revived", job_id=stalled.id, task=stalled.task_name)
            await app.job_manager.retry_job(stalled)
