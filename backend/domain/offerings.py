"""What a provider may ask for a service, and how it may offer it."""

from dataclasses import dataclass

from backend.domain.errors import DomainError

LEAST_PERCENT, MOST_PERCENT = 50, 150
"""Of the catalogue's price: further away a price is more likely a slip than an offer."""
MOST_DELIVERY_FEN = 1000
MOST_CAPACITY = 2000
MOST_LEAD_MIN = 7 * 24 * 60


@dataclass(frozen=True)
class PriceBounds:
    """The least and the most that a provider may ask for one unit, in fen."""

    least_fen: int
    most_fen: int


@dataclass(frozen=True)
class Terms:
    """A provider's terms for a service. `capacity` None: no limit a day; `lead_min` None: the
    catalogue's shortest notice, in minutes."""

    price_fen: int
    delivery_fen: int = 0
    capacity: int | None = None
    lead_min: int | None = None


def price_bounds(
    base_price_fen: int, least_fen: int | None = None, most_fen: int | None = None
) -> PriceBounds:
    """The bounds that the city has set; where it has set none, those around the catalogue's price,
    to whole tenths of a yuan."""
    around = -(-base_price_fen * LEAST_PERCENT // 1000) * 10
    above = base_price_fen * MOST_PERCENT // 1000 * 10
    return PriceBounds(
        around if least_fen is None else least_fen, above if most_fen is None else most_fen
    )


def require_terms(terms: Terms, bounds: PriceBounds, least_lead_min: int) -> None:
    """Raises DomainError `price_out_of_bounds`, `bad_delivery`, `bad_capacity`, `bad_lead`, with
    what would be right."""
    if not bounds.least_fen <= terms.price_fen <= bounds.most_fen:
        raise DomainError(
            "price_out_of_bounds",
            least=bounds.least_fen / 100,
            most=bounds.most_fen / 100,
        )
    if not 0 <= terms.delivery_fen <= MOST_DELIVERY_FEN:
        raise DomainError("bad_delivery", most=MOST_DELIVERY_FEN // 100)
    if terms.capacity is not None and not 1 <= terms.capacity <= MOST_CAPACITY:
        raise DomainError("bad_capacity", most=MOST_CAPACITY)
    if terms.lead_min is not None and not least_lead_min <= terms.lead_min <= MOST_LEAD_MIN:
        raise DomainError("bad_lead", least=least_lead_min, most=MOST_LEAD_MIN)
