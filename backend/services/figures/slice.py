"""The slice of the town's life that figures are about, and what they are put side by side by."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement

from backend.db.models import Elder, Order, ServiceItem
from backend.services.allowance import first_day, month_of
from backend.settings import TIMEZONE

MOST_MONTHS = 36
UNKNOWN = "-"
"""The town of those who are not known, among alarms and calls."""


class By(StrEnum):
    """What figures are put side by side by. A category is that of the service."""

    MONTH = "month"
    TOWN = "town"
    CATEGORY = "category"
    PROVIDER = "provider"


@dataclass(frozen=True)
class Slice:
    """Whole months, `YYYY-MM`, both included. A town is the one where the elder lives now; a
    category that of the service; None: all of them."""

    since: str
    until: str
    town: str | None = None
    category: str | None = None
    provider_id: int | None = None

    @property
    def first(self) -> date:
        """The first local day."""
        return first_day(self.since)

    @property
    def last(self) -> date:
        """The last local day."""
        day = first_day(self.until)
        return day.replace(day=monthrange(day.year, day.month)[1])

    @property
    def begins(self) -> datetime:
        """Aware."""
        return datetime.combine(self.first, time(), TIMEZONE)

    @property
    def ends(self) -> datetime:
        """Aware; the first moment that is not in it any more."""
        return datetime.combine(self.last + timedelta(days=1), time(), TIMEZONE)

    @property
    def months(self) -> list[str]:
        """Each of them, the earliest first."""
        return months_from(self.since, self.until)

    def narrowed(self, by: By, key: str) -> Slice:
        """The part of it that one group of `by` is."""
        if by is By.MONTH:
            return replace(self, since=key, until=key)
        if by is By.TOWN:
            return replace(self, town=key)
        if by is By.CATEGORY:
            return replace(self, category=key)
        return replace(self, provider_id=int(key))

    def of_orders(self) -> list[ColumnElement[bool]]:
        """Conditions of a query that joins orders, elders and service items: by the day of
        service."""
        wanted: list[ColumnElement[bool]] = [Order.service_day.between(self.first, self.last)]
        if self.town is not None:
            wanted.append(Elder.town == self.town)
        if self.category is not None:
            wanted.append(ServiceItem.category == self.category)
        if self.provider_id is not None:
            wanted.append(Order.provider_id == self.provider_id)
        return wanted


def months_from(since: str, until: str) -> list[str]:
    """`YYYY-MM` each, both included; at most MOST_MONTHS, the latest."""
    found, day, end = [], first_day(since), first_day(until)
    while day <= end:
        found.append(month_of(day))
        day = (day + timedelta(days=31)).replace(day=1)
    return found[-MOST_MONTHS:]
