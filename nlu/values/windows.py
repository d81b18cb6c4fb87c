"""From a day, a time and a service's hours to a window that can be booked.

The rule, in Asia/Shanghai: a clock time opens a window of the service's `window_min`, cut at
closing time; a part of day gives the part cut to the service's hours; a day alone gives all of
them. A window never begins before now plus the service's notice (rounded up to a quarter of an
hour) and never in the past; what leaves less than 15 minutes is no window, and the reason is
told, so that the conversation can say it and ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from nlu.understanding import Window
from nlu.values.dates import SHANGHAI

Problem = Literal["no_date", "past", "outside_hours", "too_soon"]

SHORTEST = timedelta(minutes=15)
_PARTS: dict[str, tuple[time, time]] = {
    "early_morning": (time(6), time(9)),
    "morning": (time(6), time(12)),
    "noon": (time(11), time(14)),
    "afternoon": (time(13), time(18)),
    "evening": (time(17), time(21)),
}


@dataclass(frozen=True)
class ServiceHours:
    """When a service can be had: local hours, length of a window and notice, in minutes."""

    opens: time
    closes: time
    window_min: int = 60
    lead_min: int = 0


# For a day said before any service is ("明天下午"): the hours most services keep.
ANY_SERVICE = ServiceHours(time(8), time(18))


def fit_window(
    day: date | None, clock: time | None, part: str | None, hours: ServiceHours, now: datetime
) -> tuple[Window | None, Problem | None]:
    """The bookable window, or None and why there is none. `now` must be aware."""
    if day is None:
        return None, "no_date"
    local = now.astimezone(SHANGHAI)
    if day < local.date():
        return None, "past"
    opens, closes = _at(day, hours.opens), _at(day, hours.closes)
    if clock is not None:
        start = _at(day, clock)
        if not opens <= start <= closes:
            return None, "outside_hours"
        if start < local:
            return None, "past"
        end = min(start + timedelta(minutes=hours.window_min), closes)
        if end - start < SHORTEST:
            start = end - 2 * SHORTEST  # "by closing time"
    elif part is not None and part in _PARTS:
        first, last = _PARTS[part]
        start, end = max(opens, _at(day, first)), min(closes, _at(day, last))
    else:
        start, end = opens, closes
    if end - start < SHORTEST:
        return None, "outside_hours"
    if end <= local:
        return None, "past"
    start = max(start, opens, _round_up(local + timedelta(minutes=hours.lead_min)))
    if end - start < SHORTEST:
        return None, "too_soon"
    return Window(start, end), None


def make_window(
    day: date | None, clock: time | None, part: str | None, hours: ServiceHours, now: datetime
) -> Window | None:
    """The bookable window, None when there is none (see `fit_window` for the reason)."""
    return fit_window(day, clock, part, hours, now)[0]


def goes_with(part: str, clock: time) -> bool:
    """Whether a time of day is one of a part of day: nine in the evening is none of the
    afternoon. A part that is not known goes with every time."""
    if part not in _PARTS:
        return True
    first, last = _PARTS[part]
    return first <= clock <= last


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, SHANGHAI)


def _round_up(moment: datetime) -> datetime:
    quarter = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    return quarter if quarter == moment else quarter + timedelta(minutes=15)
