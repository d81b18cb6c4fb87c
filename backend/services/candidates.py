"""Everyone who might do an order, as the matching rules want to see them."""

from sqlalchemy import and_, func, select

from backend.db.models import (
    Absence,
    Account,
    Address,
    Offer,
    Offering,
    Order,
    OrderLine,
    Provider,
    Qualification,
    ServiceArea,
    ServiceItem,
    Shift,
    Skill,
    Worker,
    WorkerRefusal,
)
from backend.domain.matching import Busy, Candidate, Need, Place, ShiftHours, busy_span
from backend.domain.orders import HOLDS_WORKER, OrderState
from backend.domain.qualification import Paper
from backend.services.work import Work

DONE = (OrderState.FINISHED, OrderState.REVIEWED)
HAD_IT_BEFORE = 3
"""The worker of a changed order counts as known to the elder as after so many visits."""


def place_of(lat: float | None, lon: float | None) -> Place | None:
    """A place, if both numbers are known."""
    return Place(lat, lon) if lat is not None and lon is not None else None


def need_of(order: Order, item: ServiceItem) -> Need:
    """What an order asks of its worker."""
    address, elder = order.address, order.elder
    return Need(
        code=item.code,
        category=item.category,
        window_start=order.window_start,
        window_end=order.window_end,
        duration_min=order.duration_min,
        town=address.town,
        place=place_of(address.lat, address.lon),
        required_qualification=item.required_qualification,
        shared_visit=item.shared_visit,
        elder_dialect=elder.dialect,
        wanted_sex=elder.wanted_sex,
        provider_id=order.provider_id,
    )


def candidates_for(work: Work, order: Order) -> list[Candidate]:
    """The workers with the skill whose provider serves the town for the promised price or
    less, and whom we can reach. All other gates are the domain's."""
    session, day = work.session, order.service_day
    town = order.address.town
    price = (
        select(func.min(OrderLine.unit_price_fen))
        .where(OrderLine.order_id == order.id, OrderLine.code == order.code)
        .scalar_subquery()
    )
    reachable = (
        select(Account.id)
        .where(Account.worker_id == Worker.id, Account.unreachable_since.is_(None))
        .exists()
    )
    workers = session.execute(
        select(Worker, Provider, Offering.daily_capacity)
        .select_from(Worker)
        .join(Provider)
        .join(Skill, and_(Skill.worker_id == Worker.id, Skill.code == order.code))
        .join(Offering, and_(Offering.provider_id == Provider.id, Offering.code == order.code))
        .join(ServiceArea, and_(ServiceArea.provider_id == Provider.id, ServiceArea.town == town))
        .where(Worker.is_active, Offering.is_open, Offering.price_fen <= price, reachable)
        .order_by(Worker.id)
    ).all()
    if not workers:
        return []
    ids = [worker.id for worker, _, _ in workers]
    papers = _papers(work, ids)
    shifts = _shifts(work, ids)
    away = set(
        session.scalars(
            select(Absence.worker_id).where(Absence.worker_id.in_(ids), Absence.day == day)
        )
    )
    refused = set(
        session.scalars(
            select(WorkerRefusal.worker_id).where(WorkerRefusal.elder_id == order.elder_id)
        )
    )
    asked = _asked(work, order)
    busy = _busy(work, ids, order)
    known = _visits_to(work, ids, order)
    taken = _taken_by_provider(work, order)
    had_it = _last_worker(order)
    return [
        Candidate(
            worker_id=worker.id,
            provider_id=provider.id,
            codes=frozenset({order.code}),
            towns=frozenset({town}),
            papers=tuple(papers[worker.id]),
            shifts=tuple(shifts[worker.id]),
            absent_on=frozenset({day}) if worker.id in away else frozenset(),
            busy=tuple(busy[worker.id]),
            provider_open=provider.is_open
            and provider.contract_from <= day
            and (provider.contract_to is None or day <= provider.contract_to),
            provider_room=None
            if capacity is None or provider.id == order.provider_id
            else capacity - taken.get(provider.id, 0),
            place=place_of(worker.lat, worker.lon),
            sex=worker.sex,
            languages=frozenset(worker.languages),
            rating=worker.rating_sum / worker.rating_count if worker.rating_count else None,
            visits_that_day=len(busy[worker.id]),
            max_visits_a_day=worker.max_visits_a_day,
            visits_to_this_elder=known.get(worker.id, 0)
            + (HAD_IT_BEFORE if worker.id == had_it else 0),
            refused_by_elder=worker.id in refused,
            already_asked=worker.id in asked,
        )
        for worker, provider, capacity in workers
    ]


