"""An elder's file as a human at the centre needs it: who, where, health, whom to ring, what today
brings and what the month has left. Every look leaves an audit row."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from backend.db.models import (
    Address,
    Assessment,
    Call,
    Contact,
    Elder,
    Incident,
    Order,
    ServiceItem,
    Ticket,
)
from backend.domain.incidents import IncidentState
from backend.services.lookup import Balance, balance, recent_orders
from backend.services.work import Work

LAST_ORDERS = 6
LAST_CALLS = 5


@dataclass(frozen=True)
class ElderFile:
    """`age` in whole years. `assessment`: the newest."""

    elder: Elder
    age: int | None
    home: Address | None
    contacts: tuple[Contact, ...]
    assessment: Assessment | None
    balance: Balance
    today: tuple[Order, ...]
    recent: tuple[Order, ...]
    service_names: dict[str, str]
    incidents: tuple[Incident, ...]
    """Those that nobody has ended."""
    tickets: tuple[Ticket, ...]
    """Those still open."""
    calls: tuple[Call, ...]


def elder_file(work: Work, elder_id: int, why: str) -> ElderFile:
    """Look at it; `why` goes into the audit (search, ring, incident, ticket, order).

    Raises NotFound.
    """
    session = work.session
    elder = work.get(Elder, elder_id)
    today = work.local_now.date()
    of_today = session.scalars(
        select(Order)
        .where(Order.elder_id == elder_id, Order.service_day == today)
        .order_by(Order.window_start, Order.id)
    ).all()
    incidents = session.scalars(
        select(Incident)
        .where(Incident.elder_id == elder_id, Incident.state != IncidentState.RESOLVED)
        .order_by(Incident.raised_at)
    ).all()
    tickets = session.scalars(
        select(Ticket)
        .where(Ticket.elder_id == elder_id, Ticket.state == "open")
        .order_by(Ticket.due_at)
    ).all()
    calls = session.scalars(
        select(Call).where(Call.elder_id == elder_id).order_by(Call.id.desc()).limit(LAST_CALLS)
    ).all()
    work.audit("look_at_elder", "elder", elder_id, why=why)
    return ElderFile(
        elder=elder,
        age=age_on(today, elder.born_on),
        home=next((a for a in elder.addresses if a.is_default), None),
        contacts=tuple(elder.contacts),
        assessment=elder.assessments[-1] if elder.assessments else None,
        balance=balance(work, elder_id),
        today=tuple(of_today),
        recent=tuple(o for o in recent_orders(work, [elder_id], LAST_ORDERS)),
        service_names=service_names(work),
        incidents=tuple(incidents),
        tickets=tuple(tickets),
        calls=tuple(calls),
    )


def age_on(day: date, born_on: date | None) -> int | None:
    """Whole years."""
    if born_on is None:
        return None
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def service_names(work: Work) -> dict[str, str]:
    """By code."""
    found = work.session.execute(select(ServiceItem.code, ServiceItem.name))
    return dict(found.tuples().all())
