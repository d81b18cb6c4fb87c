"""May this actor do this for this elder?"""

from sqlalchemy import select

from backend.db.models import Duty, Link, Order
from backend.domain.errors import DomainError, NotFound
from backend.services.work import Work


def link_of(work: Work, elder_id: int) -> Link | None:
    """The actor's live link to an elder."""
    return work.session.scalar(
        select(Link).where(
            Link.account_id == work.actor.account_id,
            Link.elder_id == elder_id,
            Link.ended_at.is_(None),
        )
    )


def require_may_order(work: Work, elder_name: str, may_order: bool | None) -> None:
    """Raises DomainError `not_permitted` unless the actor may order for the elder.

    The house itself may; an account needs a live link with that permission: `may_order` is what
    its link says, None without one.
    """
    if work.actor.account_id is not None and not may_order:
        raise DomainError("not_permitted", elder_name=elder_name)


def require_follows(work: Work, order: Order) -> None:
    """Raises NotFound unless the actor is linked to the order's elder (or is the house):
    other people's orders do not exist for them."""
    if work.actor.account_id is not None and link_of(work, order.elder_id) is None:
        raise NotFound("not_found", what="Order", key=order.id)


def require_on_duty(work: Work) -> None:
    """Raises DomainError `not_permitted` unless the actor is on duty now (or is the house)."""
    if work.actor.account_id is None:
        return
    duty = work.session.scalar(
        select(Duty.id).where(
            Duty.account_id == work.actor.account_id,
            Duty.starts_at <= work.now,
            (Duty.ends_at.is_(None)) | (Duty.ends_at > work.now),
        )
    )
    if duty is None:
        raise DomainError("not_permitted")


def require_link(work: Work, elder_id: int) -> None:
    """Raises DomainError `not_permitted` unless the actor is linked to the elder (or is the
    house)."""
    if work.actor.account_id is not None and link_of(work, elder_id) is None:
        raise DomainError("not_permitted")