def _asked(work: Work, order: Order) -> set[int]:
    """Who has answered, or not, in this round; but not whom a dispatcher asks once more."""
    in_round = select(Offer.worker_id, Offer.state).where(
        Offer.order_id == order.id, Offer.round == order.round
    )
    rows = work.session.execute(in_round).tuples().all()
    asked_now = {worker_id for worker_id, state in rows if state == "standing"}
    return {worker_id for worker_id, _ in rows} - asked_now


def _papers(work: Work, ids: list[int]) -> dict[int, list[Paper]]:
    papers: dict[int, list[Paper]] = {i: [] for i in ids}
    for row in work.session.scalars(select(Qualification).where(Qualification.worker_id.in_(ids))):
        papers[row.worker_id].append(Paper(row.kind, row.issued_on, row.valid_until))
    return papers


def _shifts(work: Work, ids: list[int]) -> dict[int, list[ShiftHours]]:
    shifts: dict[int, list[ShiftHours]] = {i: [] for i in ids}
    for row in work.session.scalars(select(Shift).where(Shift.worker_id.in_(ids))):
        shifts[row.worker_id].append(ShiftHours(row.weekday, row.starts, row.ends))
    return shifts


def _busy(work: Work, ids: list[int], order: Order) -> dict[int, list[Busy]]:
    """What each worker has promised around the order's day."""
    busy: dict[int, list[Busy]] = {i: [] for i in ids}
    rows = work.session.execute(
        select(
            Order.worker_id,
            Order.window_start,
            Order.duration_min,
            ServiceItem.shared_visit,
            Address.lat,
            Address.lon,
        )
        .join(ServiceItem, ServiceItem.code == Order.code)
        .join(Address, Address.id == Order.address_id)
        .where(
            Order.worker_id.in_(ids),
            Order.service_day == order.service_day,
            Order.state.in_(HOLDS_WORKER | set(DONE)),
            Order.id != order.id,
        )
    )
    for worker_id, start, minutes, shared, lat, lon in rows:
        assert worker_id is not None
        busy[worker_id].append(busy_span(start, minutes, shared, place_of(lat, lon)))
    return busy


def _visits_to(work: Work, ids: list[int], order: Order) -> dict[int, int]:
    rows = work.session.execute(
        select(Order.worker_id, func.count())
        .where(
            Order.elder_id == order.elder_id,
            Order.state.in_(DONE),
            Order.worker_id.in_(ids),
        )
        .group_by(Order.worker_id)
    )
    return {worker_id: count for worker_id, count in rows if worker_id is not None}


def _taken_by_provider(work: Work, order: Order) -> dict[int, int]:
    rows = work.session.execute(
        select(Order.provider_id, func.sum(OrderLine.quantity))
        .join(OrderLine)
        .where(
            Order.service_day == order.service_day,
            Order.code == order.code,
            OrderLine.code == order.code,
            Order.state.not_in((OrderState.CANCELLED, OrderState.MISSED)),
        )
        .group_by(Order.provider_id)
    )
    return {provider_id: int(count or 0) for provider_id, count in rows}


def _last_worker(order: Order) -> int | None:
    """Who had the order before it was changed."""
    for event in reversed(order.events):
        if event.move == "change":
            had = event.detail.get("had_worker_id")
            return int(had) if had is not None else None
    return None
