"""A made-up past of the made-up town: some months of orders, visits, ratings, alarms and calls,
with a ledger that balances. For those who look at figures; people of the stories have none."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.models import (
    Account,
    Address,
    Call,
    Elder,
    Incident,
    Offering,
    Order,
    OrderEvent,
    OrderLine,
    Review,
    ServiceArea,
    ServiceItem,
    Skill,
    Visit,
    Worker,
)
from backend.domain import ledger
from backend.domain.incidents import IncidentState
from backend.domain.orders import Move, OrderState
from backend.seed.lists import SEED
from backend.services.allowance import available_fen, month_of
from backend.services.close_month import close_month
from backend.services.grant_allowance import grant_allowance
from backend.services.ledger import post
from backend.services.work import SYSTEM, Work
from backend.settings import TIMEZONE

MONTHS = 5
MOST_ELDERS = 24
A_MONTH = 6
"""Orders of an elder."""
NOT_OF_THEM = ("李桂兰", "王建国", "陈惠芳")
"""People of the stories, who begin without a past."""
CODES = (
    "meal.lunch", "meal.lunch", "meal.dinner", "home.clean", "companion.visit", "escort.hospital",
)  # fmt: skip
ENDS = (
    (OrderState.REVIEWED, 52), (OrderState.FINISHED, 30), (OrderState.CANCELLED, 13),
    (OrderState.MISSED, 5),
)  # fmt: skip
STARS = (5, 5, 5, 5, 4, 4, 4, 3, 2, 1)
ANSWERED_S = (12, 18, 24, 31, 40, 47, 55, 75, 130, 210)


def seed_past(session: Session, now: datetime, months: int = MONTHS) -> int:
    """Add the whole months before this one, once; how many orders were added. `now` is aware.
    Does not commit."""
    if session.scalar(select(Order.id).where(Order.idempotency_key.like("past:%")).limit(1)):
        return 0
    chance = random.Random(f"{SEED}:past")  # noqa: S311 nothing is at stake
    people = session.scalars(
        select(Elder)
        .where(Elder.ended_on.is_(None), Elder.name.not_in(NOT_OF_THEM))
        .order_by(Elder.id)
        .limit(MOST_ELDERS)
    ).all()
    can = _who_can(session)
    begins = [_back(now.astimezone(TIMEZONE).date(), back) for back in range(months, 0, -1)]
    added = 0
    for first in begins:
        start = Work(session, SYSTEM, datetime.combine(first, time(1), TIMEZONE))
        for elder in people:
            grant_allowance(start, elder.id, month_of(first))
            session.flush()
            for number in range(A_MONTH):
                added += _order(start, chance, can, elder, first, number)
        for number in range(max(3, len(people) // 2)):
            _alarm(session, chance, people, first, number)
            _call(session, chance, people, first, number)
        session.flush()
        end = datetime.combine(first + timedelta(days=35), time(3), TIMEZONE)
        close_month(Work(session, SYSTEM, end), month_of(first))
    session.flush()
    return added


def _back(today: date, months: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, 1)


Can = dict[tuple[str, str], tuple[Offering, ServiceItem, int]]
"""By service and town: the cheapest offering there, and one of its people."""


def _who_can(session: Session) -> Can:
    found: Can = {}
    for offering, item, town, worker_id in session.execute(
        select(Offering, ServiceItem, ServiceArea.town, func.min(Worker.id))
        .join(ServiceItem, ServiceItem.code == Offering.code)
        .join(ServiceArea, ServiceArea.provider_id == Offering.provider_id)
        .join(Worker, Worker.provider_id == Offering.provider_id)
        .join(Skill, (Skill.worker_id == Worker.id) & (Skill.code == Offering.code))
        .where(Offering.code.in_(CODES), Offering.is_open)
        .group_by(Offering.provider_id, Offering.code, ServiceItem.code, ServiceArea.town)
        .order_by(Offering.price_fen, Offering.provider_id)
    ).tuples():
        found.setdefault((item.code, town), (offering, item, worker_id))
    return found


def _order(
    start: Work, chance: random.Random, can: Can, elder: Elder, first: date, number: int
) -> bool:
    """An order that has ended one way or another, as far as somebody there can do it."""
    session, code = start.session, chance.choice(CODES)
    found = can.get((code, elder.town))
    address = session.scalars(
        select(Address).where(Address.elder_id == elder.id, Address.is_default)
    ).first()
    if found is None or address is None:
        return False
    offering, item, worker_id = found
    day = first + timedelta(days=chance.randrange(28))
    begins = datetime.combine(day, item.hours_from, TIMEZONE) + timedelta(hours=1)
    ends = begins + timedelta(minutes=item.window_min)
    month, price = month_of(day), offering.price_fen
    left = available_fen(start, elder, month) if elder.category and item.subsidised else 0
    subsidy = min(price // 2, left)
    state = chance.choices([end for end, _ in ENDS], [weight for _, weight in ENDS])[0]
    total = price + offering.delivery_fen
    order = Order(
        idempotency_key=f"past:{elder.id}:{month}:{number}", elder_id=elder.id,
        address_id=address.id, state=state, code=code, service_day=day, window_start=begins,
        window_end=ends, duration_min=item.duration_min, provider_id=offering.provider_id,
        worker_id=worker_id, channel=chance.choice(("wechat", "voice")), total_fen=total,
        subsidy_fen=subsidy, self_pay_fen=total - subsidy, visit_code="0000",
        placed_at=begins - timedelta(days=1), changed_at=ends,
    )  # fmt: skip
    order.lines = [
        OrderLine(
            position=1, code=code, name=item.name, quantity=1, unit_price_fen=price,
            amount_fen=price, subsidy_fen=subsidy, self_pay_fen=price - subsidy,
        )
    ]  # fmt: skip
    if offering.delivery_fen:
        fee = offering.delivery_fen
        order.lines.append(
            OrderLine(
                position=2, code="delivery", name=item.name, quantity=1, unit_price_fen=fee,
                amount_fen=fee, subsidy_fen=0, self_pay_fen=fee,
            )
        )  # fmt: skip
    order.events = [
        OrderEvent(
            at=order.placed_at, move="place", from_state=None, to_state=OrderState.PLACED.value,
            actor="system", channel=order.channel,
        )
    ]  # fmt: skip
    session.add(order)
    session.flush()
    _end(start, chance, order, month)
    return True


def _end(start: Work, chance: random.Random, order: Order, month: str) -> None:
    """What an end leaves behind: money moved, and for work done the visit and perhaps stars."""
    session, elder_id, fen = start.session, order.elder_id, order.subsidy_fen
    done = order.state in (OrderState.FINISHED, OrderState.REVIEWED)
    if fen:
        held = Work(session, SYSTEM, order.placed_at)
        post(held, ledger.reserve(elder_id, month, fen), f"order:{order.id}:reserve:0", order.id)
    over = Work(session, SYSTEM, order.changed_at)
    if not done:
        move = Move.CANCEL if order.state is OrderState.CANCELLED else Move.MISS
        _leave(session, order, move, order.changed_at)
        if fen:
            freed = ledger.release(elder_id, month, fen)
            post(over, freed, f"order:{order.id}:release:0", order.id)
        return
    late = timedelta(minutes=chance.choice((-40, -30, -20, -10, -5, 0, 25)))
    came = order.window_end + late
    left = came + timedelta(minutes=order.duration_min)
    session.add(
        Visit(
            order_id=order.id, worker_id=order.worker_id, departed_at=came - timedelta(minutes=20),
            checked_in_at=came, check_in_proof="code", checked_out_at=left,
        )
    )  # fmt: skip
    _leave(session, order, Move.CHECK_OUT, left)
    if fen:
        taken = ledger.capture(elder_id, order.provider_id, month, fen)
        post(over, taken, f"order:{order.id}:capture", order.id)
    owed = ledger.self_pay(elder_id, order.provider_id, month, order.self_pay_fen)
    post(over, owed, f"order:{order.id}:self_pay", order.id)
    if order.state is OrderState.REVIEWED:
        stars = chance.choice(STARS)
        session.add(Review(order_id=order.id, stars=stars, at=left + timedelta(hours=3)))
        _leave(session, order, Move.REVIEW, left + timedelta(hours=3))


def _leave(session: Session, order: Order, move: Move, at: datetime) -> None:
    session.add(
        OrderEvent(
            order_id=order.id, at=at, move=move.value, from_state=None,
            to_state=order.state.value, actor="system", channel="system",
        )
    )  # fmt: skip


def _moment(chance: random.Random, first: date) -> datetime:
    day = first + timedelta(days=chance.randrange(28))
    return datetime.combine(day, time(chance.randrange(24), chance.randrange(60)), TIMEZONE)


def _alarm(
    session: Session, chance: random.Random, people: Sequence[Elder], first: date, number: int
) -> None:
    elder, at = chance.choice(people), _moment(chance, first)
    answered = at + timedelta(seconds=chance.choice(ANSWERED_S))
    over = answered + timedelta(minutes=20)
    session.add(
        Incident(
            idempotency_key=f"past:{month_of(first)}:{number}", elder_id=elder.id,
            state=IncidentState.RESOLVED, channel=chance.choice(("voice", "wechat")), words="",
            raised_at=at, acknowledged_at=answered, acknowledged_by="system", resolved_at=over,
        )
    )  # fmt: skip


def _call(
    session: Session, chance: random.Random, people: Sequence[Elder], first: date, number: int
) -> None:
    elder, at = chance.choice(people), _moment(chance, first)
    answered = at + timedelta(seconds=chance.choice((1, 1, 2, 2, 3, 18))) if number % 9 else None
    ended = (answered or at) + timedelta(seconds=chance.randrange(30, 240))
    outcome = chance.choice(("order", "talked", "human")) if answered else "nothing"
    wanted = answered + timedelta(seconds=20) if answered and outcome == "human" else None
    waited = chance.choice((6, 8, 11, 15, 22, None))
    number_kept = f"1540099{elder.id % 10000:04d}"
    account = session.scalars(
        select(Account).where(Account.channel == "phone", Account.identifier == number_kept)
    ).first() or Account(channel="phone", identifier=number_kept)
    session.add(
        Call(
            ring_key=f"past:{month_of(first)}:{number}", sip_id=f"past-{number}", direction="in",
            number=number_kept, account=account, elder_id=elder.id, rang_at=at,
            answered_at=answered, ended_at=ended, alive_until=ended, how_ended="caller",
            outcome=outcome, human_wanted_at=wanted,
            human_at=wanted + timedelta(seconds=waited) if wanted and waited else None,
        )
    )  # fmt: skip
