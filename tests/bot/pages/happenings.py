"""What happens in the town while people look at their telephones, by the use cases of the house."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from sqlalchemy import select

from backend.db.models import Offer, Order
from backend.services.accept_offer import accept_offer
from backend.services.check_in import check_in
from backend.services.check_out import check_out
from backend.services.dispatch_order import dispatch_order
from backend.services.place_order import place_order
from backend.services.quote_order import OrderRequest
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Actor
from tests.bot.pages.conftest import BEFORE_LUNCH, PagesHouse
from tests.standin.wechat import Phone

_numbers = itertools.count(1)
HOUSE = Actor("test", "console")


def at(hour: int, minute: int = 0, days: int = 0) -> datetime:
    """An hour of Dongguan's day, that many days from the story's."""
    return BEFORE_LUNCH.replace(minute=minute) + timedelta(days=days, hours=hour - 10)


def orders(pages: PagesHouse, elder_id: int, code: str, start: datetime, note: str = "") -> int:
    """Somebody ordered it the day before; its id."""
    with unit_of_work(pages.sessions, HOUSE, now=BEFORE_LUNCH - timedelta(days=1)) as work:
        asked = OrderRequest(elder_id, code, start, start + timedelta(hours=1), note=note)
        return place_order(work, asked, f"pages-test-{next(_numbers)}").id


def lunch_for(pages: PagesHouse, elder_id: int, days: int = 1) -> int:
    return orders(pages, elder_id, "meal.lunch", at(11, days=days))


def asks_somebody(pages: PagesHouse, order_id: int) -> Offer:
    """The order is put to a worker."""
    with unit_of_work(pages.sessions, HOUSE, now=BEFORE_LUNCH) as work:
        dispatch_order(work, order_id)
        offer = work.session.scalars(
            select(Offer).where(Offer.order_id == order_id, Offer.state == "standing")
        ).one()
        work.session.expunge(offer)
        return offer


def job_of_somebody(pages: PagesHouse, elder_id: int, note: str = "") -> tuple[int, Offer, Phone]:
    """A lunch of today, the offer to a rider, and that rider's phone."""
    order_id = orders(pages, elder_id, "meal.lunch", at(11), note)
    offer = asks_somebody(pages, order_id)
    return order_id, offer, pages.worker(offer.worker_id)


def done(pages: PagesHouse, elder_id: int) -> int:
    """A lunch of today that was brought early; its id."""
    order_id = orders(pages, elder_id, "meal.lunch", at(11))
    offer = asks_somebody(pages, order_id)
    with unit_of_work(pages.sessions, HOUSE, now=BEFORE_LUNCH) as work:
        accept_offer(work, offer.id)
        check_in(work, order_id, code=work.get(Order, order_id).visit_code)
        check_out(work, order_id, "放在桌上了")
    return order_id
