"""The line behind Asterisk: rung through it, ringing through it, handing callers on by it."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.db.models import Callout, Elder, Incident, Link, Notice, Ticket
from backend.domain.callouts import CalloutState
from backend.seed.town import Seeded
from backend.services.callout_of_notice import call_about
from backend.services.callouts import phone_account
from backend.services.change_order import OrderChange, change_order
from backend.services.place_order import place_order
from backend.services.work import SYSTEM, Work
from ivr.endpoint import Call
from tests.backend.people import lunch
from tests.conftest import NOW
from tests.ivr.loopback import eventually as eventually_heard
from tests.ivr.loopback import line as endpoint
from tests.pbx.asterisk import DESK, LINE, NUMBER, Asterisk, password_of
from tests.pbx.conftest import AGENTS, BELL, CALLER, NEIGHBOUR, OpenLine, RunningLine
from tests.pbx.phones import Extension, talk_with_each_other
from tests.pbx.waiting import eventually

RECORDINGS = Path(__file__).parents[1] / "ivr" / "recordings"
FINE, HELP = "01-yes-no-kokoro.wav", "14-help-kokoro.wav"
LONG = "16-sentence-kokoro.wav"
EITHER_WAY = [pytest.param("false", id="joined"), pytest.param("true", id="referred")]


def recording(name: str) -> bytes:
    """Somebody says it."""
    with wave.open(str(RECORDINGS / name)) as file:
        assert file.getframerate() == 8000
        return file.readframes(file.getnframes())


def is_hers(line: RunningLine, seeded: Seeded) -> None:
    """The caller's telephone is 李桂兰's own."""
    with line.sessions.begin() as session:
        account = phone_account(Work(session, SYSTEM, NOW), CALLER, "李桂兰")
        session.add(Link(account_id=account.id, elder_id=seeded.li_guilan, relation="self"))


def test_a_cry_for_help_brings_the_first_of_all_agents(
    pbx: Asterisk, open_line: OpenLine, seeded: Seeded, tmp_path: Path
) -> None:
    """In through the PBX, heard, said back; out through it to all agents at once."""
    line = open_line(agents=",".join(AGENTS))
    is_hers(line, seeded)
    with (
        Extension(tmp_path, CALLER, pbx) as phone,
        Extension(tmp_path, AGENTS[0], pbx) as away,
        Extension(tmp_path, AGENTS[1], pbx, answers=True) as agent,
    ):
        phone.rings_the_line()
        phone.listens()
        phone.speak(recording(HELP))
        eventually(lambda: bool(agent.events("CALL_ESTABLISHED")), line.said)
        eventually(lambda: bool(away.events("CALL_CLOSED")), away.log)  # no longer rung
        talk_with_each_other(phone, agent, recording(LONG))
        phone.hang_up()
        eventually(lambda: bool(agent.events("CALL_CLOSED")), agent.log)
        call = line.last_call()
    assert (call.number, call.outcome, call.how_ended) == (CALLER, "alarm", "transferred")
    assert "救命" in call.turns[1].heard[0]["text"]
    with line.sessions() as session:
        assert session.scalars(select(Incident)).one().elder_id == seeded.li_guilan


def test_who_presses_0_is_handed_to_an_agent_and_the_line_is_free_again(
    pbx: Asterisk, open_line: OpenLine, tmp_path: Path
) -> None:
    line = open_line(agents=AGENTS[0])
    with (
        Extension(tmp_path, CALLER, pbx) as phone,
        Extension(tmp_path, AGENTS[0], pbx, answers=True) as agent,
    ):
        phone.rings_the_line()
        phone.press("0")
        eventually(lambda: bool(agent.events("CALL_ESTABLISHED")), line.said)
        call = line.last_call()  # complete, while they talk
        talk_with_each_other(phone, agent, recording(LONG))
        assert pbx.legs == 2, pbx.console("core show channels")
        assert not phone.events("CALL_CLOSED")
    assert (call.turns[1].keys, call.outcome, call.how_ended) == ("0", "human", "transferred")
    assert call.called == NUMBER


@pytest.mark.parametrize("refer", EITHER_WAY)
def test_an_agent_does_not_pick_up_and_the_next_one_does(
    pbx: Asterisk, open_line: OpenLine, tmp_path: Path, refer: str
) -> None:
    line = open_line(agents=",".join(AGENTS), refer=refer)
    with (
        Extension(tmp_path, CALLER, pbx) as phone,
        Extension(tmp_path, AGENTS[0], pbx) as away,
        Extension(tmp_path, AGENTS[1], pbx, answers=True) as agent,
    ):
        phone.rings_the_line()
        phone.press("0")
        eventually(lambda: bool(agent.events("CALL_ESTABLISHED")), line.said, patience_s=60)
        assert away.events("CALL_INCOMING")
        assert not away.events("CALL_ESTABLISHED")
        talk_with_each_other(phone, agent, recording(LONG))
        assert len(line.calls()) == 1


def test_a_pbx_that_lets_nobody_hand_on_a_call_has_us_stand_between_them(
    strict_pbx: Asterisk, open_line: OpenLine, tmp_path: Path
) -> None:
    line = open_line(at=strict_pbx, agents=AGENTS[0], refer="true")
    with (
        Extension(tmp_path, CALLER, strict_pbx) as phone,
        Extension(tmp_path, AGENTS[0], strict_pbx, answers=True) as agent,
    ):
        phone.rings_the_line()
        phone.press("0")
        eventually(lambda: bool(agent.events("CALL_ESTABLISHED")), line.said)
        eventually(lambda: '"outcome": "refused"' in line.said(), line.said)
        talk_with_each_other(phone, agent, recording(LONG))
        assert strict_pbx.legs == 4, strict_pbx.console("core show channels")
        phone.hang_up()
        eventually(lambda: bool(agent.events("CALL_CLOSED")), agent.log)
        call = line.last_call()
    assert (call.outcome, call.how_ended) == ("human", "transferred")
    with line.sessions() as session:
        assert session.get_one(Ticket, call.ticket_id).state == "closed"


def test_a_bell_rings_while_an_order_holds_the_only_line(
    pbx: Asterisk, open_line: OpenLine, seeded: Seeded, tmp_path: Path
) -> None:
    """Nobody speaks: a human comes to the telephone all the same, and the order goes on."""
    line = open_line(agents=AGENTS[0], max_calls="1", alarm_reserve="2")
    with line.sessions.begin() as session:
        session.get_one(Elder, seeded.li_guilan).bell_number = BELL
    with (
        Extension(tmp_path, CALLER, pbx) as orders,
        Extension(tmp_path, NEIGHBOUR, pbx) as neighbour,
        Extension(tmp_path, BELL, pbx) as bell,
        Extension(tmp_path, AGENTS[0], pbx, answers=True) as agent,
    ):
        orders.rings_the_line()
        neighbour.dial(f"sip:{NUMBER}@{pbx.address}")
        eventually(lambda: bool(neighbour.events("CALL_CLOSED")), neighbour.log)
        assert not neighbour.events("CALL_ESTABLISHED")
        bell.rings_the_line()
        eventually(lambda: bool(agent.events("CALL_ESTABLISHED")), line.said, patience_s=90)
        talk_with_each_other(bell, agent, recording(LONG))
        assert not orders.events("CALL_CLOSED")
        bell.hang_up()
        orders.hang_up()
        line.last_call()
    order, alarm = line.calls()
    assert (order.number, alarm.number, alarm.is_bell) == (CALLER, BELL, True)
    assert (alarm.outcome, alarm.how_ended) == ("alarm", "transferred")
    with line.sessions() as session:
        assert session.scalars(select(Incident)).one().elder_id == seeded.li_guilan


def test_keys_go_through_the_pbx_both_ways(pbx: Asterisk, tmp_path: Path) -> None:
    """RFC 4733, by an endpoint of ours in the line's place: the line itself presses none."""
    pressed: list[str] = []

    async def take(call: Call) -> None:
        await call.answer()
        call.on_key(pressed.append)
        await eventually_heard(lambda: pressed[-1:] == ["#"])
        await call.send_keys("1590*#")
        await call.wait_ended()

    def talk(phone: Extension) -> None:
        eventually(lambda: pbx.state_of(LINE) == "Avail", pbx.log)
        phone.rings_the_line()
        phone.press("2046*#")
        eventually(lambda: len(phone.events("CALL_DTMF_START")) == 6, phone.log)
        phone.hang_up()

    async def morning() -> None:
        await asyncio.to_thread(eventually, lambda: pbx.state_of(LINE) != "Avail")
        ours = {"registrar": pbx.address, "user": LINE, "password": password_of(LINE)}
        async with endpoint(take, **ours) as here:
            with Extension(tmp_path, CALLER, pbx) as phone:
                await asyncio.to_thread(talk, phone)
                await here.quiet()
                got = [one["param"] for one in phone.events("CALL_DTMF_START")]
        assert "".join(got) == "1590*#"

    asyncio.run(morning())
    assert "".join(pressed) == "2046*#"


