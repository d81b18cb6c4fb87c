"""What would it cost, who would pay, and can it be done at all? Nothing is changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import and_, func, select

from backend.db.models import (
    Address,
    Assessment,
    Elder,
    Offering,
    Order,
    OrderLine,
    Provider,
    ServiceArea,
    ServiceItem,
)
from backend.domain.errors import DomainError
from backend.domain.matching import Place, distance_m
from backend.domain.orders import OrderState
from backend.domain.pricing import Charge, split
from backend.domain.qualification import assessment_covers
from backend.services.allowance import available_fen, month_of, subsidy_rules
from backend.services.permissions import require_may_order
from backend.services.work import Work
from backend.settings import TIMEZONE

FURTHEST_AHEAD = timedelta(days=60)
MAX_QUANTITY = 20
DELIVERY = "delivery"
NOT_DONE = (OrderState.CANCELLED, OrderState.MISSED)


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
    booked: int
    """Places already taken at the provider that day."""


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
    item = work.session.get(ServiceItem, request.code)
    if item is None:
        raise DomainError("unknown_service", code=request.code)
    if not 1 <= request.quantity <= MAX_QUANTITY:
        raise DomainError("bad_quantity", most=MAX_QUANTITY)
    elder = work.get(Elder, request.elder_id)
    require_may_order(work, elder)
    address = _address(work, elder, request.address_id)
    day = _service_day(work, request, item)
    _check_assessment(work, elder, item, day)
    provider, offering, booked = _provider_for(work, request, item, address, day, basket, replaces)

    charges = [
        Charge(item.code, item.category, request.quantity, offering.price_fen, item.subsidised)
    ]
    names = [item.name]
    if offering.delivery_fen:
        charges.append(Charge(DELIVERY, item.category, 1, offering.delivery_fen, False))
        names.append("送达")
    month = month_of(day)
    available = available_fen(work, elder, month) - basket.spent_fen.get(month, 0)
    used = used_that_day(work, elder.id, day, replaces)
    for (basket_day, category), fen in basket.by_day.items():
        if basket_day == day:
            used[category] = used.get(category, 0) + fen
    if replaces is not None and month_of(replaces.service_day) == month:
        available += replaces.subsidy_fen
    splits = split(charges, subsidy_rules(work), elder.category, day, available, used)
    lines = tuple(
        QuotedLine(
            c.code, n, c.units, c.unit_price_fen, s.amount_fen, s.subsidy_fen, s.self_pay_fen
        )
        for c, n, s in zip(charges, names, splits, strict=True)
    )
    subsidy = sum(line.subsidy_fen for line in lines)
    basket.spent_fen[month] = basket.spent_fen.get(month, 0) + subsidy
    key = (day, item.category)
    basket.by_day[key] = basket.by_day.get(key, 0) + subsidy
    place = (provider.id, item.code, day)
    basket.places[place] = basket.places.get(place, 0) + request.quantity
    return Quote(
        request=request,
        provider_id=provider.id,
        provider_name=provider.name,
        lines=lines,
        total_fen=sum(line.amount_fen for line in lines),
        subsidy_fen=subsidy,
        self_pay_fen=sum(line.self_pay_fen for line in lines),
        available_fen=available,
        month=month,
        item_name=item.name,
        duration_min=item.duration_min,
        address_id=address.id,
        address_text=f"{address.town}{address.community}{address.street}",
        booked=booked,
    )


def _address(work: Work, elder: Elder, address_id: int | None) -> Address:
    if address_id is not None:
        address = work.get(Address, address_id)
        if address.elder_id != elder.id:
            raise DomainError("no_address", elder_name=elder.name)
        return address
    for address in sorted(elder.addresses, key=lambda a: (not a.is_default, a.id)):
        return address
    raise DomainError("no_address", elder_name=elder.name)


def _service_day(work: Work, request: OrderRequest, item: ServiceItem) -> date:
    """The local day of the visit, after every rule about its time."""
    start = request.window_start.astimezone(TIMEZONE)
    end = request.window_end.astimezone(TIMEZONE)
    if end <= start or end.astimezone(UTC) <= work.now:
        raise DomainError("past_window")
    if start.date() != end.date() or start.time() < item.hours_from or end.time() > item.hours_to:
        raise DomainError(
            "out_of_hours",
            name=item.name,
            hours_from=f"{item.hours_from:%H:%M}",
            hours_to=f"{item.hours_to:%H:%M}",
        )
    earliest = work.now + timedelta(minutes=item.lead_min)
    # A window already open can still be met while its end leaves the time it takes to prepare.
    if request.window_end < earliest:
        raise DomainError(
            "too_late", name=item.name, lead_min=item.lead_min, earliest=earliest.isoformat()
        )
    if request.window_start > work.now + FURTHEST_AHEAD:
        raise DomainError("too_far", days=FURTHEST_AHEAD.days)
    return start.date()


def _check_assessment(work: Work, elder: Elder, item: ServiceItem, day: date) -> None:
    if not item.needs_assessment:
        return
    valid_until = work.session.scalar(
        select(func.max(Assessment.valid_until)).where(Assessment.elder_id == elder.id)
    )
    if not assessment_covers(item.needs_assessment, valid_until, day):
        if valid_until is None:
            raise DomainError("needs_assessment", name=item.name, elder_name=elder.name)
        raise DomainError(
            "assessment_expired",
            name=item.name,
            elder_name=elder.name,
            valid_until=valid_until.isoformat(),
        )


def _provider_for(
    work: Work,
    request: OrderRequest,
    item: ServiceItem,
    address: Address,
    day: date,
    basket: _Basket,
    replaces: Order | None,
) -> tuple[Provider, Offering, int]:
    """The cheapest open offering that reaches the address and has room; among equals the
    nearest."""
    booked = (
        select(func.coalesce(func.sum(OrderLine.quantity), 0))
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            Order.provider_id == Offering.provider_id,
            Order.service_day == day,
            Order.code == item.code,
            Order.state.not_in(NOT_DONE),
            OrderLine.code == item.code,
        )
    )
    if replaces is not None:
        booked = booked.where(Order.id != replaces.id)
    rows = work.session.execute(
        select(Provider, Offering, booked.correlate(Offering).scalar_subquery())
        .select_from(Provider)
        .join(Offering, Offering.provider_id == Provider.id)
        .join(
            ServiceArea,
            and_(ServiceArea.provider_id == Provider.id, ServiceArea.town == address.town),
        )
        .where(
            Offering.code == item.code,
            Offering.is_open,
            Provider.is_open,
            Provider.contract_from <= day,
            (Provider.contract_to.is_(None)) | (Provider.contract_to >= day),
        )
    ).all()
    if not rows:
        raise DomainError("no_provider", name=item.name, town=address.town)

    def room(provider: Provider, offering: Offering, taken: int) -> bool:
        taken += basket.places.get((provider.id, item.code, day), 0)
        capacity = offering.daily_capacity
        return capacity is None or taken + request.quantity <= capacity

    def preference(row: tuple[Provider, Offering, int]) -> tuple[int, float, int]:
        provider, offering, _ = row
        far = 0.0
        if None not in (provider.lat, provider.lon, address.lat, address.lon):
            far = distance_m(
                Place(provider.lat or 0.0, provider.lon or 0.0),
                Place(address.lat or 0.0, address.lon or 0.0),
            )
        return (
            offering.price_fen * request.quantity + offering.delivery_fen,
            far,
            provider.id,
        )

    free = [(p, o, taken) for p, o, taken in rows if room(p, o, taken)]
    if not free:
        raise DomainError("provider_full", name=item.name, day=day.isoformat())
    return min(free, key=preference)


def used_that_day(
    work: Work, elder_id: int, day: date, without: Order | None = None
) -> dict[str, int]:
    """Subsidy already promised for a day, by service category, in fen."""
    query = (
        select(ServiceItem.category, func.sum(Order.subsidy_fen))
        .join(ServiceItem, ServiceItem.code == Order.code)
        .where(
            Order.elder_id == elder_id,
            Order.service_day == day,
            Order.state.not_in(NOT_DONE),
        )
        .group_by(ServiceItem.category)
    )
    if without is not None:
        query = query.where(Order.id != without.id)
    return {category: int(fen) for category, fen in work.session.execute(query)}
