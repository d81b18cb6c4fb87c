"""The city's allowance table as the domain sees it, and a month's allowance."""

from datetime import date

from sqlalchemy import select

from backend.db.models import AllowanceTable, Elder
from backend.domain.ledger import AccountKind
from backend.domain.pricing import AllowanceRule, monthly_allowance_fen
from backend.services.ledger import balances
from backend.services.work import Work


def month_of(day: date) -> str:
    """`YYYY-MM`."""
    return f"{day:%Y-%m}"


def first_day(month: str) -> date:
    """The first of a month given as `YYYY-MM`."""
    return date.fromisoformat(f"{month}-01")


def allowance_rules(work: Work) -> list[AllowanceRule]:
    """The whole allowance table."""
    return [
        AllowanceRule(r.category, r.ability_level, r.monthly_fen, r.valid_from, r.valid_to)
        for r in work.session.scalars(select(AllowanceTable))
    ]


def allowance_due_fen(work: Work, elder: Elder, month: str) -> int:
    """What the table gives this elder for a month; nothing once her care has ended before it."""
    if elder.ended_on is not None and elder.ended_on < first_day(month):
        return 0
    return monthly_allowance_fen(
        allowance_rules(work), elder.category, elder.ability_level, first_day(month)
    )


def available_fen(work: Work, elder: Elder, month: str) -> int:
    """What is left of a month; before the month's grant, what the grant will bring."""
    left = balances(work, elder.id, month).get(AccountKind.AVAILABLE)
    return left if left is not None else allowance_due_fen(work, elder, month)
