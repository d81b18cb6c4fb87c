"""What would it cost, who would pay, and can it be done at all? Nothing is changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backend.db.models import Elder, Order
from backend.domain.errors import DomainError
from backend.domain.matching import Place, distance_m
from backend.domain.pricing import Charge, split
from backend.domain.qualification import assessment_covers
from backend.services.allowance import allowance_due_fen, month_of
from backend.services.permissions import require_may_order
from backend.services.quote_facts import OpenOffering, QuoteFacts, quote_facts
from backend.services.work import Work
from backend.settings import TIMEZONE

FURTHEST_AHEAD = timedelta(days=60)
MAX_QUANTITY = 20
DELIVERY = "delivery"


@dataclass(frozen=True)
class OrderRequest:
    """What is asked: one service at one time for one elder. Window aware."""

    elder_id: int
    code: str
    window_start: datetime
    window_end: datetime
    quantity: int = 1
    address_id: int | None = None
    diet: tuple[str, ...] = ()
    note: str = ""
    channel: str = "wechat"


@dataclass(frozen=True)
class QuotedLine:
    """A line with its price and who pays it, in fen."""

    code: str
    name: str
    quantity: int
    unit_price_fen: int
    amount_fen: int
    subsidy_fen: int
    self_pay_fen: int


@dataclass(frozen=True)
class Quote:
    """A price that holds while nothing else is ordered. `available_fen` is what is left of the
    month's allowance before this order."""

    request: OrderRequest
    provider_id: int
    provider_name: str
    lines: tuple[QuotedLine, ...]
    total_fen: int
    subsidy_fen: int
    self_pay_fen: int
    available_fen: int
    month: str
    item_name: str
    duration_min: int
    address_id: int
    address_text: str
    daily_capacity: int | None
    """The provider's room for this service a day; None: no limit."""
    is_granted: bool
    """Whether the month's allowance has been given; before, it is what will be."""


@dataclass
class _Basket:
    """What the orders of the same basket take from allowance, day ceilings and capacity."""

    spent_fen: dict[str, int]
    by_day: dict[tuple[date, str], int]
    places: dict[tuple[int, str, date], int]


def quote_order(work: Work, request: OrderRequest, replaces: Order | None = None) -> Quote:
    """Price one request. `replaces`: an order that this one would take the place of, whose
    money and room count as free.

    Raises DomainError: unknown_service, not_permitted, no_address, past_window, too_late,
    too_far, out_of_hours, no_provider, provider_full, needs_assessment, assessment_expired,
    bad_quantity.
    """
    return _quote(work, request, _Basket({}, {}, {}), replaces)


def quote_orders(work: Work, requests: Iterable[OrderRequest]) -> list[Quote]:
    """Price several requests that will be placed together: each sees what those before leave."""
    basket = _Basket({}, {}, {})
    return [_quote(work, request, basket, None) for request in requests]


def _quote(work: Work, request: OrderRequest, basket: _Basket, replaces: Order | None) -> Quote:
    day = request.window_start.astimezone(TIMEZONE).date()
    month = month_of(day)
    facts = quote_facts(
        work,
        request.elder_id,
        request.code,
        day,
        month,
        request.address_id,
        replaces.id if replaces is not None else None,
    )
    item_name, address_id = _check(work, request, facts, day)
    offering = _best_offering(work, request, facts, day, basket)
    # Last: nobody is sent to an assessment for a service that no one offers there.
    _check_assessment(facts, day)

    charges = [
        Charge(request.code, facts.category, request.quantity, offering.price_fen, facts.subsidised)
    ]
    names = [item_name]
    if offering.delivery_fen:
        charges.append(Charge(DELIVERY, facts.category, 1, offering.delivery_fen, False))
        names.append("送达")
    available = facts.available_fen
    if available is None and facts.elder_category is None:
        available = 0
    elif available is None:
        available = allowance_due_fen(work, work.get(Elder, request.elder_id), month)
    available -= basket.spent_fen.get(month, 0)
    if replaces is not None and month_of(replaces.service_day) == month:
        available += replaces.subsidy_fen
    key = (day, facts.category)
    used = {facts.category: facts.used_fen + basket.by_day.get(key, 0)}
    splits = split(charges, facts.rules, facts.elder_category, day, available, used)
    lines = tuple(
        QuotedLine(
            c.code, n, c.units, c.unit_price_fen, s.amount_fen, s.subsidy_fen, s.self_pay_fen
        )
        for c, n, s in zip(charges, names, splits, strict=True)
    )
    subsidy = sum(line.subsidy_fen for line in lines)
    basket.spent_fen[month] = basket.spent_fen.get(month, 0) + subsidy
    basket.by_day[key] = basket.by_day.get(key, 0) + subsidy
    place = (offering.provider_id, request.code, day)
    basket.places[place] = basket.places.get(place, 0) + request.quantity
    return Quote(
        request=request,
        provider_id=offering.provider_id,
        provider_name=offering.provider_name,
        lines=lines,
        total_fen=sum(line.amount_fen for line in lines),
        subsidy_fen=subsidy,
        self_pay_fen=sum(line.self_pay_fen for line in lines),
        available_fen=available,
        month=month,
        item_name=item_name,
        duration_min=facts.duration_min,
        address_id=address_id,
        address_text=f"{facts.town}{facts.community}{facts.street}",
        daily_capacity=offering.daily_capacity,
        is_granted=facts.available_fen is not None,
    )


