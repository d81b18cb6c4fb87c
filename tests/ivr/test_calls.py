"""People ring the line over real SIP and RTP."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta

import numpy as np
from sqlalchemy import select

from backend.db.models import Elder, Incident, Notice, Ticket
from backend.seed.duty import OnDuty, put_on_duty
from backend.seed.town import Seeded
from backend.services.unit_of_work import unit_of_work
from tests.ivr.conftest import RunningLine
from tests.ivr.registrar import Registrar
from tests.ivr.sip import call_briefly

LineOpener = Callable[..., RunningLine]


def seconds_of_speech(pcm: bytes) -> float:
    """How much of it is loud enough to be heard, in frames of 20 ms."""
    samples = np.frombuffer(pcm, "<i2")[: len(pcm) // 320 * 160].reshape(-1, 160)
    loud = np.sqrt((samples.astype(float) ** 2).mean(axis=1)) > 500
    return float(loud.sum()) * 0.02


def test_wang_fang_hears_it_all_twice_though_the_line_is_told_to_end_meanwhile(
    open_line: LineOpener, seeded: Seeded
) -> None:
    line = open_line()
    phone = line.ring(seeded.wang_fang_phone, keys="5#")
    phone.wait_answered()
    line.told_to_end()
    late = line.ring("13700137000")

    call = phone.outcome()
    assert 15 < call["seconds"] < 45
    assert seconds_of_speech(call["heard"]) > 12
    assert line.process.wait(20) == 0
    assert late.process.wait(20) != 0, "nobody is let in any more"

    with line.sessions() as session:
        ticket = session.scalars(select(Ticket)).one()
    assert ticket.kind == "call_back"
    assert ticket.due_at - ticket.opened_at <= timedelta(minutes=30)
    # 王芳 is the daughter of both: a human asks about whom she rings.
    assert ticket.elder_id is None
    for known in (seeded.wang_fang_phone, "李桂兰", "王建国"):
        assert known in ticket.summary
    finished = [event for event in line.events() if event["event"] == "call_finished"]
    assert [event["keys"] for event in finished] == [2]
    assert seeded.wang_fang_phone not in line.log.read_text("utf-8")


def test_an_afternoon_at_the_line(open_line: LineOpener, seeded: Seeded) -> None:
    with Registrar("yinling", "secret") as registrar:
        line = open_line(registrar=registrar.address, user="yinling", password="secret")
        assert registrar.registered.wait(10)
        with unit_of_work(line.sessions) as work:
            nurse_on_duty = [OnDuty("wechat", "duty-1", "周护士", "agent")]
            put_on_duty(work.session, work.now, nurse_on_duty)
            li = work.get(Elder, seeded.li_guilan)
            li.bell_number = "076912345678"

        phones = [
            line.ring("+8676912345678", hang_up_after_s=0.5),  # 李奶奶's bell, heard for a moment
            line.ring("008613700137000", hang_up_after_s=0.5),  # nobody we know
            line.ring("anonymous", hang_up_after_s=0.5),
        ]
        for phone in phones:
            phone.outcome()
        for _ in range(2):  # one call that reached us by two ways
            call_briefly(line.port, "13600136000", "twice@pbx")
        line.told_to_end()
        assert line.process.wait(20) == 0

    with line.sessions() as session:
        incident = session.scalars(select(Incident)).one()
        assert incident.elder_id == seeded.li_guilan
        assert incident.channel == "voice"
        assert incident.place["call_back"] == "076912345678"
        assert set(session.scalars(select(Notice.kind))) == {"incident", "ticket_opened"}
        tickets = session.scalars(select(Ticket).order_by(Ticket.summary)).all()
        assert [ticket.transcript["phone"] for ticket in tickets] == [
            "13600136000",
            "13700137000",
        ]


def test_options_is_answered_for_whatever_number_was_rung(open_line: LineOpener) -> None:
    line = open_line()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as switch:
        switch.bind(("127.0.0.1", 0))
        switch.settimeout(5)
        switch.sendto(
            "\r\n".join(
                [
                    "OPTIONS sip:96993@127.0.0.1 SIP/2.0",
                    f"Via: SIP/2.0/UDP 127.0.0.1:{switch.getsockname()[1]};branch=z9hG4bK7;rport",
                    "From: <sip:pbx@127.0.0.1>;tag=1",
                    "To: <sip:96993@127.0.0.1>",
                    "Call-ID: options-1",
                    "CSeq: 1 OPTIONS",
                    "Content-Length: 0",
                    "",
                    "",
                ]
            ).encode(),
            ("127.0.0.1", line.port),
        )
        answer = switch.recv(65535).decode()
    assert answer.startswith("SIP/2.0 200 OK")
    assert "PCMA/8000" in answer
    line.told_to_end()
    assert line.process.wait(20) == 0
