"""A kitchen cooks next week what it cooked this week."""

from datetime import date, timedelta

from sqlalchemy import select

from backend.db.models import Offering
from backend.domain.menus import WEEK, last_planned
from backend.services.draft_menu import dishes_of, keep_draft, open_draft, published
from backend.services.menu_weeks import drafts_of
from backend.services.work import Work


def copy_week(work: Work, provider_id: int, monday: date) -> int:
    """Plan the week from `monday` as the week before it was, as drafts; how many meals were
    planned. What is published or planned already stays, so that nothing is lost by it and
    nothing happens the second time.
    """
    today = work.local_now.date()
    codes = work.session.scalars(
        select(Offering.code)
        .where(Offering.provider_id == provider_id, Offering.code.like("meal.%"))
        .order_by(Offering.code)
    ).all()
    drafts = drafts_of(work, provider_id, monday - WEEK, monday + WEEK)
    copied = 0
    for day in (monday + timedelta(days=ahead) for ahead in range(WEEK.days)):
        if not today <= day <= last_planned(today):
            continue
        for code in codes:
            if (day, code) in drafts or published(work, provider_id, day, code):
                continue
            model = drafts.get((day - WEEK, code))
            dishes = (
                dishes_of(model)
                if model is not None
                else published(work, provider_id, day - WEEK, code)
            )
            if dishes:
                keep_draft(work, open_draft(work, provider_id, day, code), dishes)
                copied += 1
    if copied:
        work.audit("copy_menus", "provider", provider_id, monday=monday.isoformat(), meals=copied)
    return copied
