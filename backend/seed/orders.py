"""Two days of orders in the made-up town, today and tomorrow, so that its board is not empty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.db.models import Account, Elder, Notice, Offer, Order, Worker
from backend.domain.errors import DomainError
from backend.domain.orders import OrderState
from backend.seed.lists import dice, read
from backend.services.accept_offer import accept_offer
from backend.services.check_in import check_in
from backend.services.check_out import check_out
from backend.services.decline_offer import decline_offer
from backend.services.depart import depart
from backend.services.dispatch_order import dispatch_order
from backend.services.place_order import place_order
from backend.services.quote_order import OrderRequest
from backend.services.review_order import review_order
from backend.services.work import SYSTEM, Work
from backend.settings import TIMEZONE

ORDERED_AT = time(6, 30)
"""Today's orders were placed this early, tomorrow's now."""
ELDERS_AT_MOST = 100
"""Who order; more would take `yinling seed` half a minute."""
ASKED_AT_MOST = 3
"""Workers, for one order; then it waits for an answer."""


@dataclass(frozen=True)
class Wish:
    """What an elder has ordered: a line of `data/orders.yaml`, on a day."""

    elder_id: int
    code: str
    start: datetime
    minutes: int
    diet: tuple[str, ...]
    note: str


def seed_orders(session: Session, now: datetime) -> int:
    """Have the elders order, and workers answer and go, as far as the day has come by `now`
    (aware); how many orders there are then. Where there are orders already, nothing is added.
    Nobody is told anything of it. Does not commit."""
    if session.scalar(select(Order.id).limit(1)) is not None:
        return 0
    last_notice = session.scalar(select(func.max(Notice.id))) or 0
    accounts = _reach_everybody(session)
    today = now.astimezone(TIMEZONE).date()
    for day in (today, today + timedelta(days=1)):
        rng = dice(f"orders:{day.isoformat()}")
        for wish in _wishes(session, day, rng):
            _live(session, wish, now, rng)
    lapsed = update(Notice).where(Notice.id > last_notice, Notice.state == "pending")
    session.execute(lapsed.values(state="lapsed"))
    for account in accounts:
        account.unreachable_since = now
    session.flush()
    return session.scalar(select(func.count()).select_from(Order)) or 0


def _reach_everybody(session: Session) -> list[Account]:
    """Matching asks those alone whom the house can reach; afterwards they are out of reach again,
    for nobody is behind these accounts."""
    known = select(Account.worker_id).where(Account.worker_id.is_not(None))
    workers = session.scalars(select(Worker).where(Worker.id.not_in(known))).all()
    accounts = [
        Account(channel="terminal", identifier=f"made-up:{w.id}", name=w.name, worker_id=w.id)
        for w in workers
    ]
    session.add_all(accounts)
    session.flush()
    return accounts


def _wishes(session: Session, day: date, rng: Random) -> list[Wish]:
    book = read("orders")
    wishes = []
    elders = session.scalars(select(Elder).where(Elder.ended_on.is_(None)).order_by(Elder.id)).all()
    for elder in elders[:: max(1, len(elders) // ELDERS_AT_MOST)]:
        for line in book["orders"]:
            if rng.random() * 100 >= line["percent"]:
                continue
            begins = time.fromisoformat(rng.choice(line["begins"]))
            start = datetime.combine(day, begins, TIMEZONE)
            diet = tuple(elder.diet) if line["code"].startswith("meal.") else ()
            note = rng.choice(book["notes"])
            wishes.append(Wish(elder.id, line["code"], start, line["window_min"], diet, note))
    return sorted(wishes, key=lambda wish: (wish.start, wish.elder_id, wish.code))


def _live(session: Session, wish: Wish, now: datetime, rng: Random) -> None:
    """One order, as far as it has come. What the rules refuse was never ordered."""
    placed_at = min(now, datetime.combine(wish.start.date(), ORDERED_AT, TIMEZONE))
    house = Work(session, SYSTEM, placed_at)
    asked = OrderRequest(
        wish.elder_id, wish.code, wish.start, wish.start + timedelta(minutes=wish.minutes),
        diet=wish.diet, note=wish.note,
    )  # fmt: skip
    key = f"made-up:{wish.elder_id}:{wish.code}:{wish.start.isoformat()}"
    try:
        order = place_order(house, asked, key)
    except DomainError:
        return
    answers_all = wish.start <= now
    for _ in range(ASKED_AT_MOST):
        offer = dispatch_order(house, order.id)
        if offer is None or not _answers(house, offer, rng, answers_all):
            break
        if order.state is OrderState.ACCEPTED:
            _serve(session, order, now, rng)
            break


def _answers(house: Work, offer: Offer, rng: Random, must: bool) -> bool:
    """Whether the worker has answered: yes mostly, sometimes no."""
    chance = rng.random()
    if chance < 0.1 and not must:
        return False
    if chance < 0.2:
        decline_offer(house, offer.id, read("orders")["reasons_to_decline"][0])
    else:
        accept_offer(house, offer.id)
    return True


def _serve(session: Session, order: Order, now: datetime, rng: Random) -> None:
    began = order.window_start + timedelta(minutes=rng.randint(0, 12))
    over = began + timedelta(minutes=order.duration_min + rng.randint(-4, 6))
    if began - timedelta(minutes=15) > now:
        return
    depart(Work(session, SYSTEM, began - timedelta(minutes=15)), order.id)
    if began > now:
        return
    check_in(Work(session, SYSTEM, began), order.id, code=order.visit_code)
    if over > now:
        return
    check_out(Work(session, SYSTEM, over), order.id)
    if rng.random() < 0.4:
        review_order(Work(session, SYSTEM, over), order.id, rng.choice((3, 4, 5, 5, 5)))
