"""A worker's papers: a new one, a longer one, one that holds no longer."""

from datetime import date, timedelta

from sqlalchemy import select

from backend.db.models import Qualification, Worker
from backend.domain.errors import DomainError, NotFound
from backend.domain.qualification import PAPERS
from backend.services.work import Work

LONGEST_NUMBER = 40
LONGEST_VALID = timedelta(days=366 * 10)


def keep_paper(
    work: Work, worker_id: int, kind: str, number: str, issued_on: date, valid_until: date
) -> Qualification:
    """Write down a paper, or the renewal of one: of the same kind and number, it lasts to the
    later day. Raises NotFound, DomainError `unknown_paper`, `bad_paper_number`,
    `bad_paper_days`."""
    number = "".join(number.split())
    if kind not in PAPERS:
        raise DomainError("unknown_paper")
    if not 4 <= len(number) <= LONGEST_NUMBER or not number.isprintable():
        raise DomainError("bad_paper_number", least=4, most=LONGEST_NUMBER)
    today = work.local_now.date()
    if not issued_on <= today <= valid_until <= issued_on + LONGEST_VALID:
        raise DomainError("bad_paper_days")
    work.get(Worker, worker_id, lock=True)
    paper = work.session.scalar(
        select(Qualification).where(
            Qualification.worker_id == worker_id,
            Qualification.kind == kind,
            Qualification.number == number,
        )
    )
    before = paper.valid_until.isoformat() if paper is not None else None
    if paper is None:
        paper = Qualification(worker_id=worker_id, kind=kind, number=number, issued_on=issued_on)
        work.session.add(paper)
    paper.valid_until = valid_until
    work.session.flush()
    if before != valid_until.isoformat():
        work.audit(
            "keep_paper",
            "worker",
            worker_id,
            kind=kind,
            before=before,
            valid_until=valid_until.isoformat(),
        )
    return paper


def end_paper(work: Work, worker_id: int, paper_id: int) -> None:
    """A paper was taken back: from today on it counts no more. Raises NotFound."""
    work.get(Worker, worker_id, lock=True)
    paper = work.get(Qualification, paper_id)
    if paper.worker_id != worker_id:
        raise NotFound("not_found", what="Qualification", key=paper_id)
    yesterday = work.local_now.date() - timedelta(days=1)
    if paper.valid_until > yesterday:
        work.audit(
            "end_paper",
            "worker",
            worker_id,
            kind=paper.kind,
            before=paper.valid_until.isoformat(),
        )
        paper.valid_until = yesterday
        work.session.flush()
