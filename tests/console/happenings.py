"""What happens in the town while somebody sits at the console: written as the line and the bot
write it, by the same use cases."""

from __future__ import annotations

import itertools
from datetime import time, timedelta

from sqlalchemy import delete, select, update

from backend.db.models import (
    Absence,
    Account,
    Call,
    ConsoleUser,
    Incident,
    Offer,
    Order,
    Qualification,
    Shift,
    Skill,
    Ticket,
    Worker,
)
from backend.domain.incidents import IncidentState
from backend.services.accept_offer import accept_offer
from backend.services.cancel_order import cancel_order
from backend.services.dispatch_order import dispatch_order
from backend.services.open_call import Ring, open_call
from backend.services.open_ticket import open_ticket
from backend.services.place_order import place_order
from backend.services.quote_order import OrderRequest
from backend.services.raise_incident import raise_incident
from backend.services.record_call import TurnRecord, end_call, record_turn
from backend.services.unit_of_work import unit_of_work
from backend.services.withdraw_job import take_back
from tests.console.conftest import ConsoleHouse

DAUGHTER = "15400000001"
"""王芳, kept as a contact of 李桂兰 and 王建国 of 莞城."""
SON = "15400000002"
"""赵军, of 李桂兰 of 东城 alone."""
OTHER_SON = "15400000003"
"""刘伟明, of 陈惠芳 of 莞城 alone."""

_numbers = itertools.count(1)


def rings(console: ConsoleHouse, number: str | None = SON) -> int:
    """A telephone rings at the line; the call's id."""
    with unit_of_work(console.sessions) as work:
        ring = Ring(f"test-{next(_numbers)}", work.now, number)
        call = open_call(work, ring)
        call.answered_at = work.now
        return call.id


def has_telephone(console: ConsoleHouse, login: str, telephone: str) -> None:
    """Somebody at the console is rung at it for callers who want a human."""
    with unit_of_work(console.sessions) as work:
        work.session.execute(
            update(ConsoleUser).where(ConsoleUser.login == login).values(telephone=telephone)
        )


def picks_up(console: ConsoleHouse, call_id: int, telephone: str) -> None:
    """An agent's telephone is taken off for that call."""
    with unit_of_work(console.sessions) as work:
        call = work.get(Call, call_id)
        call.human_at, call.human_telephone = work.now, telephone


def says(console: ConsoleHouse, call_id: int, no: int, text: str, answer: str) -> None:
    """A turn of a call, as the line writes it when it is answered."""
    with unit_of_work(console.sessions) as work:
        record_turn(work, call_id, TurnRecord(no, text=text, said=(answer,)))


def hangs_up(console: ConsoleHouse, call_id: int) -> None:
    with unit_of_work(console.sessions) as work:
        end_call(work, call_id, "caller")


def everybody_can_be_asked(console: ConsoleHouse) -> None:
    """Every worker follows our account."""
    with unit_of_work(console.sessions) as work:
        known = {one.identifier: one for one in work.session.scalars(select(Account))}
        bound = {account.worker_id for account in known.values()}
        for worker in work.session.scalars(select(Worker)):
            if worker.id not in bound:
                name = f"w-{worker.id}"
                account = known.get(name) or Account(channel="wechat", identifier=name)
                account.name, account.worker_id = worker.name, worker.id
                work.session.add(account)


def orders_cleaning(console: ConsoleHouse, elder_id: int, days_ahead: int = 1) -> int:
    """Somebody has her home cleaned at ten, and the first worker is asked; the order's id."""
    with unit_of_work(console.sessions) as work:
        day = work.local_now + timedelta(days=days_ahead)
        start = day.replace(hour=10, minute=0, second=0, microsecond=0)
        asked = OrderRequest(elder_id, "home.clean", start, start + timedelta(hours=1))
        order = place_order(work, asked, f"test-order-{next(_numbers)}")
        dispatch_order(work, order.id)
        return order.id


def nobody_ordered(console: ConsoleHouse, days_ahead: int) -> None:
    """Whatever was ordered for that day is cancelled, and everybody is at work."""
    with unit_of_work(console.sessions) as work:
        day = work.local_now.date() + timedelta(days=days_ahead)
        standing = select(Order).where(Order.service_day == day, Order.state != "cancelled")
        for order in work.session.scalars(standing):
            cancel_order(work, order.id, "the story is over")
        work.session.execute(delete(Absence).where(Absence.day == day))


