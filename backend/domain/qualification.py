"""Who may do what: papers a service asks for, valid on the day of the visit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

NURSE = "nurse"
"""护士执业证; 互联网+护理 (国卫办医函〔2019〕80号) lets only registered nurses do these visits."""

PAPERS = (NURSE, "caregiver", "health_cert")
"""护士执业证, 养老护理员证, 健康证."""


@dataclass(frozen=True)
class Paper:
    """A worker's qualification. Valid from `issued_on` up to and with `valid_until`."""

    kind: str
    issued_on: date
    valid_until: date

    def valid_on(self, day: date) -> bool:
        """Whether the paper holds on `day`."""
        return self.issued_on <= day <= self.valid_until


def holds(papers: Iterable[Paper], required: str | None, day: date) -> bool:
    """Whether one of `papers` fulfils the requirement on `day`; no requirement always holds."""
    return required is None or any(
        paper.kind == required and paper.valid_on(day) for paper in papers
    )


class PaperState(StrEnum):
    """How a paper stands, the worst first."""

    EXPIRED = "expired"
    EXPIRING = "expiring"
    VALID = "valid"


WARN_DAYS = 30
"""Time enough to have a paper renewed before a visit is refused for it."""


def paper_state(valid_until: date, today: date) -> PaperState:
    """Whether a paper has run out, will within WARN_DAYS, or holds for long."""
    if valid_until < today:
        return PaperState.EXPIRED
    if valid_until <= today + timedelta(days=WARN_DAYS):
        return PaperState.EXPIRING
    return PaperState.VALID


def assessment_covers(needs_assessment: bool, valid_until: date | None, day: date) -> bool:
    """Whether the elder's assessment allows the service on `day`.

    Invasive nursing at home needs a first assessment (国卫办医函〔2019〕80号), repeated every
    12 months (GB/T 42195-2022).
    """
    return not needs_assessment or (valid_until is not None and day <= valid_until)
