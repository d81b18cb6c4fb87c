"""The times at which a service can be booked, for those who choose from a list."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True)
class Slot:
    """A bookable window, aware."""

    start: datetime
    end: datetime


def slots_of_day(
    midnight: datetime, hours: tuple[time, time], window_min: int, lead_min: int, now: datetime
) -> list[Slot]:
    """The windows of one local day that can still be met, in order, the last cut at closing.

    `midnight` (aware, local) begins the day. A window can be met while its end leaves the time
    that preparing takes, as in `quote_order`.
    """
    start, closes = (midnight.replace(hour=hour.hour, minute=hour.minute) for hour in hours)
    step = timedelta(minutes=window_min)
    ready = now + timedelta(minutes=lead_min)
    slots: list[Slot] = []
    while start < closes:
        end = min(start + step, closes)
        if end >= ready:
            slots.append(Slot(start, end))
        start = end
    return slots
