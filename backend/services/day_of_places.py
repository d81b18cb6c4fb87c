"""Where a day's orders are, where its workers begin, and what lies around: for a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, select

from backend.db.models import Address, Elder, Order, Worker
from backend.domain.matching import EARTH_RADIUS_M
from backend.domain.orders import OrderState
from backend.services.work import Work

M_PER_DEGREE = EARTH_RADIUS_M * 3.141592653589793 / 180
SMALLEST_M, LARGEST_M = 180.0, 450.0
"""A community is drawn no smaller and no larger, whoever lives far off."""
AT_MOST = 300
"""More places than a map is read with; those that ask for attention come first."""


@dataclass(frozen=True)
class OrderPlace:
    """An order at its address; degrees in GCJ-02."""

    order: Order
    elder: str
    town: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Ground:
    """A community as its addresses show it: their middle, and how far they spread, in metres."""

    town: str
    community: str
    lat: float
    lon: float
    radius_m: float


def order_places(work: Work, day: date, ours: ColumnElement[bool]) -> list[OrderPlace]:
    """The day's orders that have a place, but for cancelled ones."""
    loud = case(
        (Order.state.in_((OrderState.UNASSIGNED, OrderState.MISSED)), 0),
        (Order.state.in_((OrderState.FINISHED, OrderState.REVIEWED)), 2),
        else_=1,
    )
    rows = work.session.execute(
        select(Order, Elder.name, Address.town, Address.lat, Address.lon)
        .join(Elder, Elder.id == Order.elder_id)
        .join(Address, Address.id == Order.address_id)
        .where(
            Order.service_day == day,
            Order.state != OrderState.CANCELLED,
            Address.lat.is_not(None),
            Address.lon.is_not(None),
            ours,
        )
        .order_by(loud, Order.window_start, Order.id)
        .limit(AT_MOST)
    ).tuples()
    return [
        OrderPlace(order, elder, town, lat, lon)
        for order, elder, town, lat, lon in rows
        if lat is not None and lon is not None
    ]


def worker_places(work: Work, day: date, who: ColumnElement[bool]) -> Sequence[Worker]:
    """The workers under the condition who have a job on the day, and a place where it begins."""
    has_jobs = (
        select(Order.id)
        .where(
            Order.worker_id == Worker.id,
            Order.service_day == day,
            Order.state != OrderState.CANCELLED,
        )
        .exists()
    )
    placed = Worker.lat.is_not(None) & Worker.lon.is_not(None)
    return work.session.scalars(
        select(Worker)
        .where(Worker.is_active, who, placed, has_jobs)
        .order_by(Worker.id)
        .limit(AT_MOST)
    ).all()


def ground(work: Work, elders: ColumnElement[bool]) -> list[Ground]:
    """The communities in which elders under the condition live."""
    spread = func.coalesce(func.stddev_pop(Address.lat), 0) + func.coalesce(
        func.stddev_pop(Address.lon), 0
    )
    rows = work.session.execute(
        select(
            Address.town, Address.community, func.avg(Address.lat), func.avg(Address.lon), spread
        )
        .join(Elder, Elder.id == Address.elder_id)
        .where(elders, Address.lat.is_not(None), Address.lon.is_not(None))
        .group_by(Address.town, Address.community)
        .order_by(Address.town, Address.community)
    ).tuples()
    return [
        Ground(town, community, lat, lon, _radius_m(float(wide)))
        for town, community, lat, lon, wide in rows
    ]


def _radius_m(degrees: float) -> float:
    return min(max(SMALLEST_M, degrees * M_PER_DEGREE), LARGEST_M)
