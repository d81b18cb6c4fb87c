"""How the understanding's answers become figures: what counts as right, made up, missed, sure."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.corpus.lines import Line
from nlu.understanding import ServiceWish, Understanding
from ops.bench.nlu.report import Findings, goals, tell, to_json, write
from ops.bench.nlu.scoring import (
    Alarms,
    Answer,
    alarms,
    by,
    calibration_error,
    confusions,
    largest_difference,
    micro_f1,
    reliability,
    score,
    value_score,
    worst,
)

TOMORROW = date(2026, 3, 5)


def answer(
    meant: str = "order_meal", found: str | None = None, sure: float = 0.9, **values: Any
) -> Answer:
    """A line and what was made of it; `said_…` label the line, `found_…` the understanding."""
    said = {name[5:]: value for name, value in values.items() if name.startswith("said_")}
    heard = {name[6:]: value for name, value in values.items() if name.startswith("found_")}
    source = values.get("source", "rasa")
    return Answer(
        Line("送饭", meant, **said),
        Understanding("送饭", found or meant, sure, source=source, **heard),
    )


def test_a_wrong_quantity_makes_the_right_service_a_wrong_one() -> None:
    two_lunches = (("meal.lunch", 2),)
    one = answer(said_services=two_lunches, found_services=(ServiceWish("meal.lunch", 1),))

    figures = score([one])

    assert figures.services == 0.0
    assert figures.codes == 1.0


def test_services_are_the_same_in_whatever_order() -> None:
    swapped = answer(
        said_services=(("meal.lunch", 1), ("home.bath", 1)),
        found_services=(ServiceWish("home.bath", 1), ServiceWish("meal.lunch", 1)),
    )

    assert swapped.wrong_fields() == []
    assert score([swapped]).services == 1.0


def test_micro_f1_weighs_every_service_alike_whatever_the_line() -> None:
    # Three were meant and two found, both right: 2 × 2 of 3 + 2.
    assert micro_f1([("ab", "a"), ("c", "c")]) == pytest.approx(0.8)


def test_micro_f1_of_nothing_meant_and_nothing_found_is_no_figure() -> None:
    assert micro_f1([((), ())]) is None


@given(st.lists(st.tuples(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))))
def test_micro_f1_is_a_share_and_the_same_from_both_sides(
    pairs: list[tuple[list[str], list[str]]],
) -> None:
    there, back = micro_f1(pairs), micro_f1([(found, meant) for meant, found in pairs])

    assert there == back
    assert there is None or 0.0 <= there <= 1.0


def test_a_day_made_up_counts_against_the_days() -> None:
    answers = [
        answer(said_date=TOMORROW, found_date=TOMORROW),
        answer(said_date=TOMORROW),
        answer(found_date=TOMORROW),
        answer(),
    ]

    days = value_score(answers, "date")

    assert (days.said, days.right, days.invented) == (2, 1, 1)
    assert days.share == pytest.approx(1 / 3)


def test_a_missed_cry_and_a_false_alarm_are_told_apart() -> None:
    heard = alarms(
        (meant, Understanding("", found, 1.0))
        for meant in ("emergency", "greet", "thanks")
        for found in ("emergency", "greet")
    )

    assert heard == Alarms(cries=2, heard=1, others=4, false=2)
    assert (heard.recall, heard.false_share) == (0.5, 0.5)


def test_an_alarm_that_is_asked_about_is_an_alarm_all_the_same() -> None:
    asks = Understanding("", "emergency", 0.3, doubtful=True)

    heard = alarms([("emergency", asks), ("greet", asks)])

    assert heard == Alarms(cries=1, heard=1, others=1, false=1, asked=1, falsely_asked=1)


def test_a_cry_that_nobody_understands_is_missed() -> None:
    assert alarms([("emergency", None)]).recall == 0.0


def test_recall_without_any_cry_is_no_figure() -> None:
    assert alarms([("greet", None)]).recall is None


def test_answers_as_sure_as_right_have_no_calibration_error() -> None:
    sure = [answer(found="order_meal" if n < 3 else "greet", sure=0.75) for n in range(4)]

    curve = reliability(sure)

    assert [(one.count, one.confidence, one.right) for one in curve] == [(4, 0.75, 0.75)]
    assert calibration_error(curve) == 0.0


def test_calibration_error_weighs_bins_by_their_answers() -> None:
    # Three say 0.9 and are all right (0.1 off), one says 0.3 and is wrong (0.3 off).
    some = [answer(sure=0.9)] * 3 + [answer(found="greet", sure=0.3)]

    assert calibration_error(reliability(some)) == pytest.approx(0.15)


def test_certainty_itself_falls_into_the_last_bin_and_rules_into_none() -> None:
    curve = reliability([answer(sure=1.0), answer(sure=0.95), answer(sure=1.0, source="rule")])

    assert [one.count for one in curve] == [2]


def test_confusions_count_right_answers_too() -> None:
    seen = confusions([answer(), answer(), answer(found="greet")])

    assert seen == {("order_meal", "order_meal"): 2, ("order_meal", "greet"): 1}


def test_the_worst_mistakes_are_wrong_intents_the_surest_first() -> None:
    right = answer()
    sure = answer(found="greet", sure=0.99)
    unsure = answer(found="greet", sure=0.4)
    wrong_day = answer(sure=1.0, said_date=TOMORROW)

    assert worst([right, wrong_day, unsure, sure], most=2) == [sure, unsure]
    assert worst([right, wrong_day, unsure, sure], most=9) == [sure, unsure, wrong_day]


def test_groups_come_in_the_order_of_their_names() -> None:
    groups = by([answer("thanks"), answer("greet"), answer("thanks")], lambda a: a.meant.intent)

    assert [(name, len(inside)) for name, inside in groups] == [("greet", 1), ("thanks", 2)]


def test_the_figure_furthest_from_the_first_run_is_named_in_points() -> None:
    name, points = largest_difference({"intent": 0.96, "date": 0.9}, {"intent": 0.964, "date": 0.9})

    assert name == "intent"
    assert points == pytest.approx(0.4)


def test_a_figure_that_one_run_has_and_the_other_has_not_is_a_difference() -> None:
    assert largest_difference({"rating": 1.0}, {"rating": None}) == ("rating", 100.0)


def test_goals_are_reached_or_not() -> None:
    good = score([answer("emergency"), answer(said_date=TOMORROW, found_date=TOMORROW)])
    bad = score([answer("emergency", "greet"), answer(found="emergency")])

    reached = {goal.what: goal.reached for goal in goals(good, bad)}

    assert reached["intent"]
    assert reached["dates"]
    assert reached["emergencies, recall"]
    assert not reached["services, F1 over (code, quantity)"], "nothing measured is nothing reached"
    assert not reached["intent, noised copies"]
    assert not reached["emergencies, recall, noised copies"]
    assert not reached["false alarms, noised copies"]


def test_a_mistake_is_told_in_words() -> None:
    told = tell(answer("complain", "query_order", 0.93, said_date=TOMORROW))

    assert "「送饭」" in told
    assert "93 % sure" in told
    assert "taken for `query_order`, meant `complain`" in told
    assert "date: found nothing, said 2026-03-05" in told


def test_a_quick_run_leaves_a_whole_report(tmp_path: Any) -> None:
    clean = [answer(), answer("emergency", source="rule"), answer("greet", "thanks")]
    found = Findings(seed=3, clean=clean, noised=list(clean), trained_in_s=60.0)

    found.rules = (Alarms(9, 8, 7, 6), Alarms(5, 4, 3, 2, 1, 0))
    report = write(found, tmp_path).read_text("utf-8")

    assert "| intent | ≥ 96 % | 66.7 % | **no** |" in report
    assert (
        "| rules alone, with Rasa dead | 8 of 9 (0) | 6 of 7 (0) | 4 of 5 (1) | 2 of 3 (0) |"
        in report
    )
    assert "pictures/confusions.svg" in report
    assert "Not measured in this run" in report
    assert to_json(found)["clean"]["intent"] == pytest.approx(0.6667)
