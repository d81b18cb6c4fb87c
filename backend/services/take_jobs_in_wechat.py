"""A worker who was rung with jobs wants them in WeChat alone, as at first."""

from backend.db.models import Worker
from backend.domain.errors import DomainError
from backend.services.notices import writes_to
from backend.services.work import Work


def take_jobs_in_wechat(work: Work, worker_id: int) -> None:
    """The worker is rung no more. Safe to repeat. Raises `no_wechat`, NotFound: somebody who
    reads nothing must be rung."""
    worker = work.get(Worker, worker_id)
    if not writes_to(work, worker_id):
        raise DomainError("no_wechat")
    worker.jobs_by = "wechat"
    work.audit("take_jobs_in_wechat", "worker", worker.id)
