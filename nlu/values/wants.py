"""Several wants in one sentence: each service with what its own clause says.

What was said once goes to every want that lacks it; what was said twice goes on from one want
to the next. A meal keeps its own hour, and a day said for one service brings no hour along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from nlu.understanding import ServiceWish, Want, Window
from nlu.values.clauses import Heard, Segment, segments_of
from nlu.values.dates import SHANGHAI
from nlu.values.found import Found
from nlu.values.services import Gazetteer, ServiceFound
from nlu.values.times import Clock, read_clock
from nlu.values.windows import ANY_SERVICE, ServiceHours, make_window

_LISTED = frozenset({"", "和", "跟", "与", "及", "、"})
_KITCHEN = ("meal.", "home.cook")


def compose(heard: Heard, gazetteer: Gazetteer, now: datetime) -> list[Want]:
    """The wants of a sentence, in the order their services are said; empty without services."""
    wants: list[Want] = []
    for segment in segments_of(heard):
        for days in _each_day(segment, heard.text):
            wants += _wants_of(replace(segment, dates=days), wants, gazetteer, now)
    wants = [_lacking(want, wants, gazetteer, now) for want in wants]
    return _once(wants)


def hours_of(gazetteer: Gazetteer, code: str) -> ServiceHours:
    """The service hours of a catalogue item."""
    item = gazetteer.items[code]
    return ServiceHours(item.hours_from, item.hours_to, item.window_min, item.lead_min)


def _each_day(segment: Segment, text: str) -> list[list[Found[date]]]:
    """The segment's days, each for itself where they are listed ("明天和后天的午饭")."""
    days = sorted(segment.dates, key=lambda one: one.start)
    gaps = [text[a.end : b.start] for a, b in zip(days, days[1:], strict=False)]
    if gaps and all(gap in _LISTED for gap in gaps):
        return [[day] for day in days]
    return [segment.dates]


def _wants_of(
    segment: Segment, earlier: Sequence[Want], gazetteer: Gazetteer, now: datetime
) -> list[Want]:
    day = _first_ahead(segment.dates, now)
    again = segment.recurrences[0].value if segment.recurrences else None
    clock = segment.clocks[0].value if segment.clocks else None
    part = _part_of(segment.parts, clock)
    exact = {s.code for s in segment.services if not s.generic}
    wants = []
    for index, service in enumerate(segment.services):
        if service.generic and exact & set(service.codes):
            continue  # "订餐,要午餐": the plain word adds nothing to the exact one
        code = _choose(service, part, clock, day, earlier, gazetteer, now)
        hours = hours_of(gazetteer, code)
        said = read_clock(clock, part, (hours.opens, hours.closes)) if clock else None
        portions = _portions(segment, index) if code.startswith("meal.") else 1
        diet = tuple(d.value for d in segment.diets) if code.startswith(_KITCHEN) else ()
        wants.append(Want(ServiceWish(code, portions), day, said, part, None, again, diet))
    return wants


def _part_of(parts: Sequence[Found[str]], clock: Clock | None) -> str | None:
    """The part of day said, if only with the hour ("上午,呸,下午三点")."""
    if parts:
        return parts[0].value
    return clock.part if clock and clock.part != "exact" else None


def _first_ahead(days: Sequence[Found[date]], now: datetime) -> date | None:
    today = now.astimezone(SHANGHAI).date()
    ahead = [one.value for one in days if one.value >= today]
    past = [one.value for one in days]
    return ahead[0] if ahead else past[0] if past else None


def _choose(
    service: ServiceFound,
    part: str | None,
    clock: Clock | None,
    day: date | None,
    earlier: Sequence[Want],
    gazetteer: Gazetteer,
    now: datetime,
) -> str:
    """The code meant. A word for any meal, with no time said, is the default meal, or, for
    today, the first of its meals that can still be had."""
    if not service.generic:
        return service.code
    at = read_clock(clock, part) if clock else None
    code = gazetteer.choose(service, part, at)
    if part is not None or at is not None:
        return code
    day = day or (earlier[-1].date if earlier else None)
    local = now.astimezone(SHANGHAI)
    if day is not None and day != local.date():
        return code
    order = [code, *(c for c in service.codes if c != code)]
    order.sort(key=lambda c: (c != code, gazetteer.items[c].hours_from))
    for candidate in order:
        hours = hours_of(gazetteer, candidate)
        if make_window(local.date(), None, None, hours, now) is not None:
            return candidate
    return code


