"""When the telephone may ring, how often it is tried, and what silence leads to."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.callouts import (
    MOST_ATTEMPTS,
    RULES,
    Check,
    Missed,
    Reason,
    check_for,
    may_greet_at,
    next_try,
    not_before,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(hour: int, minute: int = 0, day: int = 4) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(("why", "moment", "rings"), [
    (Reason.HOW_WAS_IT, at(10), at(10)),
    (Reason.HOW_WAS_IT, at(12, 30), at(14)),
    (Reason.HOW_WAS_IT, at(13, 59), at(14)),
    (Reason.HOW_WAS_IT, at(21), at(8, day=5)),
    (Reason.CONFIRM_CHANGE, at(3), at(8)),
    (Reason.ON_THE_WAY, at(13), at(13)),
    (Reason.ON_THE_WAY, at(7, 30), at(7, 30)),
    (Reason.CHECK, at(13), at(13)),
    (Reason.JOB_OFFER, at(13), at(13)),
    (Reason.JOB_OFFER, at(23), at(6, day=5)),
    (Reason.ALARM, at(3), at(3)),
])  # fmt: skip
def test_nobody_is_woken_for_what_can_wait(why: Reason, moment: datetime, rings: datetime) -> None:
    assert not_before(why, moment) == rings


moments = st.timedeltas(timedelta(0), timedelta(days=3)).map(lambda after: at(0) + after)


@given(st.sampled_from(Reason), moments)
def test_what_is_put_off_rings_as_soon_as_it_may(why: Reason, moment: datetime) -> None:
    rings = not_before(why, moment)
    assert moment <= rings < moment + timedelta(hours=12)
    assert not any(quiet.has(rings) for quiet in RULES[why].quiet)
    if rings > moment:
        assert any(q.has(rings - timedelta(microseconds=1)) for q in RULES[why].quiet)


def waits(why: Reason, missed: Missed) -> list[float | None]:
    """Minutes to the next try after the first, second, … miss, until it is given up."""
    found: list[float | None] = []
    for number in range(1, 30):
        again = next_try(why, missed, number, number, at(9))
        found.append(None if again is None else (again - at(9)) / timedelta(minutes=1))
        if again is None:
            break
    return found


def test_who_does_not_answer_is_left_in_peace_after_a_few_tries() -> None:
    assert waits(Reason.CONFIRM_CHANGE, Missed.NO_ANSWER) == [10, 30, 60, None]
    assert waits(Reason.DAILY_GREETING, Missed.NO_ANSWER) == [30, None]
    assert waits(Reason.ON_THE_WAY, Missed.BUSY) == [2, None]


def test_an_alarm_rings_for_ever() -> None:
    assert waits(Reason.ALARM, Missed.NO_ANSWER) == [0.5, *[1] * 28]


def test_a_number_that_is_none_is_not_tried_again() -> None:
    assert waits(Reason.CONFIRM_CHANGE, Missed.NOT_A_NUMBER) == [None]


@pytest.mark.parametrize("missed", [Missed.UNREACHABLE, Missed.CUT])
def test_troubles_of_our_line_use_up_nobody_s_tries_but_end(missed: Missed) -> None:
    again = next_try(Reason.DAILY_GREETING, missed, 3, 0, at(9))
    assert again == at(9, 2)
    assert next_try(Reason.DAILY_GREETING, missed, MOST_ATTEMPTS, 0, at(9)) is None
    assert next_try(Reason.ALARM, missed, 1000, 0, at(9)) == at(9) + timedelta(seconds=30)


def test_a_second_try_keeps_the_quiet_hours_too() -> None:
    assert next_try(Reason.CONFIRM_CHANGE, Missed.BUSY, 1, 1, at(12, 25)) == at(14)


@pytest.mark.parametrize(("level", "mornings", "misses", "check"), [
    ("mild", 1, 2, Check.TICKET),
    ("mild", 2, 2, Check.INCIDENT),
    ("severe", 1, 2, Check.INCIDENT),
    ("total", 1, 1, Check.INCIDENT),
    ("total", 2, 0, Check.TICKET),
])  # fmt: skip
def test_the_frail_and_the_long_silent_are_taken_for_a_call_for_help(
    level: str, mornings: int, misses: int, check: Check
) -> None:
    assert check_for(level, mornings, misses) is check


@pytest.mark.parametrize(("hour", "fine"), [
    (time(8), True), (time(7, 59), False), (time(12), False), (time(11, 59), True),
    (time(14), True), (time(20, 29), True), (time(20, 30), False), (time(3), False),
])  # fmt: skip
def test_greetings_are_asked_for_at_waking_hours(hour: time, fine: bool) -> None:
    assert may_greet_at(hour) is fine
