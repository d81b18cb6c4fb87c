"""From a day and a time to a window that can be booked."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.values.dates import SHANGHAI
from nlu.values.windows import SHORTEST, ServiceHours, fit_window, make_window
from tests.nlu.saying import NOW, any_moment

LUNCH = ServiceHours(time(10, 30), time(13), window_min=60, lead_min=60)
NURSE = ServiceHours(time(8), time(18), window_min=60, lead_min=120)
TODAY, TOMORROW = date(2026, 3, 4), date(2026, 3, 5)


def clock(day: date | None, at: time | None, part: str | None, hours: ServiceHours) -> str | None:
    window = make_window(day, at, part, hours, NOW)
    return f"{window.start:%d %H:%M}-{window.end:%H:%M}" if window else None


@pytest.mark.parametrize(
    ("day", "at", "part", "hours", "window"),
    [
        (TOMORROW, None, "noon", LUNCH, "05 11:00-13:00"),
        (TOMORROW, None, None, LUNCH, "05 10:30-13:00"),
        (TOMORROW, time(11, 30), None, LUNCH, "05 11:30-12:30"),
        (TOMORROW, time(12, 30), "noon", LUNCH, "05 12:30-13:00"),
        (TOMORROW, time(13), None, LUNCH, "05 12:30-13:00"),
        (TOMORROW, None, "morning", NURSE, "05 08:00-12:00"),
        (TOMORROW, None, "afternoon", NURSE, "05 13:00-18:00"),
        (TODAY, None, None, NURSE, "04 11:30-18:00"),
        (TODAY, time(15), None, NURSE, "04 15:00-16:00"),
        (TODAY, time(11), None, NURSE, "04 11:30-12:00"),
    ],
)
def test_windows(
    day: date, at: time | None, part: str | None, hours: ServiceHours, window: str
) -> None:
    assert clock(day, at, part, hours) == window


@pytest.mark.parametrize(
    ("day", "at", "part", "hours", "problem"),
    [
        (None, time(11), None, LUNCH, "no_date"),
        (date(2026, 3, 3), None, None, LUNCH, "past"),
        (TODAY, time(8), None, NURSE, "past"),
        (TODAY, None, "early_morning", NURSE, "past"),
        (TOMORROW, time(15), None, LUNCH, "outside_hours"),
        (TOMORROW, None, "evening", LUNCH, "outside_hours"),
        (TODAY, time(10, 15), None, NURSE, "too_soon"),
    ],
)
def test_why_there_is_no_window(
    day: date | None, at: time | None, part: str | None, hours: ServiceHours, problem: str
) -> None:
    assert fit_window(day, at, part, hours, NOW) == (None, problem)


def test_a_lunch_called_for_at_half_past_twelve_comes_too_late() -> None:
    late = datetime(2026, 3, 4, 12, 30, tzinfo=SHANGHAI)
    assert fit_window(TODAY, None, "noon", LUNCH, late) == (None, "too_soon")


def test_now_may_come_in_utc() -> None:
    window = make_window(TODAY, None, None, NURSE, datetime(2026, 3, 4, 1, 15, tzinfo=UTC))
    assert window is not None
    assert window.start == datetime(2026, 3, 4, 11, 15, tzinfo=SHANGHAI)


@settings(max_examples=400, deadline=None)
@given(
    now=any_moment,
    ahead=st.integers(-3, 40),
    at=st.one_of(st.none(), st.times().map(lambda t: t.replace(second=0, microsecond=0))),
    part=st.sampled_from([None, "early_morning", "morning", "noon", "afternoon", "evening", "x"]),
    opens=st.integers(0, 20),
    length=st.integers(1, 3),
    lead=st.integers(0, 600),
    wide=st.integers(15, 240),
)
def test_a_window_lies_in_the_services_hours_and_never_in_the_past(
    now: datetime,
    ahead: int,
    at: time | None,
    part: str | None,
    opens: int,
    length: int,
    lead: int,
    wide: int,
) -> None:
    hours = ServiceHours(time(opens), time(opens + length), wide, lead)
    day = now.date() + timedelta(days=ahead)
    window, problem = fit_window(day, at, part, hours, now)
    assert (window is None) == (problem is not None)
    if window is not None:
        assert window.start >= now + timedelta(minutes=lead)
        assert window.end - window.start >= SHORTEST
        assert window.start.date() == window.end.date() == day
        assert hours.opens <= window.start.time() < window.end.time() <= hours.closes
