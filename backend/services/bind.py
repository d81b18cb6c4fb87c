"""Bind an account to an elder or a worker by a one-time code; unbind it again."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from backend.db.models import Account, BindCode, Elder, Link, Worker
from backend.domain.errors import DomainError, NotFound
from backend.services.work import LOCK, Work

FAMILY_CODE_TTL = timedelta(days=2)
WORKER_CODE_TTL = timedelta(days=30)
"""As long as WeChat's temporary QR codes live."""
RELATIONS = frozenset(
    {
        "self",
        "daughter",
        "son",
        "spouse",
        "daughter_in_law",
        "son_in_law",
        "grandchild",
        "other",
    }
)


@dataclass(frozen=True)
class Bound:
    """What a code opened: an elder, or a worker."""

    elder: Elder | None
    worker: Worker | None
    relation: str | None


def make_family_code(work: Work, elder_id: int, relation: str | None = None) -> str:
    """Six digits that an elder or an agent gives to a family member, good for two days."""
    work.get(Elder, elder_id)
    return _make(work, FAMILY_CODE_TTL, 6, elder_id=elder_id, relation=relation)


def make_worker_code(work: Work, worker_id: int) -> str:
    """What a provider's QR for one of its workers holds."""
    work.get(Worker, worker_id)
    return _make(work, WORKER_CODE_TTL, 10, worker_id=worker_id)


def _make(work: Work, ttl: timedelta, digits: int, **target: int | str | None) -> str:
    while True:
        code = f"{secrets.randbelow(10**digits):0{digits}d}"
        if work.session.get(BindCode, code) is None:
            break
    work.session.add(BindCode(code=code, expires_at=work.now + ttl, **target))
    work.session.flush()
    work.audit("make_bind_code", "elder" if digits == 6 else "worker", _target(target))
    return code


def _target(target: dict[str, int | str | None]) -> int:
    return int(target.get("elder_id") or target.get("worker_id") or 0)


def bind_account(work: Work, account_id: int, code: str, relation: str | None = None) -> Bound:
    """Use a code. The same account may repeat it; for anyone else it is used up.

    `relation` is what the person says to be, unless the code fixes it. Raises DomainError
    `bad_code`, `expired_code`, `used_code`.
    """
    account = work.get(Account, account_id, lock=True)
    row = work.session.get(BindCode, code.strip(), with_for_update=LOCK)
    if row is None:
        raise DomainError("bad_code")
    if row.used_at is not None and row.used_by_account_id != account.id:
        raise DomainError("used_code")
    if row.used_at is None and row.expires_at <= work.now:
        raise DomainError("expired_code")
    row.used_at, row.used_by_account_id = row.used_at or work.now, account.id
    if row.worker_id is not None:
        account.worker_id = row.worker_id
        worker = work.get(Worker, row.worker_id)
        work.audit("bind_worker", "account", account.id, worker_id=worker.id)
        return Bound(None, worker, None)
    elder = work.get(Elder, row.elder_id)
    relation = row.relation or relation or "other"
    link = _live_link(work, account.id, elder.id)
    if link is None:
        link = Link(
            account_id=account.id,
            elder_id=elder.id,
            relation=relation if relation in RELATIONS else "other",
            # Health is sensitive (PIPL 28-30): only with the elder's own, separate consent.
            may_see_health=relation == "self",
        )
        work.session.add(link)
        work.session.flush()
        work.audit("bind_account", "elder", elder.id, account_id=account.id, relation=relation)
    return Bound(elder, None, link.relation)


def unbind_account(work: Work, account_id: int, elder_id: int) -> Elder:
    """End an account's link to an elder; its open orders stay. Raises NotFound."""
    link = _live_link(work, account_id, elder_id)
    if link is None:
        raise NotFound("not_found", what="Link")
    link.ended_at = work.now
    work.audit("unbind_account", "elder", elder_id, account_id=account_id)
    return work.get(Elder, elder_id)


def _live_link(work: Work, account_id: int, elder_id: int) -> Link | None:
    return work.session.scalar(
        select(Link).where(
            Link.account_id == account_id, Link.elder_id == elder_id, Link.ended_at.is_(None)
        )
    )
