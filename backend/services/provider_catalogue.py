"""What a provider offers, and what it could."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, select

from backend.db.models import Offering, ServiceItem, Skill, Worker
from backend.domain.offerings import PriceBounds, price_bounds
from backend.services.work import Work


@dataclass(frozen=True)
class CatalogueLine:
    """A service of the city's catalogue, with the provider's offering of it if there is one.
    `workers`: how many of its people do it."""

    item: ServiceItem
    offering: Offering | None
    workers: int

    @property
    def bounds(self) -> PriceBounds:
        """What may be asked for it."""
        item = self.item
        return price_bounds(item.base_price_fen, item.least_price_fen, item.most_price_fen)

    @property
    def is_open(self) -> bool:
        """Whether people can order it here."""
        return self.offering is not None and self.offering.is_open

    @property
    def is_out_of_bounds(self) -> bool:
        """Whether its price was right once and is so no longer."""
        return self.offering is not None and not (
            self.bounds.least_fen <= self.offering.price_fen <= self.bounds.most_fen
        )


def provider_catalogue(
    work: Work, provider_id: int, code: str | None = None
) -> list[CatalogueLine]:
    """The lines that a provider offers or whose work its people do, by category; or one line,
    whichever it is."""
    can = dict(
        work.session.execute(
            select(Skill.code, func.count())
            .join(Worker)
            .where(Worker.provider_id == provider_id, Worker.is_active)
            .group_by(Skill.code)
        )
        .tuples()
        .all()
    )
    query = (
        select(ServiceItem, Offering)
        .outerjoin(
            Offering,
            and_(Offering.code == ServiceItem.code, Offering.provider_id == provider_id),
        )
        .order_by(ServiceItem.category, ServiceItem.hours_from, ServiceItem.code)
    )
    if code is not None:
        query = query.where(ServiceItem.code == code)
    lines = [
        CatalogueLine(item, offering, can.get(item.code, 0))
        for item, offering in work.session.execute(query).tuples()
    ]
    return lines if code is not None else [one for one in lines if one.offering or one.workers]
