"""The day that a page of the board is about."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask import request

from backend.services.work import Work
from backend.settings import TIMEZONE

EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)


def asked_day(work: Work) -> date:
    """The `day` of the address, as YYYY-MM-DD; today without one."""
    return day_or(request.args.get("day"), work.local_now.date())


def day_or(said: str | None, otherwise: date) -> date:
    """A day as YYYY-MM-DD; `otherwise` for what is none, or lies where weeks and months cannot be
    counted on."""
    try:
        day = date.fromisoformat(said or "")
    except ValueError:
        return otherwise
    return day if EARLIEST <= day < LATEST else otherwise


def around(day: date) -> dict[str, datetime]:
    """The day and its neighbours as the templates want them: local midnights."""
    midnight = datetime.combine(day, time(), TIMEZONE)
    one = timedelta(days=1)
    return {"day": midnight, "before": midnight - one, "after": midnight + one}
