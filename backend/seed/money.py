"""The city's tables of money, and this month's allowance for everyone."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.models import AllowanceTable, Elder, SubsidyTable
from backend.seed.lists import insert_all, read
from backend.services.allowance import month_of
from backend.services.grant_allowance import grant_allowance
from backend.services.work import SYSTEM, Work


def seed_money_tables(session: Session) -> None:
    """Insert the allowance table (Dongguan, 2020) and the example subsidy rules."""
    tables = read("money")
    since = {"valid_from": tables["valid_from"], "valid_to": None}
    insert_all(
        session,
        AllowanceTable,
        [
            {"category": "*", "ability_level": level, "monthly_fen": fen, **since}
            for level, fen in tables["allowance"].items()
        ],
    )
    insert_all(
        session,
        SubsidyTable,
        [
            {
                "category": row["people"],
                "service_category": row["service"],
                "cover_percent": row["cover"],
                "max_per_unit_fen": row.get("per_unit"),
                "max_per_day_fen": row.get("per_day"),
                **since,
            }
            for row in tables["cover"]
        ],
    )


def grant_to_all(session: Session, now: datetime) -> None:
    """Give every elder the month's allowance, as the monthly job does."""
    work = Work(session, SYSTEM, now)
    month = month_of(work.local_now.date())
    for elder_id in session.scalars(
        select(Elder.id).where(Elder.category.is_not(None)).order_by(Elder.id)
    ):
        grant_allowance(work, elder_id, month)
