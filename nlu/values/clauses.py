"""The clauses of a sentence: which values stand with which service.

Punctuation and words like 然后 end a clause. A recogniser gives no commas, so inside a clause the
order of things decides: "明天中午送饭后天上午换药" begins anew at 后天, "送饭明天换药后天" at 换药.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from nlu.values.dates import find_dates
from nlu.values.diet import find_diets
from nlu.values.found import Found
from nlu.values.numbers import find_quantities
from nlu.values.recurrence import find_recurrences
from nlu.values.services import Gazetteer, ServiceFound
from nlu.values.text import mask
from nlu.values.times import Clock, find_clocks, find_parts

_BREAK = re.compile(
    r"[,。;!?]+|然后|另外|还有|顺便|接着|并且|同时|以及|之后再|完了再|[再还](?=要|订|约|叫"
    r"|帮|给|请|安排|来|送|点|加|预约|麻烦)"
)
_ALSO = re.compile(r"也|再|还")
_FROM = re.compile(r"(?:从|由|自|打)(?:了|的)?$")
_ON = re.compile(r"(?:那天)?(?:就|算)?(?:开始|起)")


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
    dishes: list[Found[str]] = field(default_factory=list)

    def whens(self) -> list[Found[object]]:
        """Dates, times, parts of day and recurrences by their place."""
        found: list[Found[object]] = [
            *(_untyped(one) for one in self.dates),
            *(_untyped(one) for one in self.clocks),
            *(_untyped(one) for one in self.parts),
            *(_untyped(one) for one in self.recurrences),
        ]
        return sorted(found, key=lambda one: one.at)


def _untyped(one: Found[date] | Found[Clock] | Found[str]) -> Found[object]:
    return Found(one.value, one.start, one.end, one.at)


def hear(
    text: str,
    now: datetime,
    gazetteer: Gazetteer,
    people: Sequence[Found[str]] = (),
    look_back: bool = False,
    category: str | None = None,
) -> Heard:
    """All values of a plain text. `people`: those it names, as `find_people` gives them;
    `category`: the kind of service it is known to be about, if so."""
    dates = find_dates(text, now, look_back)
    clocks, parts, again = find_clocks(text, now), find_parts(text), find_recurrences(text)
    dishes = gazetteer.dishes.find(text)
    diets = find_diets(mask(text, [(one.start, one.end) for one in dishes]))
    known = [
        *((one.start, one.end) for one in dishes),
        *((one.start, one.end) for one in diets),
        *((one.start, one.end) for one in dates),
        *((one.start, one.end) for one in clocks),
        *((one.start, one.end) for one in parts),
        *((one.start, one.end) for one in again),
        *((one.start, one.end) for one in people),
    ]
    return Heard(
        text=text,
        services=gazetteer.find(text, known, category),
        dates=dates,
        clocks=clocks,
        parts=parts,
        recurrences=again,
        quantities=find_quantities(text, len({one.value for one in people})),
        diets=diets,
        dishes=dishes,
    )


@dataclass
class Segment:
    start: int
    end: int
    services: list[ServiceFound] = field(default_factory=list)
    dates: list[Found[date]] = field(default_factory=list)
    clocks: list[Found[Clock]] = field(default_factory=list)
    parts: list[Found[str]] = field(default_factory=list)
    recurrences: list[Found[str]] = field(default_factory=list)
    quantities: list[Found[int]] = field(default_factory=list)
    diets: list[Found[str]] = field(default_factory=list)
    starts: list[Found[date]] = field(default_factory=list)
    """Of the dates, those said to be a first day: 从明天起."""

    def has_when(self) -> bool:
        return bool(self.dates or self.clocks or self.parts or self.recurrences)

    def has_day(self) -> bool:
        return bool(self.dates or self.recurrences)

    def take(self, other: Segment) -> None:
        """Fill what this segment lacks from another; portions and diet add up."""
        if not self.has_day():
            self.dates, self.recurrences = other.dates, other.recurrences
            self.starts = other.starts
        elif self.recurrences and not self.dates:
            # "从下周一开始,工作日的午饭都送"
            self.dates = self.starts = other.starts
        if not self.clocks and not self.parts:
            self.clocks, self.parts = other.clocks, other.parts
        elif not self.clocks and not other.parts:
            self.clocks = other.clocks
        self.quantities = sorted(self.quantities + other.quantities, key=lambda one: one.at)
        self.diets = self.diets + other.diets


def segments_of(heard: Heard) -> list[Segment]:
    """The clauses that name services, each with the values that belong to it."""
    return _gather(_segments(heard), heard.text)


def _segments(heard: Heard) -> list[Segment]:
    cuts = {0, len(heard.text)} | {match.start() for match in _BREAK.finditer(heard.text)}
    cuts |= set(_inner_cuts(heard, sorted(cuts)))
    # Never inside a value: 再 in 再过两天, 还 in 还书.
    spans = [(s.start, s.end) for s in heard.services]
    spans += [(one.start, one.end) for one in heard.whens()]
    edges = sorted(c for c in cuts if not any(start < c < end for start, end in spans))
    segments = [Segment(a, b) for a, b in zip(edges, edges[1:], strict=False)] or [Segment(0, 1)]

    def home(at: int) -> Segment:
        return next(s for s in segments if s.start <= at < s.end)

    for service in heard.services:
        home(service.start).services.append(service)
    for day in heard.dates:
        home(day.at).dates.append(day)
        if _FROM.search(heard.text[: day.start]) or _ON.match(heard.text, day.end):
            home(day.at).starts.append(day)
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


def _gather(segments: list[Segment], text: str) -> list[Segment]:
    """Give clauses without a service to the one they belong to."""
    out: list[Segment] = []
    waiting: Segment | None = None
    for index, segment in enumerate(segments):
        if segment.services:
            if waiting is not None:
                segment.take(waiting)
                waiting = None
            out.append(segment)
            continue
        last = out[-1] if out else None
        if last is not None and _completes(segment, last):
            # "每天送饭,从下周一开始", "明天起送饭,每天十一点"
            last.dates = last.dates or segment.dates
            last.recurrences = last.recurrences or segment.recurrences
            last.take(segment)
            continue
        following = next((s for s in segments[index + 1 :] if s.services), None)
        if last is None:
            waiting = _merge(waiting, segment)
        elif segment.has_day() and last.has_day() and not _same_day(segment, last):
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


def _completes(segment: Segment, last: Segment) -> bool:
    """Whether one tells the rhythm and the other its first day."""
    if last.dates and not last.recurrences:
        return bool(segment.recurrences and not segment.dates)
    return bool(last.recurrences and not last.dates and segment.dates)


def _same_day(segment: Segment, last: Segment) -> bool:
    """ "后天吧,后天下午": the day said once more."""
    days = {one.value for one in segment.dates}
    return bool(days) and not segment.recurrences and days == {one.value for one in last.dates}


def _merge(waiting: Segment | None, segment: Segment) -> Segment:
    if waiting is None:
        return segment
    segment.take(waiting)
    return segment
