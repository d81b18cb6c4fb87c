"""Who is asked first, and why not the others."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.matching import (
    SHARED_AT_ONCE,
    WEIGHTS,
    Busy,
    Candidate,
    Need,
    Place,
    ShiftHours,
    busy_span,
    distance_m,
    most_common_refusal,
    rank,
    refusal,
    score,
    travel_minutes,
)
from backend.domain.qualification import Paper, assessment_covers, holds

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 5, 14, 0, tzinfo=SHANGHAI)  # a Thursday
HOME = Place(23.04, 113.75)
NURSE_PAPER = Paper("nurse", date(2020, 1, 1), date(2027, 1, 1))

NEED = Need(
    code="nursing.wound",
    category="nursing",
    window_start=START,
    window_end=START + timedelta(hours=2),
    duration_min=40,
    town="莞城",
    place=HOME,
    required_qualification="nurse",
    elder_dialect="粤语",
    wanted_sex="f",
    provider_id=1,
)
CHEN_MIN = Candidate(
    worker_id=1,
    provider_id=1,
    codes=frozenset({"nursing.wound"}),
    towns=frozenset({"莞城"}),
    papers=(NURSE_PAPER,),
    shifts=(ShiftHours(3, time(8), time(18)),),
    absent_on=frozenset(),
    busy=(),
    provider_open=True,
    provider_room=None,
    place=HOME,
    sex="f",
    languages=frozenset({"粤语"}),
    rating=5.0,
    visits_to_this_elder=3,
)


@pytest.mark.parametrize(
    ("gate", "change"),
    [
        ("already_asked", {"already_asked": True}),
        ("refused_by_elder", {"refused_by_elder": True}),
        ("skill", {"codes": frozenset({"nursing.rehab"})}),
        ("area", {"towns": frozenset({"东城"})}),
        ("qualification", {"papers": (replace(NURSE_PAPER, valid_until=date(2026, 3, 4)),)}),
        ("provider_closed", {"provider_open": False}),
        ("provider_full", {"provider_room": 0}),
        ("shift", {"shifts": (ShiftHours(2, time(8), time(18)),)}),
        ("shift", {"shifts": (ShiftHours(3, time(8), time(14, 30)),)}),
        ("shift", {"absent_on": frozenset({date(2026, 3, 5)})}),
        ("day_full", {"visits_that_day": 8}),
        ("double_booked", {"busy": (busy_span(START + timedelta(minutes=30), 40, False, HOME),)}),
    ],
)
def test_every_gate_closes(gate: str, change: dict[str, object]) -> None:
    assert refusal(NEED, CHEN_MIN, START) is None
    assert refusal(NEED, replace(CHEN_MIN, **change), START) == gate


def test_a_visit_far_away_just_before_leaves_no_time_to_travel() -> None:
    just_before = busy_span(START - timedelta(minutes=50), 40, False, Place(23.10, 113.75))
    assert refusal(NEED, replace(CHEN_MIN, busy=(just_before,)), START) == "double_booked"
    next_door = replace(just_before, place=HOME)
    assert refusal(NEED, replace(CHEN_MIN, busy=(next_door,)), START) is None


def test_meals_share_a_round_up_to_what_one_can_carry() -> None:
    lunch = replace(NEED, shared_visit=True, required_qualification=None)
    meal = Busy(START, START + timedelta(minutes=20), shared=True, place=HOME)
    rider = replace(CHEN_MIN, busy=(meal,) * (SHARED_AT_ONCE - 1), visits_that_day=29)
    assert refusal(lunch, rider, START) is None
    assert refusal(lunch, replace(rider, busy=(meal,) * SHARED_AT_ONCE), START) == "double_booked"


def test_the_perfect_worker_has_the_full_score_and_it_can_be_read() -> None:
    best = score(NEED, CHEN_MIN)
    assert best.score == sum(WEIGHTS.values()) == 100
    assert set(best.parts) == set(WEIGHTS)


def test_each_part_tells() -> None:
    whole = score(NEED, CHEN_MIN).score
    for worse in (
        {"place": Place(23.09, 113.75)},
        {"visits_to_this_elder": 0},
        {"provider_id": 2},
        {"rating": 3.0},
        {"rating": None},
        {"visits_that_day": 4},
        {"languages": frozenset()},
        {"sex": "m"},
        {"place": None},
    ):
        assert score(NEED, replace(CHEN_MIN, **worse)).score < whole
    assert score(replace(NEED, elder_dialect=None, wanted_sex=None), CHEN_MIN).score == whole


def test_the_best_is_asked_first_and_the_refused_are_named() -> None:
    far = replace(CHEN_MIN, worker_id=2, place=Place(23.08, 113.75))
    twin = replace(CHEN_MIN, worker_id=3)
    without = replace(CHEN_MIN, worker_id=4, papers=())
    ranking = rank(NEED, [far, twin, without, CHEN_MIN], START)
    assert [s.worker_id for s in ranking.best_first] == [1, 3, 2]
    assert ranking.refused == {4: "qualification"}


def test_the_commonest_reason_is_told() -> None:
    assert most_common_refusal(["shift", "area", "shift"]) == "shift"
    assert most_common_refusal([]) is None


@given(
    st.builds(Place, st.floats(22.6, 23.2), st.floats(113.5, 114.3)),
    st.builds(Place, st.floats(22.6, 23.2), st.floats(113.5, 114.3)),
)
def test_distance_is_a_distance(a: Place, b: Place) -> None:
    assert distance_m(a, a) == 0
    assert distance_m(a, b) == pytest.approx(distance_m(b, a))
    assert 0 <= travel_minutes(a, b) < 24 * 60
    assert travel_minutes(a, None) == 15


def test_papers_hold_from_issue_to_expiry() -> None:
    assert holds([NURSE_PAPER], "nurse", NURSE_PAPER.valid_until)
    assert not holds([NURSE_PAPER], "nurse", NURSE_PAPER.valid_until + timedelta(days=1))
    assert not holds([NURSE_PAPER], "nurse", NURSE_PAPER.issued_on - timedelta(days=1))
    assert holds([], None, date.today())  # noqa: DTZ011 any day will do


def test_an_assessment_covers_a_year() -> None:
    day = date(2026, 3, 5)
    assert assessment_covers(False, None, day)
    assert not assessment_covers(True, None, day)
    assert assessment_covers(True, day, day)
    assert not assessment_covers(True, day - timedelta(days=1), day)
