"""People ring the line over real SIP and RTP."""

from __future__ import annotations

import socket
from collections.abc import Callable
from itertools import count

import numpy as np
from sqlalchemy import select

from backend.db.models import Call, Elder, Incident, Ticket
from backend.seed.duty import OnDuty, put_on_duty
from backend.seed.town import Seeded
from backend.services.unit_of_work import unit_of_work
from ivr.health import is_well
from ivr.settings import IvrSettings
from ops.processes import free_port
from tests.ivr.conftest import RunningLine
from tests.ivr.peers import until
from tests.ivr.registrar import Registrar
from tests.ivr.sip import ask_options, call_briefly

BELL = "076912345678"

LineOpener = Callable[..., RunningLine]


def seconds_of_speech(pcm: bytes) -> float:
    """How much of it is loud enough to be heard, in frames of 20 ms."""
    samples = np.frombuffer(pcm, "<i2")[: len(pcm) // 320 * 160].reshape(-1, 160)
    loud = np.sqrt((samples.astype(float) ** 2).mean(axis=1)) > 500
    return float(loud.sum()) * 0.02


def on_duty_and_bell(line: RunningLine, elder_id: int) -> None:
    """A nurse on duty, and a bell in 李奶奶's room."""
    with unit_of_work(line.sessions) as work:
        put_on_duty(work.session, work.now, [OnDuty("wechat", "duty-1", "周护士", "agent")])
        work.get(Elder, elder_id).bell_number = BELL


def test_an_afternoon_at_the_line(open_line: LineOpener, seeded: Seeded) -> None:
    """王芳 asks for a human, and none is free, while others ring and the line is told to end."""
    with Registrar("yinling", "secret") as registrar:
        line = open_line(registrar=registrar.address, user="yinling", password="secret")
        assert registrar.registered.wait(10)
        on_duty_and_bell(line, seeded.li_guilan)

        wang_fang = line.ring(seeded.wang_fang_phone, keys="0")
        wang_fang.wait_answered()
        options = ask_options(line.port)  # what a PBX asks to see if we are there
        assert options.startswith("SIP/2.0 200 OK")
        assert "PCMA/8000" in options
        short = [
            line.ring("+86" + BELL[1:], hang_up_after_s=0.5),
            line.ring("008613700137000", hang_up_after_s=0.5),  # nobody we know
            line.ring("anonymous", hang_up_after_s=0.5),
        ]
        for phone in short:
            phone.outcome()
        for _ in range(2):  # one call that reached us by two ways
            assert call_briefly(line.port, "13600136000", "twice@pbx") == 200

        line.told_to_end()
        line.wait_for("line_draining")
        tries = count()
        until(lambda: call_briefly(line.port, "13500135000", f"late-{next(tries)}@pbx") == 486)
        heard = wang_fang.outcome()["heard"]
        assert line.process.wait(60) == 0
        assert registrar.left.is_set()

    with line.sessions() as session:
        calls = {call.number: call for call in session.scalars(select(Call))}
        twice = session.scalars(select(Call.id).where(Call.number == "13600136000")).all()
        hers = calls[seeded.wang_fang_phone]
        turns = [(turn.keys, "".join(turn.said)) for turn in hers.turns]
        [incident] = session.scalars(select(Incident))
        [ticket] = session.scalars(select(Ticket))
    assert len(twice) == 1
    assert {BELL, "13700137000", None} < set(calls)
    assert all(call.ended_at is not None for call in calls.values())
    assert {call.called for call in calls.values()} == {"96993"}

    assert [keys for keys, _ in turns] == ["", "0"]
    assert turns[0][1].startswith("王芳")
    assert seconds_of_speech(heard) > 8  # all of it, and how it went on
    assert (hers.how_ended, hers.outcome) == ("us", "human")
    assert (ticket.id, ticket.kind) == (hers.ticket_id, "handover")
    assert ticket.account_id == hers.account_id
    assert ticket.elder_id is None  # she is the daughter of both

    # The bell hung up before it answered whether help was needed.
    assert (incident.elder_id, incident.channel) == (seeded.li_guilan, "voice")
    assert calls[BELL].incident_id == incident.id

    log = line.log.read_text("utf-8")
    for private in (seeded.wang_fang_phone, BELL, "13700137000", "secret"):
        assert private not in log


def test_whoever_sits_on_the_next_port_does_not_keep_the_line_from_starting(
    open_line: LineOpener,
) -> None:
    port = free_port()
    with socket.socket() as neighbour:  # 5061 is where a PBX on this machine listens for TLS
        neighbour.bind(("127.0.0.1", port + 1))
        neighbour.listen()
        open_line(sip_port=str(port))
        assert is_well(IvrSettings(listen_host="127.0.0.1", sip_port=port), 1.0)
