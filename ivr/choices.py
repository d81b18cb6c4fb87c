"""What a caller is likely to name: what was ordered for their elders, everyday names, people."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Order, OrderLine, ServiceItem
from backend.services.lookup import elders_of
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work
from ivr.phrases import Extras
from nlu.dialogue.people import names_of
from nlu.values.times import Hours

USUAL = 10
"""Services that were ordered most, likeliest first."""


class Choices:
    """Looked up once a call; blocks."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def of(self, account_id: int) -> Extras:
        """For the elders this account may act for; everyday names of services for anybody."""
        with unit_of_work(self._sessions) as work:
            links = elders_of(work, account_id)
            items = {item.code: item for item in work.session.scalars(select(ServiceItem))}
            codes = _ordered(work, [link.elder_id for link in links])
            usual = [items[code] for code in codes if code in items]
            return Extras(
                usual=tuple(name for item in usual for name in (item.name, *item.synonyms)),
                services=tuple(
                    name for item in items.values() for name in (item.name, *item.synonyms)
                ),
                people=tuple(name for link in links for name in names_of(link)),
                hours=_hours(items.values()),
            )


def _hours(items: Collection[ServiceItem]) -> Hours | None:
    """When the first service begins and the last one ends."""
    if not items:
        return None
    return min(one.hours_from for one in items), max(one.hours_to for one in items)


def _ordered(work: Work, elder_ids: list[int]) -> list[str]:
    if not elder_ids:
        return []
    times = func.count()
    return list(
        work.session.scalars(
            select(OrderLine.code)
            .join(Order, Order.id == OrderLine.order_id)
            .where(Order.elder_id.in_(elder_ids))
            .group_by(OrderLine.code)
            .order_by(times.desc(), OrderLine.code)
            .limit(USUAL)
        )
    )
