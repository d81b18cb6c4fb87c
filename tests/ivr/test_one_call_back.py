"""However a call breaks, and whoever notices first: one ticket rings back, one alarm for a bell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations

import pytest
from sqlalchemy import Engine

from backend.db.models import Call, Elder, Incident, Ticket
from backend.jobs.sweeps import sweep
from backend.seed.town import Seeded
from backend.services.open_call import Ring, open_call
from backend.services.work import Work
from ivr.desk import Ending
from ivr.line import _hand_over
from ivr.writing import Written, write_down
from nlu.dialogue.turns import Alternative
from tests.conftest import NOW
from tests.ivr.lines import Line, a_line

LUNCH = "明天中午送一份午餐"
STRANGER = "13911112222"
BELL = "076912345678"


@pytest.fixture
def line(engine: Engine, monkeypatch: pytest.MonkeyPatch, seeded: Seeded) -> Iterator[Line]:
    def bell(work: Work) -> None:
        work.get(Elder, seeded.li_guilan).bell_number = BELL

    with a_line(engine, monkeypatch, NOW) as line:
        line.do(bell)
        yield line


@dataclass
class Broken:
    """A ring, and what may become of it."""

    line: Line
    ring: Ring

    def half_opened(self) -> None:
        """The process, or the database, is gone between the call's row and our first words."""
        self.line.do(lambda work: open_call(work, self.ring))

    def opened(self) -> None:
        self.line.desk.open_call(self.ring)

    def opened_too_late(self) -> None:
        """The caller has heard by then that somebody will ring back."""
        known = self.line.desk.open_call(self.ring)
        self.line.desk.close_call(known, Ending("us", self.line.now))

    def written_down(self) -> None:
        """Told that a human rings back, by the part of the line that needs nothing else."""
        wanted = Written.INCIDENT if self.ring.number == BELL else Written.TICKET
        assert write_down(self.line.sessions, self.ring) is wanted

    def swept(self) -> None:
        """Nobody has heard of its process for minutes."""
        self.line.wait(minutes=4)
        self.line.do(sweep)
        for call in self.line.all(Call):
            self.line.desk.end_lost_call(call.id)

    def excused(self) -> None:
        """A fault of ours in mid-conversation, and its end."""
        known = self.line.desk.open_call(self.ring)
        _hand_over(self.line.desk, known)
        self.line.desk.close_call(known, Ending("failed", self.line.now))

    def spoke(self) -> None:
        known = self.line.desk.open_call(self.ring)
        self.line.desk.utter(known, 1, [Alternative(LUNCH, 0.9)])


Step = Callable[[Broken], None]
BEFORE_A_WORD: list[Step] = [
    Broken.half_opened,
    Broken.written_down,
    Broken.opened_too_late,
    Broken.swept,
]
AFTER_WORDS: list[Step] = [Broken.written_down, Broken.excused, Broken.swept]
DIES: list[list[Step]] = [
    [Broken.half_opened, Broken.swept],
    [Broken.opened, Broken.swept],
    [Broken.written_down, Broken.swept],
]


def told(steps: tuple[Step, ...] | list[Step]) -> str:
    return "-".join(step.__name__ for step in steps)


@pytest.mark.parametrize("steps", [*permutations(BEFORE_A_WORD), *DIES], ids=told)
def test_a_call_that_breaks_before_its_first_word_is_rung_back_once(
    line: Line, steps: list[Step]
) -> None:
    broken = Broken(line, Ring("a", line.now, STRANGER))
    for step in steps:
        step(broken)
    broken.swept()
    (ticket,) = line.all(Ticket)
    assert ticket.kind == "call_back"
    assert STRANGER in ticket.summary
    (call,) = line.all(Call)
    assert (call.ticket_id, call.outcome) == (ticket.id, "human")
    assert call.ended_at is not None


@pytest.mark.parametrize("steps", permutations(AFTER_WORDS), ids=told)
def test_a_call_that_breaks_in_an_order_is_one_ticket_with_her_number(
    line: Line, steps: tuple[Step, ...], seeded: Seeded
) -> None:
    broken = Broken(line, Ring("a", line.now, seeded.wang_fang_phone))
    for step in (Broken.opened, Broken.spoke, *steps):
        step(broken)
    (ticket,) = line.all(Ticket)
    # Only who is told in the call itself gets the ticket of a conversation handed over.
    assert ticket.kind == ("handover" if steps[0] is Broken.excused else "call_back")
    assert seeded.wang_fang_phone in ticket.summary
    (call,) = line.all(Call)
    assert call.ticket_id == ticket.id


@pytest.mark.parametrize("steps", [*permutations(BEFORE_A_WORD), *DIES], ids=told)
def test_a_bell_that_breaks_is_one_alarm_and_nobodys_ticket(
    line: Line, steps: list[Step], seeded: Seeded
) -> None:
    broken = Broken(line, Ring("a", line.now, BELL))
    for step in steps:
        step(broken)
    broken.swept()
    (incident,) = line.all(Incident)
    assert incident.elder_id == seeded.li_guilan
    assert line.all(Ticket) == []
    (call,) = line.all(Call)
    assert (call.incident_id, call.outcome) == (incident.id, "alarm")


def test_a_device_that_counts_its_calls_anew_after_a_power_cut_is_rung_back_again(
    line: Line,
) -> None:
    for hour in range(2):
        for _ in range(2):
            Broken(line, Ring("1", line.now, STRANGER)).written_down()
        assert len(line.all(Ticket)) == hour + 1
        line.wait(hours=1)


def test_a_bell_that_rings_again_joins_its_alarm(line: Line) -> None:
    for sip_id in ("a", "a", "b"):
        Broken(line, Ring(sip_id, line.now, BELL)).written_down()
    (incident,) = line.all(Incident)
    with line.sessions() as session:
        steps = [event.step for event in session.get_one(Incident, incident.id).events]
    assert steps.count("said") == 1


def test_a_bell_that_withholds_its_number_is_an_alarm_and_other_such_callers_are_nobodys(
    line: Line, seeded: Seeded
) -> None:
    assert write_down(line.sessions, Ring("a", line.now)) is Written.NO_NUMBER
    assert line.all(Ticket) == []
    assert write_down(line.sessions, Ring("b", line.now, alarm=BELL)) is Written.INCIDENT
    assert [one.elder_id for one in line.all(Incident)] == [seeded.li_guilan]


def test_who_is_kept_as_a_contact_is_told_by_name_to_whoever_rings_back(
    line: Line, seeded: Seeded
) -> None:
    Broken(line, Ring("a", line.now, seeded.wang_fang_phone)).written_down()
    (ticket,) = line.all(Ticket)
    assert "李桂兰" in ticket.summary
    assert ticket.account_id is not None
