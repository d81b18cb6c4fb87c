"""A visit from the order to the last minute, for stories that begin after it."""

from __future__ import annotations

from backend.db.models import Account, Order
from backend.seed.town import Seeded
from backend.services.accept_offer import accept_offer
from backend.services.check_in import check_in
from backend.services.check_out import check_out
from backend.services.depart import depart
from backend.services.dispatch_order import dispatch_order
from backend.services.place_order import place_order
from tests.backend.people import Cast, at, lunch


def finished_lunch(cast: Cast, seeded: Seeded, orders_it: Account) -> Order:
    """李桂兰's lunch of tomorrow, brought by 梁志强 at 11:20 local time."""
    liang = cast.account("梁志强", seeded.liang_zhiqiang)
    order = place_order(cast.as_(orders_it), lunch(seeded.li_guilan), "k-finished")
    offer = dispatch_order(cast.house, order.id)
    assert offer is not None
    accept_offer(cast.as_(liang), offer.id)
    depart(cast.as_(liang, at(11)), order.id)
    check_in(cast.as_(liang, at(11, 5)), order.id, code=order.visit_code)
    return check_out(cast.as_(liang, at(11, 20)), order.id)
