"""A provider puts a service on its list, at its own price, or takes it off."""

from sqlalchemy import select

from backend.db.models import Offering, Provider, ServiceItem, Skill, Worker
from backend.domain.errors import DomainError
from backend.domain.offerings import Terms, price_bounds, require_terms
from backend.services.work import Work


def offer_service(work: Work, provider_id: int, code: str, terms: Terms) -> Offering:
    """Offer a service on these terms from now on; orders that stand keep the price they were
    promised.

    Raises NotFound, DomainError `nobody_can` when none of its workers does the service,
    `price_out_of_bounds`, `bad_delivery`, `bad_capacity`, `bad_lead`.
    """
    work.get(Provider, provider_id, lock=True)
    item = work.get(ServiceItem, code)
    bounds = price_bounds(item.base_price_fen, item.least_price_fen, item.most_price_fen)
    require_terms(terms, bounds, item.lead_min)
    if not can_do(work, provider_id, code):
        raise DomainError("nobody_can", name=item.name)
    kept = work.session.get(Offering, (provider_id, code))
    before = _told(kept) if kept is not None else None
    if kept is None:
        kept = Offering(provider_id=provider_id, code=code)
        work.session.add(kept)
    kept.price_fen, kept.delivery_fen = terms.price_fen, terms.delivery_fen
    kept.daily_capacity, kept.lead_min = terms.capacity, terms.lead_min
    kept.is_open = True
    work.session.flush()
    if before != _told(kept):
        work.audit(
            "offer_service", "provider", provider_id, code=code, before=before, after=_told(kept)
        )
    return kept


def close_service(work: Work, provider_id: int, code: str) -> None:
    """Take no more orders for a service; those that stand are still carried out. Raises
    NotFound."""
    work.get(Provider, provider_id, lock=True)
    kept = work.session.get(Offering, (provider_id, code))
    if kept is not None and kept.is_open:
        kept.is_open = False
        work.audit("close_service", "provider", provider_id, code=code)


def can_do(work: Work, provider_id: int, code: str) -> bool:
    """Whether one of the provider's active workers does the service."""
    found = (
        select(Worker.id)
        .join(Skill)
        .where(Worker.provider_id == provider_id, Worker.is_active, Skill.code == code)
        .limit(1)
    )
    return work.session.scalar(found) is not None


def _told(kept: Offering) -> dict[str, object]:
    return {
        "is_open": kept.is_open,
        "price_fen": kept.price_fen,
        "delivery_fen": kept.delivery_fen,
        "daily_capacity": kept.daily_capacity,
        "lead_min": kept.lead_min,
    }