def _portions(segment: Segment, index: int) -> int:
    """The portions said for the segment's service: before it if the segment counts first
    ("两份午饭一份晚饭"), else behind it ("午饭两份晚饭一份"); one count alone is everybody's."""
    counts = segment.quantities
    if not counts:
        return 1
    if len(counts) == 1 or len(segment.services) == 1:
        return counts[0].value
    starts = [s.start for s in segment.services]
    counts_first = counts[0].start < starts[0]
    low = starts[index - 1] if index and counts_first else (-1 if counts_first else starts[index])
    following = starts[index + 1] if index + 1 < len(starts) else segment.end
    high = starts[index] if counts_first else following
    own = [one.value for one in counts if low <= one.start < high]
    return own[-1] if own else 1


def _lacking(want: Want, wants: Sequence[Want], gazetteer: Gazetteer, now: datetime) -> Want:
    """Fill what a want lacks from the one before it, else from the first that has it."""
    index = next(i for i, other in enumerate(wants) if other is want)
    others = [*reversed(wants[:index]), *wants[index + 1 :]]
    had_day = want.date is not None or want.recurrence is not None
    if not had_day:
        giver = next((o for o in others if o.date or o.recurrence), None)
        if giver is not None:
            want = replace(want, date=giver.date, recurrence=giver.recurrence)
    if want.part is None and want.time is None and not had_day:
        giver = next((o for o in others if o.part or o.time), None)
        if giver is not None and _fits(want, giver, gazetteer):
            want = replace(want, part=giver.part, time=giver.time)
    if not want.diet and want.service.code.startswith(_KITCHEN):
        diet = next((o.diet for o in others if o.diet), ())
        want = replace(want, diet=diet)
    hours = hours_of(gazetteer, want.service.code)
    part = want.part
    window = make_window(want.date, want.time, part, hours, now)
    return replace(want, window=window)


def _fits(want: Want, giver: Want, gazetteer: Gazetteer) -> bool:
    """Whether a time said for one service can be meant for another: a meal's hour is its own."""
    if want.service.code.startswith("meal.") or giver.service.code.startswith("meal."):
        return False
    hours = hours_of(gazetteer, want.service.code)
    return giver.time is None or hours.opens <= giver.time <= hours.closes


def _once(wants: Sequence[Want]) -> list[Want]:
    """Drop a want said twice: the same service for the same day and time."""
    kept: list[Want] = []
    for want in wants:
        twin = next(
            (
                i
                for i, other in enumerate(kept)
                if other.service.code == want.service.code
                and other.date == want.date
                and (other.time, other.part) == (want.time, want.part)
                and other.recurrence == want.recurrence
            ),
            None,
        )
        if twin is None:
            kept.append(want)
        elif want.service.quantity > kept[twin].service.quantity:
            kept[twin] = replace(kept[twin], service=want.service)
    return kept


@dataclass(frozen=True)
class When:
    """When a sentence means, its parts as in Understanding."""

    date: date | None
    time: time | None
    part: str | None
    window: Window | None
    recurrence: str | None


def when_of(want: Want) -> When:
    """A want's own when."""
    return When(want.date, want.time, want.part, want.window, want.recurrence)


def unattached(heard: Heard, now: datetime) -> When:
    """When a sentence without services means; its window keeps the hours of most services."""
    day = _first_ahead(heard.dates, now)
    part = _part_of(heard.parts, heard.clocks[0].value if heard.clocks else None)
    said = read_clock(heard.clocks[0].value, part) if heard.clocks else None
    again = heard.recurrences[0].value if heard.recurrences else None
    return When(day, said, part, make_window(day, said, part, ANY_SERVICE, now), again)
