"""A kitchen tells people what it will cook."""

from datetime import date

from sqlalchemy import delete, select

from backend.db.models import Dish, MenuDraft
from backend.services.draft_menu import dishes_of
from backend.services.work import Work


def publish_menus(
    work: Work, provider_id: int, first: date, last: date, code: str | None = None
) -> int:
    """Let the drafts from `first` to `last` (of one meal, if named) take the place of what was
    published; how many there were. Days that are over stay as they were. Done twice, the second
    time finds nothing to do.
    """
    today = work.local_now.date()
    query = (
        select(MenuDraft)
        .where(
            MenuDraft.provider_id == provider_id,
            MenuDraft.day.between(max(first, today), last),
        )
        .order_by(MenuDraft.day, MenuDraft.code)
        .with_for_update()
    )
    if code is not None:
        query = query.where(MenuDraft.code == code)
    drafts = work.session.scalars(query).all()
    for draft in drafts:
        meal = (
            Dish.provider_id == provider_id, Dish.day == draft.day, Dish.code == draft.code
        )  # fmt: skip
        before = work.session.scalars(select(Dish.name).where(*meal).order_by(Dish.id)).all()
        work.session.execute(delete(Dish).where(*meal))
        dishes = dishes_of(draft)
        work.session.add_all(
            Dish(
                provider_id=provider_id, day=draft.day, code=draft.code, name=dish.name,
                diets=list(dish.diets),
            )
            for dish in dishes
        )  # fmt: skip
        work.audit(
            "publish_menu",
            "provider",
            provider_id,
            day=draft.day.isoformat(),
            code=draft.code,
            dishes=[dish.name for dish in dishes],
            before=list(before),
        )
        work.session.delete(draft)
        work.session.flush()
    return len(drafts)
