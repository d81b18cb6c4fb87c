"""A kitchen writes its menu of a day and meal; people are told nothing of it yet."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Dish, MenuDraft, Offering
from backend.domain.errors import NotFound
from backend.domain.menus import MenuDish, menu_dish, require_plannable, with_dish, without_dish
from backend.services.work import Work


def add_dish(
    work: Work, provider_id: int, day: date, code: str, name: str, diets: Iterable[str]
) -> None:
    """Put a dish on the draft; one that is there gets these diets.

    Raises NotFound for a meal that the provider does not cook, DomainError `menu_past`,
    `menu_too_far`, `menu_full`, `bad_dish_name`, `unknown_diet`.
    """
    dish = menu_dish(name, diets)
    draft = open_draft(work, provider_id, day, code)
    keep_draft(work, draft, with_dish(dishes_of(draft), dish))


def drop_dish(work: Work, provider_id: int, day: date, code: str, name: str) -> None:
    """Take a dish off the draft. Raises NotFound, `menu_past`, `menu_too_far`."""
    draft = open_draft(work, provider_id, day, code)
    keep_draft(work, draft, without_dish(dishes_of(draft), name))


def discard_draft(work: Work, provider_id: int, day: date, code: str) -> None:
    """Forget the draft: what is published stands, if anything is."""
    draft = work.session.get(MenuDraft, (provider_id, day, code), with_for_update=True)
    if draft is not None:
        work.session.delete(draft)
        work.session.flush()


def open_draft(work: Work, provider_id: int, day: date, code: str) -> MenuDraft:
    """The meal's draft, locked; a new one begins as what is published. Raises NotFound,
    `menu_past`, `menu_too_far`."""
    require_cooks(work, provider_id, code)
    require_plannable(day, work.local_now.date())
    begins = [_written(dish) for dish in published(work, provider_id, day, code)]
    work.session.execute(
        insert(MenuDraft)
        .values(
            provider_id=provider_id, day=day, code=code, dishes=begins,
            changed_at=work.now, changed_by=work.actor.name,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
    draft = work.session.get(
        MenuDraft, (provider_id, day, code), with_for_update=True, populate_existing=True
    )
    assert draft is not None
    return draft


def drafted(work: Work, provider_id: int, day: date, code: str) -> MenuDraft | None:
    """The meal's draft, if there is one."""
    return work.session.get(MenuDraft, (provider_id, day, code))


def keep_draft(work: Work, draft: MenuDraft, dishes: Iterable[MenuDish]) -> None:
    """Write the draft; one that says what is published already is none."""
    kept = tuple(dishes)
    if kept == published(work, draft.provider_id, draft.day, draft.code):
        work.session.delete(draft)
    else:
        draft.dishes = [_written(dish) for dish in kept]
        draft.changed_at, draft.changed_by = work.now, work.actor.name
    work.session.flush()


def dishes_of(draft: MenuDraft) -> tuple[MenuDish, ...]:
    """What is on a draft."""
    return tuple(MenuDish(one["name"], tuple(one["diets"])) for one in draft.dishes)


def published(work: Work, provider_id: int, day: date, code: str) -> tuple[MenuDish, ...]:
    """What people are told of a day's meal."""
    found = work.session.scalars(
        select(Dish)
        .where(Dish.provider_id == provider_id, Dish.day == day, Dish.code == code)
        .order_by(Dish.id)
    )
    return tuple(MenuDish(dish.name, tuple(dish.diets)) for dish in found)


def require_cooks(work: Work, provider_id: int, code: str) -> None:
    """Raises NotFound for a meal that is not among the provider's offerings, open or not."""
    offers = select(func.count()).where(
        Offering.provider_id == provider_id, Offering.code == code, Offering.code.like("meal.%")
    )
    if not work.session.scalar(offers):
        raise NotFound("not_found", what="Offering", key=code)


def _written(dish: MenuDish) -> dict[str, object]:
    return {"name": dish.name, "diets": list(dish.diets)}
