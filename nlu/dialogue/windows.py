"""From what was said of a time to the window of an order, and to the nearest one there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from backend.db.models import ServiceItem
from backend.domain.errors import DomainError
from backend.services.quote_order import OrderRequest, Quote
from backend.settings import TIMEZONE
from nlu.values.windows import ServiceHours, fit_window, goes_with

DAYS_TRIED = 8
_PART_BEGINS = {
    "early_morning": time(6),
    "morning": time(8),
    "noon": time(11),
    "afternoon": time(14),
    "evening": time(18),
}
_HALVES = frozenset({"morning", "afternoon"})
"""Parts of the day that sound alike, 上午 and 下午."""
TIME_REFUSALS = frozenset({"past_window", "too_late", "out_of_hours", "provider_full", "too_far"})
"""Refusals that another time can mend."""


def hours_of(item: ServiceItem) -> ServiceHours:
    """A service's hours as the window rules read them."""
    return ServiceHours(item.hours_from, item.hours_to, item.window_min, item.lead_min)


def said_window(
    item: ServiceItem, day: date, clock: time | None, part: str | None, now: datetime
) -> tuple[datetime, datetime]:
    """The window that was asked for. One that cannot be had is given as it was said: the price
    question then refuses it with the exact reason. 下午九点 where nobody comes at nine in the
    evening was 上午九点, misheard or a slip: it is read back, and asked about."""
    if clock is not None and part in _HALVES and not goes_with(part, clock):
        other = clock.replace(hour=(clock.hour + 12) % 24)
        if item.hours_from <= other < item.hours_to:
            clock, part = other, None
    fitting, problem = fit_window(day, clock, part, hours_of(item), now)
    if fitting is not None:
        return fitting.start, fitting.end
    length = timedelta(minutes=item.window_min)
    begins = clock or (_PART_BEGINS.get(part) if part else None)
    if begins is None or (part is not None and clock is None and problem != "outside_hours"):
        opens = datetime.combine(day, item.hours_from, TIMEZONE)
        return opens, datetime.combine(day, item.hours_to, TIMEZONE)
    start = datetime.combine(day, begins, TIMEZONE)
    return start, start + length


def nearest(
    item: ServiceItem,
    request: OrderRequest,
    now: datetime,
    quote: Callable[[OrderRequest], Quote],
) -> OrderRequest | None:
    """The bookable request nearest after the one refused; None when a week has none.

    Every candidate is priced by `quote`, so that what we offer can really be had. Refusals
    that time cannot mend end the search.
    """
    for start, end in _candidates(item, request, now):
        candidate = replace(request, window_start=start, window_end=end)
        try:
            quote(candidate)
        except DomainError as refusal:
            if refusal.code not in TIME_REFUSALS:
                return None
            continue
        return candidate
    return None


def _candidates(
    item: ServiceItem, request: OrderRequest, now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    wished = request.window_start.astimezone(TIMEZONE)
    local = now.astimezone(TIMEZONE)
    length = min(
        request.window_end - request.window_start,
        timedelta(hours=item.hours_to.hour - item.hours_from.hour)
        + timedelta(minutes=item.hours_to.minute - item.hours_from.minute),
    )
    whole_day = item.category == "meal"
    first = max(wished.date(), local.date())
    for ahead in range(DAYS_TRIED):
        day = first + timedelta(days=ahead)
        opens = datetime.combine(day, item.hours_from, TIMEZONE)
        closes = datetime.combine(day, item.hours_to, TIMEZONE)
        start = datetime.combine(day, wished.timetz())
        ready = _quarter_up(local + timedelta(minutes=item.lead_min))
        start = max(opens, start, ready)
        if whole_day:
            start = max(opens, ready)
        if start >= closes or day != start.date():
            if ready < closes and wished >= closes:
                # Asked for the evening: the day's last hour is nearer than another day.
                start = max(opens, ready, closes - length)
            else:
                continue
        end = closes if whole_day else min(start + length, closes)
        if end - start < timedelta(minutes=15):
            continue
        yield start, end


def _quarter_up(moment: datetime) -> datetime:
    quarter = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    return quarter if quarter == moment else quarter + timedelta(minutes=15)
