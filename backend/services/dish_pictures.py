"""A kitchen's pictures of its dishes: one for each name, seen whenever the dish is on the menu."""

from collections.abc import Iterable
from datetime import date
from hashlib import sha256

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import DishPicture, Elder, Link, Provider, ServiceArea
from backend.domain.errors import NotFound
from backend.services.draft_menu import dishes_of, drafted, published, require_cooks
from backend.services.work import Work

Pictures = dict[tuple[int, str], str]
"""Digests by provider and dish."""


def keep_picture(
    work: Work, provider_id: int, day: date, code: str, dish: str, webp: bytes
) -> None:
    """Keep it in the place of an earlier one. Raises NotFound for a dish that is neither planned
    nor published for the provider's meal of that day."""
    require_cooks(work, provider_id, code)
    draft = drafted(work, provider_id, day, code)
    planned = dishes_of(draft) if draft is not None else ()
    if dish not in {one.name for one in (*planned, *published(work, provider_id, day, code))}:
        raise NotFound("not_found", what="Dish", key=dish)
    kept = {"digest": sha256(webp).hexdigest()[:32], "webp": webp, "kept_at": work.now}
    work.session.execute(
        insert(DishPicture)
        .values(provider_id=provider_id, dish=dish, **kept)
        .on_conflict_do_update(index_elements=["provider_id", "dish"], set_=kept)
    )
    work.audit("keep_dish_picture", "provider", provider_id, dish=dish, digest=kept["digest"])


def drop_picture(work: Work, provider_id: int, dish: str) -> None:
    """Forget the picture of a dish; without one, nothing."""
    gone = work.session.scalar(
        delete(DishPicture)
        .where(DishPicture.provider_id == provider_id, DishPicture.dish == dish)
        .returning(DishPicture.digest)
    )
    if gone is not None:
        work.audit("drop_dish_picture", "provider", provider_id, dish=dish, digest=gone)


def pictures_of(work: Work, provider_ids: Iterable[int]) -> Pictures:
    """Which dishes of these providers have a picture."""
    rows = work.session.execute(
        select(DishPicture.provider_id, DishPicture.dish, DishPicture.digest).where(
            DishPicture.provider_id.in_(list(provider_ids))
        )
    ).tuples()
    return {(provider_id, dish): digest for provider_id, dish, digest in rows}


def picture(work: Work, provider_id: int, digest: str) -> bytes:
    """The WebP. Raises NotFound."""
    found = work.session.scalar(
        select(DishPicture.webp)
        .where(DishPicture.provider_id == provider_id, DishPicture.digest == digest)
        .limit(1)
    )
    if found is None:
        raise NotFound("not_found", what="DishPicture", key=digest)
    return found


def require_sees_menu(work: Work, provider_id: int) -> None:
    """Raises NotFound unless the actor follows an elder in a town that the open provider serves (or
    is the house): whose menu nobody can order from is not shown either."""
    if work.actor.account_id is None:
        return
    serves = exists(
        select(Link.id)
        .join(Elder, Elder.id == Link.elder_id)
        .join(ServiceArea, ServiceArea.town == Elder.town)
        .join(Provider, Provider.id == ServiceArea.provider_id)
        .where(
            Link.account_id == work.actor.account_id,
            Link.ended_at.is_(None),
            Provider.id == provider_id,
            Provider.is_open,
        )
    )
    if not work.session.scalar(select(serves)):
        raise NotFound("not_found", what="Provider", key=provider_id)
