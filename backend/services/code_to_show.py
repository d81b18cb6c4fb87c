"""The code that is shown or printed for somebody who is to bind an account: the one that still
holds, or a new one. Asked for twice, it is the same paper."""

from sqlalchemy import ColumnElement, select

from backend.db.models import BindCode, Elder, Worker
from backend.services.bind import make_family_code, make_worker_code
from backend.services.work import Work


def code_of_elder(work: Work, elder_id: int) -> BindCode | None:
    """The elder's newest code that nobody has used and that still holds; None without one."""
    return _live(work, BindCode.elder_id == elder_id)


def code_of_worker(work: Work, worker_id: int) -> BindCode | None:
    """The worker's code, as `code_of_elder`."""
    return _live(work, BindCode.worker_id == worker_id)


def show_code_of_elder(work: Work, elder_id: int) -> BindCode:
    """The elder's code, made if there is none. Raises NotFound."""
    work.get(Elder, elder_id, lock=True)  # two who ask in one instant get one code
    found = code_of_elder(work, elder_id)
    return found or work.get(BindCode, make_family_code(work, elder_id))


def show_code_of_worker(work: Work, worker_id: int) -> BindCode:
    """The worker's code, made if there is none. Raises NotFound."""
    work.get(Worker, worker_id, lock=True)
    found = code_of_worker(work, worker_id)
    return found or work.get(BindCode, make_worker_code(work, worker_id))


def _live(work: Work, whose: ColumnElement[bool]) -> BindCode | None:
    return work.session.scalar(
        select(BindCode)
        .where(whose, BindCode.used_at.is_(None), BindCode.expires_at > work.now)
        .order_by(BindCode.expires_at.desc())
        .limit(1)
    )