def hires(console: ConsoleHouse, like: str, names: tuple[str, ...]) -> list[int]:
    """A provider takes on colleagues of one of its workers, who can and may what she does."""
    with unit_of_work(console.sessions) as work:
        known = work.session.scalars(select(Worker).where(Worker.name == like)).one()
        hired = []
        for name in names:
            new = Worker(
                provider_id=known.provider_id, name=name, sex=known.sex, lat=known.lat,
                lon=known.lon, languages=list(known.languages),
                skills=[Skill(code=skill.code) for skill in known.skills],
                shifts=[
                    Shift(weekday=day, starts=time(8), ends=time(18)) for day in range(7)
                ],
                qualifications=[
                    Qualification(kind=paper.kind, number=f"{paper.number}-{name}",
                                  issued_on=paper.issued_on, valid_until=paper.valid_until)
                    for paper in known.qualifications
                ],
            )  # fmt: skip
            work.session.add(new)
            work.session.flush()
            hired.append(new.id)
        return hired


def orders_lunch(
    console: ConsoleHouse,
    elder_id: int,
    days_ahead: int,
    diet: tuple[str, ...] = (),
    note: str = "",
) -> int:
    """Somebody has lunch brought to her, and the first rider is asked; the order's id."""
    with unit_of_work(console.sessions) as work:
        day = work.local_now + timedelta(days=days_ahead)
        start = day.replace(hour=11, minute=30, second=0, microsecond=0)
        end = start + timedelta(hours=1)
        asked = OrderRequest(elder_id, "meal.lunch", start, end, diet=diet, note=note)
        order = place_order(work, asked, f"test-order-{next(_numbers)}")
        dispatch_order(work, order.id)
        return order.id


def takes_it(console: ConsoleHouse, order_id: int) -> Worker:
    """The worker who is being asked says yes."""
    with unit_of_work(console.sessions) as work:
        standing = select(Offer).where(Offer.order_id == order_id, Offer.state == "standing")
        offer = work.session.scalars(standing).one()
        accept_offer(work, offer.id)
        return work.get(Worker, offer.worker_id)


def takes_it_if_asked(console: ConsoleHouse, order_id: int) -> None:
    """As `takes_it`, where there is somebody to ask."""
    with unit_of_work(console.sessions) as work:
        standing = select(Offer.id).where(Offer.order_id == order_id, Offer.state == "standing")
        offer_id = work.session.scalar(standing)
        if offer_id is not None:
            accept_offer(work, offer_id)


def gives_back(console: ConsoleHouse, order_id: int) -> None:
    """Who has the order cannot come after all."""
    with unit_of_work(console.sessions) as work:
        take_back(work, work.get(Order, order_id), "sick")


def cries(console: ConsoleHouse, elder_id: int | None, words: str, seconds_ago: float = 0.0) -> int:
    """Somebody cries for help; the incident's id."""
    with unit_of_work(console.sessions) as work:
        key = f"test-cry-{next(_numbers)}"
        incident = raise_incident(work, words, key, elder_id)
        incident.raised_at = work.now - timedelta(seconds=seconds_ago)
        return incident.id


def asks_for_human(console: ConsoleHouse, elder_id: int, kind: str, summary: str) -> int:
    """A ticket's id."""
    with unit_of_work(console.sessions) as work:
        turns = [
            {"who": "person", "text": "我要找人工"},
            {"who": "yinling", "text": "好的,马上帮您转。"},
        ]
        said = {"turns": turns, "phone": DAUGHTER}
        key = f"test-ticket-{next(_numbers)}"
        return open_ticket(work, kind, summary, key, elder_id=elder_id, transcript=said).id


def end_all(console: ConsoleHouse) -> None:
    """Every alarm is over, every ticket closed, every call long ended."""
    with unit_of_work(console.sessions) as work:
        session, long_ago = work.session, work.now - timedelta(days=1)
        over = {"acknowledged_at": work.now, "acknowledged_by": "test", "resolved_at": work.now}
        session.execute(update(Incident).values(state=IncidentState.RESOLVED, **over))
        closed = {"closed_at": work.now, "closed_by": "test", "outcome": "test"}
        session.execute(update(Ticket).values(state="closed", **closed))
        session.execute(update(Call).values(ended_at=long_ago))


def incident(console: ConsoleHouse, incident_id: int) -> Incident:
    """As it stands now, with its steps."""
    with unit_of_work(console.sessions) as work:
        found = work.get(Incident, incident_id)
        assert found.events is not None
        return found


def ticket(console: ConsoleHouse, ticket_id: int) -> Ticket:
    with unit_of_work(console.sessions) as work:
        return work.get(Ticket, ticket_id)
