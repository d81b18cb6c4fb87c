"""A worker who has no WeChat, or would rather be rung, is offered jobs by telephone."""

from backend.db.models import Account, Worker
from backend.domain.errors import DomainError
from backend.services.callouts import phone_account
from backend.services.work import Work


def take_jobs_by_phone(work: Work, worker_id: int, *, alone: bool = False) -> Account:
    """From now on the worker can be reached, and so be offered jobs, at the number in the
    provider's books; `alone`: and in WeChat no more. Safe to repeat. Raises `no_phone`,
    NotFound."""
    worker = work.get(Worker, worker_id)
    if not worker.phone:
        raise DomainError("no_phone")
    account = phone_account(work, worker.phone, worker.name, worker.id)
    worker.jobs_by = "phone" if alone else "both"
    work.audit("take_jobs_by_phone", "worker", worker.id, account_id=account.id)
    return account
