"""Several wants in one sentence: each service with what its own clause says.

Words are shared out by clause; a recogniser gives no commas, so inside a clause the order of
things decides ("明天中午送饭后天上午换药" begins anew at 后天). What was said once goes to every want
that lacks it; what was said twice goes on from one want to the next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from nlu.understanding import ServiceWish, Want, Window
from nlu.values.dates import SHANGHAI, find_dates
from nlu.values.diet import find_diets
from nlu.values.found import Found
from nlu.values.numbers import find_quantities
from nlu.values.recurrence import find_recurrences
from nlu.values.services import Gazetteer, ServiceFound
from nlu.values.text import mask
from nlu.values.times import Clock, find_clocks, find_parts, read_clock
from nlu.values.windows import ANY_SERVICE, ServiceHours, make_window

_BREAK = re.compile(
    r"[,。;!?]+|然后|另外|还有|顺便|接着|并且|同时|以及|之后再|完了再|[再还](?=要|订|约|叫|帮|给|请|安排|来|送|点|加|预约|麻烦)"
)
_ALSO = re.compile(r"也|再|还")
_KITCHEN = ("meal.", "home.cook")


@dataclass(frozen=True)
class Heard:
    """Every value found in a plain text, after corrections."""

    text: str
    services: list[ServiceFound]
    dates: list[Found[date]]
    clocks: list[Found[Clock]]
    parts: list[Found[str]]
    recurrences: list[Found[str]]
    quantities: list[Found[int]]
    diets: list[Found[str]]

    def whens(self) -> list[Found[object]]:
        """Dates, times, parts of day and recurrences by their place."""
        found: list[Found[object]] = [
            *(replace_value(one) for one in self.dates),
            *(replace_value(one) for one in self.clocks),
            *(replace_value(one) for one in self.parts),
            *(replace_value(one) for one in self.recurrences),
        ]
        return sorted(found, key=lambda one: one.at)


def replace_value(one: Found[date] | Found[Clock] | Found[str]) -> Found[object]:
    """The same Found, its value's type forgotten."""
    return Found(one.value, one.start, one.end, one.at)


def hear(
    text: str, now: datetime, gazetteer: Gazetteer, people: int = 0, look_back: bool = False
) -> Heard:
    """All values of a plain text. `people`: how many persons it names."""
    services = gazetteer.find(text)
    # "中午的饭" names a meal, and noon too; "晏昼饭" only names a meal: find_parts knows.
    return Heard(
        text=text,
        services=services,
        dates=find_dates(text, now, look_back),
        clocks=find_clocks(text, now),
        parts=find_parts(text),
        recurrences=find_recurrences(text),
        quantities=find_quantities(text, people),
        diets=find_diets(mask(text, [(s.start, s.end) for s in services if s.by_sound])),
    )


@dataclass
class _Segment:
    start: int
    end: int
    services: list[ServiceFound] = field(default_factory=list)
    dates: list[Found[date]] = field(default_factory=list)
    clocks: list[Found[Clock]] = field(default_factory=list)
    parts: list[Found[str]] = field(default_factory=list)
    recurrences: list[Found[str]] = field(default_factory=list)
    quantities: list[Found[int]] = field(default_factory=list)
    diets: list[Found[str]] = field(default_factory=list)

    def has_when(self) -> bool:
        return bool(self.dates or self.clocks or self.parts or self.recurrences)

    def has_day(self) -> bool:
        return bool(self.dates or self.recurrences)

    def take(self, other: _Segment) -> None:
        """Fill what this segment lacks from another; portions and diet add up."""
        if not self.has_day():
            self.dates, self.recurrences = other.dates, other.recurrences
        if not self.clocks and not self.parts:
            self.clocks, self.parts = other.clocks, other.parts
        elif not self.clocks and not other.parts:
            self.clocks = other.clocks
        self.quantities = sorted(self.quantities + other.quantities, key=lambda one: one.at)
        self.diets = self.diets + other.diets


def compose(heard: Heard, gazetteer: Gazetteer, now: datetime) -> list[Want]:
    """The wants of a sentence, in the order their services are said; empty without services."""
    segments = _gather(_segments(heard), heard.text)
    wants: list[Want] = []
    for index, segment in enumerate(segments):
        before = segments[index - 1] if index else None
        wants += _wants_of(segment, before, wants, gazetteer, now)
    wants = [_lacking(want, wants, gazetteer, now) for want in wants]
    return _once(wants)


