"""Somebody on the telephone says for whom they ring; nothing but a name and a town proves it."""

from sqlalchemy import select

from backend.db.models import Elder, Link
from backend.services.permissions import link_of
from backend.services.work import Work

BY_NAME = "name"


def elders_in(work: Work, towns: list[str]) -> list[Elder]:
    """The elders in care in these towns."""
    found = select(Elder).where(Elder.town.in_(towns), Elder.ended_on.is_(None))
    return list(work.session.scalars(found.order_by(Elder.id)))


def towns_in_care(work: Work) -> list[str]:
    """Every town where somebody is in care."""
    found = select(Elder.town).where(Elder.ended_on.is_(None)).distinct()
    return list(work.session.scalars(found.order_by(Elder.town)))


def recognise_name(work: Work, account_id: int, elder_id: int) -> Link:
    """Let an account order meals for the elder it named, for the length of a call.

    A live link that is better founded stays as it is.
    """
    known = link_of(work, elder_id)
    if known is not None:
        return known
    link = Link(
        account_id=account_id, elder_id=elder_id, relation="other", known_by=BY_NAME, may_pay=False
    )
    work.session.add(link)
    work.session.flush()
    work.audit("recognise_name", "elder", elder_id, account_id=account_id)
    return link


def forget_name(work: Work, account_id: int) -> None:
    """The call is over: whoever was known by name alone is a stranger again."""
    named = select(Link).where(
        Link.account_id == account_id, Link.known_by == BY_NAME, Link.ended_at.is_(None)
    )
    for link in work.session.scalars(named):
        link.ended_at = work.now
    work.session.flush()
