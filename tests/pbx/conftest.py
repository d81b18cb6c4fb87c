"""A PBX with telephones, and the line registered with it, as `yinling ivr` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.db.databases import Addresses, make_engine, make_sessions
from backend.db.models import Call
from ivr.ears import SHIPPED
from ops.processes import free_port, free_ports
from tests.conftest import NOW
from tests.docker.files import ROOT
from tests.ivr.peers import need
from tests.pbx import making
from tests.pbx.asterisk import LINE, Asterisk, password_of
from tests.pbx.waiting import eventually

CALLER = "13700137000"
NEIGHBOUR = "13600136000"
BELL = "076922345678"
AGENTS = ("8001", "8002")
START_S = 60.0
"""The line opens a voice and a model first, and proves run on busy machines."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--model", type=Path, help="listen with this model, not the shipped one")


class LineDidNotStart(RuntimeError):
    """No fault of the story that was to be told; the message is the line's log."""


@dataclass
class RunningLine:
    process: subprocess.Popen[bytes]
    sessions: sessionmaker[Session]
    log: Path

    def said(self) -> str:
        """Its log."""
        return self.log.read_text("utf-8")

    def calls(self) -> list[Call]:
        """Every call's record, oldest first, its turns loaded."""
        with self.sessions() as session:
            found = list(session.scalars(select(Call).order_by(Call.id)))
            for call in found:
                call.turns  # noqa: B018
            return found

    def last_call(self) -> Call:
        """The record of the last call, once it is complete."""
        eventually(lambda: all(one.ended_at is not None for one in self.calls()), self.said)
        return self.calls()[-1]


OpenLine = Callable[..., RunningLine]


@pytest.fixture(scope="session")
def pbx() -> Iterator[Asterisk]:
    need("baresip")
    if not making.is_made():
        pytest.skip("no PBX is made: make test-pbx")
    with Asterisk([CALLER, NEIGHBOUR, *AGENTS], [BELL]) as running:
        yield running


@pytest.fixture
def strict_pbx(pbx: Asterisk) -> Iterator[Asterisk]:
    """Another, which lets nobody hand on a call."""
    with Asterisk([CALLER, *AGENTS], transfers=False) as running:
        yield running


@pytest.fixture
def model(request: pytest.FixtureRequest) -> Path:
    given: Path | None = request.config.getoption("--model")
    found = given or SHIPPED
    if not found.is_dir():
        pytest.skip(f"no model to listen with in {found}: --model FOLDER names another")
    return found


@pytest.fixture
def open_line(
    pbx: Asterisk,
    model: Path,
    addresses: Addresses,
    own_database: Callable[[], str],
    tmp_path: Path,
) -> Iterator[OpenLine]:
    """Opens a line that is registered with the PBX, and answers its OPTIONS, when this returns;
    with `registered=False` it has only been started; `at` is another PBX. Rasa is away: what is
    said here needs none."""
    opened: list[subprocess.Popen[bytes]] = []
    url = own_database()
    engine = make_engine(url)

    def begin(registered: bool = True, at: Asterisk = pbx, **settings: str) -> RunningLine:
        voice = free_ports(120)
        given = {
            "listen_host": "127.0.0.1",
            "net_interface": "127.0.0.1",
            "sip_port": str(free_port()),
            "rtp_ports": f"{voice[0]}-{voice[-1]}",
            "registrar": at.address,
            "user": LINE,
            "password": password_of(LINE),
            "voice": "espeak",
            **settings,
        }
        eventually(lambda: at.state_of(LINE) != "Avail")  # the line before this one
        clock_file = tmp_path / "clock"
        clock.set_ahead(clock_file, NOW - datetime.now(UTC))  # in the morning people may be rung
        log = tmp_path / f"ivr-{len(opened)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "yinling", "ivr"],
                cwd=ROOT,
                env={
                    "PATH": os.environ["PATH"],
                    "DATABASE_URL": url,
                    "REDIS_URL": addresses.redis_url,
                    "YINLING_DATA_DIR": str(tmp_path),
                    "YINLING_VOSK_MODEL": str(model),
                    "YINLING_RASA_URL": f"http://127.0.0.1:{free_port()}",
                    "YINLING_CLOCK_FILE": str(clock_file),
                    **{f"YINLING_IVR_{name.upper()}": value for name, value in given.items()},
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        opened.append(process)
        line = RunningLine(process, make_sessions(engine), log)
        if registered:
            last = time.monotonic() + START_S
            while at.state_of(LINE) != "Avail":
                if process.poll() is not None or time.monotonic() > last:
                    raise LineDidNotStart(line.said())
                time.sleep(0.2)
        return line

    yield begin
    for process in opened:
        process.terminate()
    for process in opened:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    engine.dispose()