def _check(work: Work, request: OrderRequest, facts: QuoteFacts, day: date) -> tuple[str, int]:
    """Who asks for what, where and when; the service's name and the address found."""
    if facts.item_name is None:
        raise DomainError("unknown_service", code=request.code)
    if not 1 <= request.quantity <= MAX_QUANTITY:
        raise DomainError("bad_quantity", most=MAX_QUANTITY)
    require_may_order(work, facts.elder_name, facts.may_order)
    if facts.address_id is None:
        raise DomainError("no_address", elder_name=facts.elder_name)
    _check_time(work, request, facts)
    return facts.item_name, facts.address_id


def _check_assessment(facts: QuoteFacts, day: date) -> None:
    if not assessment_covers(facts.needs_assessment, facts.assessed_until, day):
        if facts.assessed_until is None:
            raise DomainError("needs_assessment", name=facts.item_name, elder_name=facts.elder_name)
        raise DomainError(
            "assessment_expired",
            name=facts.item_name,
            elder_name=facts.elder_name,
            valid_until=facts.assessed_until.isoformat(),
        )


def _check_time(work: Work, request: OrderRequest, facts: QuoteFacts) -> None:
    start = request.window_start.astimezone(TIMEZONE)
    end = request.window_end.astimezone(TIMEZONE)
    if end <= start or request.window_end <= work.now:
        raise DomainError("past_window")
    if start.date() != end.date() or start.time() < facts.hours_from or end.time() > facts.hours_to:
        raise DomainError(
            "out_of_hours",
            name=facts.item_name,
            hours_from=f"{facts.hours_from:%H:%M}",
            hours_to=f"{facts.hours_to:%H:%M}",
        )
    earliest = work.now + timedelta(minutes=facts.lead_min)
    # A window already open can still be met while its end leaves the time it takes to prepare.
    if request.window_end < earliest:
        raise DomainError(
            "too_late",
            name=facts.item_name,
            lead_min=facts.lead_min,
            earliest=earliest.isoformat(),
        )
    if request.window_start > work.now + FURTHEST_AHEAD:
        raise DomainError("too_far", days=FURTHEST_AHEAD.days)


def _best_offering(
    work: Work, request: OrderRequest, facts: QuoteFacts, day: date, basket: _Basket
) -> OpenOffering:
    """The cheapest that has time and room; among equals the nearest."""
    if not facts.offerings:
        raise DomainError("no_provider", name=facts.item_name, town=facts.town)
    left_min = (request.window_end - work.now) / timedelta(minutes=1)
    in_time = [one for one in facts.offerings if (one.lead_min or 0) <= left_min]
    if not in_time:
        least = min(one.lead_min or 0 for one in facts.offerings)
        earliest = work.now + timedelta(minutes=least)
        raise DomainError(
            "too_late", name=facts.item_name, lead_min=least, earliest=earliest.isoformat()
        )

    def has_room(offering: OpenOffering) -> bool:
        if offering.daily_capacity is None:
            return True
        taken = offering.booked + basket.places.get((offering.provider_id, request.code, day), 0)
        return taken + request.quantity <= offering.daily_capacity

    def preference(offering: OpenOffering) -> tuple[int, float, int]:
        far = 0.0
        if None not in (offering.lat, offering.lon, facts.lat, facts.lon):
            far = distance_m(
                Place(offering.lat or 0.0, offering.lon or 0.0),
                Place(facts.lat or 0.0, facts.lon or 0.0),
            )
        cost = offering.price_fen * request.quantity + offering.delivery_fen
        return cost, far, offering.provider_id

    free = [offering for offering in in_time if has_room(offering)]
    if not free:
        raise DomainError("provider_full", name=facts.item_name, day=day.isoformat())
    return min(free, key=preference)