def hours_of(gazetteer: Gazetteer, code: str) -> ServiceHours:
    """The service hours of a catalogue item."""
    item = gazetteer.items[code]
    return ServiceHours(item.hours_from, item.hours_to, item.window_min, item.lead_min)


# ------------------------------------------------------------------- clauses


def _segments(heard: Heard) -> list[_Segment]:
    cuts = {0, len(heard.text)} | {match.start() for match in _BREAK.finditer(heard.text)}
    cuts |= set(_inner_cuts(heard, sorted(cuts)))
    # Never inside a value: 再 in 再过两天, 还 in 还书.
    spans = [(s.start, s.end) for s in heard.services]
    spans += [(one.start, one.end) for one in heard.whens()]
    edges = sorted(c for c in cuts if not any(start < c < end for start, end in spans))
    segments = [_Segment(a, b) for a, b in zip(edges, edges[1:], strict=False)]

    def home(at: int) -> _Segment:
        return next(s for s in segments if s.start <= at < s.end)

    for service in heard.services:
        home(service.start).services.append(service)
    for day in heard.dates:
        home(day.at).dates.append(day)
    for clock in heard.clocks:
        home(clock.at).clocks.append(clock)
    for part in heard.parts:
        home(part.at).parts.append(part)
    for again in heard.recurrences:
        home(again.at).recurrences.append(again)
    for portions in heard.quantities:
        home(portions.at).quantities.append(portions)
    for wish in heard.diets:
        home(wish.at).diets.append(wish)
    return segments


def _inner_cuts(heard: Heard, edges: Sequence[int]) -> list[int]:
    """Where a new want begins inside a clause, by the order of services and times."""
    cuts: list[int] = []
    whens = [one.at for one in heard.whens()]
    for start, end in zip(edges, edges[1:], strict=False):
        services = [s.start for s in heard.services if start <= s.start < end]
        times = [at for at in whens if start <= at < end]
        if len(services) < 2 or not times:
            continue
        leading = times[0] < services[0]
        seen_service = seen_time = False
        for at, is_service in sorted([(s, True) for s in services] + [(t, False) for t in times]):
            opens = not is_service if leading else is_service
            if opens and seen_service and (leading or seen_time):
                cuts.append(at)
                seen_service = seen_time = False
            seen_service |= is_service
            seen_time |= not is_service
    return cuts


def _gather(segments: list[_Segment], text: str) -> list[_Segment]:
    """Give clauses without a service to the one they belong to."""
    out: list[_Segment] = []
    waiting: _Segment | None = None
    for index, segment in enumerate(segments):
        if segment.services:
            if waiting is not None:
                segment.take(waiting)
                waiting = None
            out.append(segment)
            continue
        last = out[-1] if out else None
        if last is not None and segment.dates and last.recurrences and not last.dates:
            last.dates = segment.dates  # "每天送饭,从下周一开始"
        following = next((s for s in segments[index + 1 :] if s.services), None)
        if last is None:
            waiting = _merge(waiting, segment)
        elif segment.has_day() and last.has_day():
            said = text[segment.start : segment.end]
            if following is not None and not following.has_day():
                waiting = _merge(waiting, segment)
            elif _ALSO.search(said):
                out.append(replace(segment, services=last.services))
        elif segment.has_when() and last.has_when() and following is not None:
            waiting = _merge(waiting, segment)
        else:
            last.take(segment)
    return out


def _merge(waiting: _Segment | None, segment: _Segment) -> _Segment:
    if waiting is None:
        return segment
    segment.take(waiting)
    return segment


# --------------------------------------------------------------------- wants


def _wants_of(
    segment: _Segment,
    before: _Segment | None,
    earlier: Sequence[Want],
    gazetteer: Gazetteer,
    now: datetime,
) -> list[Want]:
    day = _first_ahead(segment.dates, now)
    again = segment.recurrences[0].value if segment.recurrences else None
    part = segment.parts[0].value if segment.parts else None
    clock = segment.clocks[0].value if segment.clocks else None
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


def _first_ahead(days: Sequence[Found[date]], now: datetime) -> date | None:
    today = now.astimezone(SHANGHAI).date()
    ahead = [one.value for one in days if one.value >= today]
    return (ahead or [one.value for one in days] or [None])[0]


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


def _portions(segment: _Segment, index: int) -> int:
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
    part = heard.parts[0].value if heard.parts else None
    said = read_clock(heard.clocks[0].value, part) if heard.clocks else None
    again = heard.recurrences[0].value if heard.recurrences else None
    return When(day, said, part, make_window(day, said, part, ANY_SERVICE, now), again)
