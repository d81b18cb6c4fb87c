"""What a form for an order asks: when, how many, which diet, what else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from backend.console.words import words
from backend.db.models import ServiceItem
from backend.domain.slots import Slot, slots_of_day
from backend.services.quote_order import MAX_QUANTITY
from backend.services.work import Work
from backend.settings import TIMEZONE

DAYS_AHEAD = 7
LONGEST_NOTE = 200


@dataclass(frozen=True)
class Asked:
    """Window aware."""

    start: datetime
    end: datetime
    quantity: int
    diet: tuple[str, ...]
    note: str

    @property
    def window(self) -> str:
        """As a form carries it."""
        return window_word(self.start, self.end)


def window_word(start: datetime, end: datetime) -> str:
    """A window in one field of a form."""
    return f"{start.isoformat()}/{end.isoformat()}"


def asked_of(given: MultiDict[str, str], before: Asked) -> Asked:
    """What a form asks; what it does not say is as before. Raises BadRequest for what no form of
    ours can say."""
    start, end = before.start, before.end
    try:
        if window := given.get("window"):
            start, end = (datetime.fromisoformat(part) for part in window.split("/"))
        quantity = int(given.get("quantity") or before.quantity)
        if start.tzinfo is None or end.tzinfo is None:
            raise BadRequest
        start, end = start.astimezone(TIMEZONE), end.astimezone(TIMEZONE)
    except (ValueError, OverflowError) as error:  # the edge of the calendar has no other zone
        raise BadRequest from error
    if not -MAX_QUANTITY <= quantity <= 999:
        raise BadRequest
    diet = before.diet
    if "asked" in given:  # an unticked box says nothing, so the form says that it has boxes
        diet = tuple(one for one in given.getlist("diet") if one in words()["diets"])
    note = given.get("note", before.note).strip()[:LONGEST_NOTE]
    return Asked(start, end, quantity, diet, note)


def bookable(
    work: Work, item: ServiceItem, days: int = DAYS_AHEAD
) -> list[tuple[datetime, list[Slot]]]:
    """The next days on which a service can be had, with their windows."""
    midnight = work.local_now.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = (item.hours_from, item.hours_to)
    found = []
    for ahead in range(days):
        day = midnight + timedelta(days=ahead)
        slots = slots_of_day(day, hours, item.window_min, item.lead_min, work.now)
        if slots:
            found.append((day, slots))
    return found
