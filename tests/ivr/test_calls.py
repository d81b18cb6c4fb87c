"""People ring the line over real SIP and RTP."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import timedelta

import numpy as np
from sqlalchemy import select

from backend.db.models import Elder, Incident, Notice, Ticket
from backend.seed.duty import OnDuty, put_on_duty
from backend.seed.town import Seeded
from backend.services.unit_of_work import unit_of_work
from ivr.health import is_well
from ivr.settings import IvrSettings
from ops.processes import free_port
from tests.ivr.conftest import RunningLine
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
    """王芳 hears everything twice, while others ring and the line is told to end."""
    with Registrar("yinling", "secret") as registrar:
        line = open_line(registrar=registrar.address, user="yinling", password="secret")
        assert registrar.registered.wait(10)
        on_duty_and_bell(line, seeded.li_guilan)

        wang_fang = line.ring(seeded.wang_fang_phone, keys="5#")
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
        time.sleep(0.3)  # the stack is told right after
        assert call_briefly(line.port, "13500135000", "late@pbx") == 486, "nobody is let in now"
        call = wang_fang.outcome()
        assert line.process.wait(20) == 0
        assert registrar.left.is_set()

    assert 15 < call["seconds"] < 45
    assert seconds_of_speech(call["heard"]) > 12
    finished = [event for event in line.events() if event["event"] == "call_finished"]
    assert [event["keys"] for event in finished] == [2]

    with line.sessions() as session:
        incident = session.scalars(select(Incident)).one()
        assert (incident.elder_id, incident.channel) == (seeded.li_guilan, "voice")
        assert incident.place["call_back"] == BELL
        assert set(session.scalars(select(Notice.kind))) == {"incident", "ticket_opened"}
        tickets = {t.transcript["phone"]: t for t in session.scalars(select(Ticket))}
    assert len(tickets) == 3
    assert set(tickets) == {seeded.wang_fang_phone, "13700137000", "13600136000"}
    hers = tickets[seeded.wang_fang_phone]
    assert hers.kind == "call_back"
    assert hers.due_at - hers.opened_at <= timedelta(minutes=30)
    # 王芳 is the daughter of both: a human asks about whom she rings.
    assert hers.elder_id is None
    for known in (seeded.wang_fang_phone, "李桂兰", "王建国"):
        assert known in hers.summary

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