@pytest.mark.parametrize("refer", EITHER_WAY)
def test_nobody_is_at_the_telephones_and_we_stay_with_her(
    pbx: Asterisk, open_line: OpenLine, tmp_path: Path, refer: str
) -> None:
    """The agents' telephones are not even plugged in."""
    line = open_line(agents=",".join(AGENTS), refer=refer)
    with Extension(tmp_path, CALLER, pbx) as phone:
        phone.rings_the_line()
        phone.press("0")
        eventually(lambda: len(line.calls()[0].turns) == 2, line.said)
        phone.listens()
        told = phone.speech_s()
        phone.listens(more_than_s=told + 1)  # that all are busy, and what she can do
        assert not phone.events("CALL_CLOSED")
        phone.hang_up()
        call = line.last_call()
    assert len(line.calls()) == 1
    with line.sessions() as session:
        assert session.get_one(Ticket, call.ticket_id).state == "open"


def test_she_is_rung_through_the_pbx_and_says_that_it_is_fine(
    pbx: Asterisk, open_line: OpenLine, seeded: Seeded, tmp_path: Path
) -> None:
    with Extension(tmp_path, CALLER, pbx, answers=True) as phone:
        line = open_line()
        is_hers(line, seeded)
        with line.sessions.begin() as session:
            work = Work(session, SYSTEM, NOW)
            order = place_order(work, lunch(seeded.li_guilan), "k1")
            change_order(work, order.id, OrderChange(quantity=2))
            for notice in session.scalars(select(Notice)):
                call_about(work, notice)
        phone.listens()
        phone.speak(recording(FINE))

        def states() -> set[CalloutState]:
            with line.sessions() as session:
                return set(session.scalars(select(Callout.state)))

        eventually(lambda: len(line.calls()[0].turns) == 2, line.said)
        phone.listens(more_than_s=phone.speech_s())
        phone.hang_up()
        eventually(lambda: states() == {CalloutState.DONE}, line.said)
        call = line.last_call()
    assert (call.direction, call.number) == ("out", CALLER)
    assert "好的" in call.turns[1].heard[0]["text"]


def test_the_pbx_sees_that_the_line_died_and_rings_the_telephone_on_the_desk(
    pbx: Asterisk, open_line: OpenLine, tmp_path: Path
) -> None:
    line = open_line()
    with (
        Extension(tmp_path, CALLER, pbx) as phone,
        Extension(tmp_path, DESK, pbx, answers=True) as desk,
    ):
        line.process.kill()
        eventually(lambda: pbx.state_of(LINE) == "Unavail", pbx.log)
        phone.rings_the_line()
        talk_with_each_other(phone, desk, recording(LONG))
    open_line()  # and it is back as soon as it runs


def test_without_its_password_the_line_says_why_nobody_rings(
    pbx: Asterisk, open_line: OpenLine
) -> None:
    line = open_line(registered=False, password="guessed")
    eventually(lambda: '"event": "not_registered"' in line.said(), line.said, patience_s=60)
    assert pbx.state_of(LINE) == ""
