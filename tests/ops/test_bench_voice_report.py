"""The report of the phone line's bench: figures, goals and words of a run that is made up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ops.bench.asr.scoring import Count
from ops.bench.voice import report
from ops.bench.voice.cost import Cost
from ops.bench.voice.findings import Findings, HungUp, RoundFound, Rung, delays
from ops.bench.voice.plans import Called, Plan, Steps
from ops.bench.voice.timing import Run, Spoken
from ops.bench.voice.under_test import Use
from ops.bench.voice.wishes import Wanted, Wish

S = 1_000_000_000
LUNCH = Wish(1, "明天要午饭", (Wanted("meal.lunch", 1, count=1),))
GREETING = Run(S, 3 * S)


def use(at: float, mb: float, threads: int = 20, ports: int = 1, cpu_s: float = 1.0) -> Use:
    return Use(at, mb, threads, ports, cpu_s)


def rung(why: str, met: bool, turn_s: float = 0.8) -> Rung:
    """A call of 40 s in which she ordered and was answered once."""
    answer = Run(5 * S + int(turn_s * S), 9 * S)
    called = Called(
        Plan("139", wish=1), "id", why, 0, S, 41 * S, 2,
        spoken=[Spoken("明天要午饭", 4 * S, 5 * S), Spoken("好的", 12 * S, 13 * S)],
        line=[GREETING, answer, Run(13 * S + int(turn_s * S), 15 * S)],
    )  # fmt: skip
    return Rung(called, LUNCH, met, "", (Steps(0.7, 0.05, 0.1),))


def round_of(at_once: int, calls: list[Rung], around: str = "clean") -> RoundFound:
    uses = [use(0, 200), use(10, 230), use(20, 210, cpu_s=5.0)]
    name = f"kokoro, {around}, {at_once} at once"
    return RoundFound(name, "kokoro", around, at_once, calls, use(0, 200), uses, [0.5, 0.7])


def barging(at_s: float, hushed_s: float) -> Rung:
    """She interrupts the greeting."""
    said = Spoken("好的", int(at_s * S), int((at_s + 0.5) * S), over=True)
    silent = Run(S, int((at_s + hushed_s) * S))
    called = Called(Plan("139", wish=1), "id", "left", 0, S, 9 * S, 0, spoken=[said], line=[silent])
    return Rung(called, LUNCH, False)


def crying(raised_s: float) -> Rung:
    cry = Spoken("救命啊", 4 * S, 5 * S)
    called = Called(
        Plan("139", cry="救命啊"), "id", "alarm", 0, S, 9 * S, 1,
        spoken=[cry], incident_ns=int(raised_s * S) if raised_s else 0,
    )  # fmt: skip
    return Rung(called, None, bool(raised_s))


@pytest.fixture
def found() -> Findings:
    made = Findings("ours", False, 2)
    made.rounds = [
        round_of(4, [rung("ordered", True), rung("ordered", False), rung("human", False)]),
        round_of(10, [rung("ordered", True, 0.6), rung("ordered", True, 1.4)]),
        round_of(4, [rung("gave_up", False)], "10 dB"),
    ]
    made.typed, made.typed_failed = Count(59, 60), ["帮我交电费"]
    made.barged = round_of(4, [barging(2.0, 0.2), barging(2.5, 0.24)])
    made.cried = round_of(10, [crying(5.2), crying(4.9), crying(0)])
    looks = [use(n, mb, threads) for n, (mb, threads) in
             enumerate([(180, 18), (210, 24), (220, 24), (221, 24), (221.5, 25)])]  # fmt: skip
    made.hung_up = HungUp(200, 200, 0, 12, looks, 50, 0, {"left": 200})
    made.cost = Cost(2, 80.0, 20.0, 3.0, 4.0, 2.0, 4)
    return made


def test_delays_are_their_middle_and_their_edge() -> None:
    assert delays([]) is None
    only = delays([0.7])
    assert only is not None
    assert (only.count, only.p50, only.p95) == (1, 0.7, 0.7)
    many = delays([n / 100 for n in range(101)])
    assert many is not None
    assert (many.p50, many.p95, many.longest) == (0.5, pytest.approx(0.95), 1.0)


def test_a_call_is_right_only_with_the_right_order_and_no_human(found: Findings) -> None:
    four = found.rounds[0]
    assert four.met == Count(1, 3)
    assert four.ends() == {"human": 1, "right order": 1, "wrong order": 1}
    assert found.rounds[2].ends() == {"gave_up": 1}


def test_every_end_of_hers_is_a_turn(found: Findings) -> None:
    turn = found.rounds[1].turn
    assert turn is not None
    assert (turn.count, turn.p50, turn.longest) == (4, pytest.approx(1.0), pytest.approx(1.4))


def test_what_the_line_used_is_told_for_each_call(found: Findings) -> None:
    four = found.rounds[0]
    assert four.cpu_a_call == pytest.approx(4.0 / 120)
    assert four.mb_a_call == pytest.approx(30 / 4)
    assert four.busiest == pytest.approx(0.6)
    assert replace(four, uses=[]).cpu_a_call is None


def test_interrupting_is_timed_from_her_first_sound(found: Findings) -> None:
    assert found.barged is not None
    hushed = found.barged.hushed
    assert hushed is not None
    assert (hushed.count, hushed.longest) == (2, pytest.approx(0.24))


def test_a_cry_is_timed_to_its_incident_and_one_without_is_missed(found: Findings) -> None:
    last, first = found.raised
    assert last is not None
    assert first is not None
    assert (last.count, last.longest) == (2, pytest.approx(0.2))
    assert first.p50 == pytest.approx(1.05)
    assert found.cries == Count(2, 3)


def test_who_cries_twice_is_timed_from_the_first_and_may_come_to_a_human(found: Findings) -> None:
    assert found.cried is not None
    calls = found.cried.calls
    once, _, missed = (one.called for one in calls)
    again = [*once.spoken, Spoken("救命啊", 6 * S, 7 * S)]
    calls[0] = Rung(replace(once, spoken=again, incident_ns=7 * S), None, True)
    last, _ = found.raised
    assert last is not None
    assert last.longest == pytest.approx(2.0)
    assert found.cries_to_a_human == 0
    calls[2] = Rung(replace(missed, why="human"), None, False)
    assert found.cries_to_a_human == 1


def test_what_hung_up_calls_leave_behind_is_seen_in_the_later_half(found: Findings) -> None:
    assert found.hung_up is not None
    assert found.hung_up.mb_a_hundred == pytest.approx(1.5)
    assert found.hung_up.threads_more == 1


def test_the_goals_are_met_or_not_or_not_measured(found: Findings) -> None:
    reached = {goal.what: goal.reached for goal in report.goals(found)}
    assert reached["recognition against Vosk alone"]
    assert reached["voice turn, 20 calls at once, half"] is None
    assert reached["the right order, unheard voices, clean line"] is False
    assert reached["the line falls silent when interrupted, 95 %"]
    assert reached["cries that became an incident"] is False
    assert reached["UDP ports still held"]
    nothing = report.goals(Findings("ours", True, 2))
    assert {goal.reached for goal in nothing} == {None}


def test_the_report_is_written_whole(found: Findings, tmp_path: Path) -> None:
    words = report.write(found, tmp_path).read_text("utf-8")
    assert "| meal | 33.3 % (1 of 3) | 0.0 % (0 of 1) |" in words
    assert "59 of 60" in words and "帮我交电费" in words
    assert "0.75 ×" in words
    assert "A quick run" not in words
    empty = report.write(Findings("ours", True, 2), tmp_path).read_text("utf-8")
    assert "A quick run" in empty
    assert "Not measured" in empty


def test_the_figures_are_json(found: Findings) -> None:
    row = json.loads(json.dumps(report.to_json(found)))
    assert row["rounds"][0]["right"] == pytest.approx(1 / 3, abs=1e-3)
    assert row["hung_up"]["ports_left"] == 0
    assert json.dumps(report.to_json(Findings("ours", True, 2)))
