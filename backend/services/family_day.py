"""An elder's day as the family sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from backend.db.models import Elder, Link, Order
from backend.domain.orders import OPEN_STATES
from backend.services.elder_file import service_names
from backend.services.lookup import Balance, balance, elders_of
from backend.services.permissions import require_link
from backend.services.work import Work

COMING = 10


@dataclass(frozen=True)
class FamilyDay:
    """`coming`: open orders of later days, soonest first. `names` of services by code."""

    elder: Elder
    day: date
    orders: tuple[Order, ...]
    coming: tuple[Order, ...]
    balance: Balance
    names: dict[str, str]


def followed(work: Work, account_id: int) -> list[Link]:
    """The elders an account may look after here; who was only named in a call is not among them."""
    return [link for link in elders_of(work, account_id) if link.known_by != "name"]


def family_day(work: Work, elder_id: int, day: date) -> FamilyDay:
    """One local day of one elder. Raises `not_permitted` for an actor who is not linked."""
    require_link(work, elder_id)
    return FamilyDay(
        elder=work.get(Elder, elder_id),
        day=day,
        orders=_orders(work, Order.elder_id == elder_id, Order.service_day == day),
        coming=_orders(
            work,
            Order.elder_id == elder_id,
            Order.service_day > max(day, work.local_now.date()),
            Order.state.in_(OPEN_STATES),
        )[:COMING],
        balance=balance(work, elder_id, f"{day:%Y-%m}"),
        names=service_names(work),
    )


def _orders(work: Work, *conditions: object) -> tuple[Order, ...]:
    found: Sequence[Order] = work.session.scalars(
        select(Order)
        .where(*conditions)  # type: ignore[arg-type]
        .options(selectinload(Order.worker))
        .order_by(Order.window_start, Order.id)
        .limit(50)
    ).all()
    return tuple(found)
